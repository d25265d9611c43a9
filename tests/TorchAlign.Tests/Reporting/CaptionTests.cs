using TorchAlign.Alignment;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Reporting.Charting;

namespace TorchAlign.Tests.Reporting;

/// <summary>Captions say what was drawn.</summary>
public class CaptionTests
{
    [Fact]
    public void What_ends_at_its_limit_is_told_so_and_what_does_not_is_not()
    {
        Assert.Contains("ends within 0.5 % of it", Across(2, 2.01));
        Assert.Contains("at the end 3·10⁷ times as much (L = 2)", Across(2, 6e7));
        Assert.DoesNotContain("integrator", Across(2, 6e7));
        Assert.Contains("No limit is predicted", Across(double.NaN, 2));
        Assert.Contains("at the end what no double holds", Across(2, double.PositiveInfinity));

        static string Across(double limit, double last) =>
            DirectionCharts.AcrossCaption([MaxMarginSamples.Network([At(o => o with { AngleTimesNorm = last })])], limit);
    }

    [Fact]
    public void Dashes_are_explained_where_there_are_some()
    {
        var networks = ReportSamples.Model(120, 30).Networks;
        var along = Abscissa.OfRisk(networks);
        Assert.Contains("Dashed", DirectionCharts.Error(networks, along, SyntheticRun.Residual)!.Caption);
        Assert.DoesNotContain("Dashed", DirectionCharts.Error(networks, along, double.NaN)!.Caption);
        Assert.DoesNotContain("Dashed", DirectionCharts.Error(networks, along, 1e300)!.Caption);
    }

    /// <summary>From 1e-13 to 1e-8 as the norm grows to 1e7: shares of margins that are known to 2^-53 times the norm.</summary>
    [Fact]
    public void A_climb_of_the_dual_weights_is_rounding_or_is_not()
    {
        Assert.Equal("", MarginCharts.Climb(Weights((1, 1), (1e-3, 1e3), (2e-3, 1e4))));
        Assert.Contains("from 10⁻¹³ to 10⁻⁸ at the end. That is rounding", MarginCharts.Climb(Weights((1, 1), (1e-13, 1e3), (1e-8, 1e7))));
        Assert.Contains("by more than rounding explains", MarginCharts.Climb(Weights((1, 1), (1e-13, 10), (1e-3, 100))));
        Assert.Equal("", MarginCharts.Climb(Weights((double.NaN, 1))));

        static NetworkReport Weights(params (double Distance, double Norm)[] points) => MaxMarginSamples.Network(
            [.. points.Select(p => At(o => o with { DualWeightDistance = p.Distance, ProductNorm = p.Norm }))]);
    }

    [Fact]
    public void Margins_are_negative_until_the_data_are_separated_or_throughout()
    {
        var along = new Abscissa(new Axis("x"), new Axis("x"), o => o.Step);
        Assert.EndsWith("(dashed).", Caption(0.1, 0.2));
        Assert.EndsWith("until the data are separated.", Caption(-0.1, 0.2));
        Assert.EndsWith("the data are not separated.", Caption(-0.2, -0.1));

        string Caption(params double[] margins)
        {
            var points = margins.Select((m, i) => At(o => o with { Step = i, DirectionMargin = m, NormalizedMargin = m }));
            return MarginCharts.Margins([MaxMarginSamples.Network([.. points])], along, double.NaN)!.Caption;
        }
    }

    [Fact]
    public void Data_that_are_not_separable_have_no_direction_to_be_held_against()
    {
        var model = ReportSamples.Model(60, 20);
        var page = MaxMarginPage.From(model with
        {
            Reference = null,
            Networks = [.. model.Networks.Select(n => n with
            {
                Observations = [.. n.Observations.Select(o => o with { OneMinusCosine = double.NaN, AngleTimesNorm = double.NaN })],
            })],
        });
        Assert.Equal("the data are not separable, so there is no maximum-margin direction.",
            page.Charts.Single(chart => chart.Name == "direction-error").NotDrawn);
        Assert.DoesNotContain(page.Tables[0].Columns, head => head.Contains("cos"));
        Assert.All(page.Tables[0].Rows, row => Assert.Equal(page.Tables[0].Columns.Count, row.Count));
    }

    private static Observation At(Func<Observation, Observation> with) => with(MaxMarginSamples.Observation);
}
