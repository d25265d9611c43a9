using TorchAlign.Alignment;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Reporting.Charting;

namespace TorchAlign.Tests.Reporting;

/// <summary>The page of descent: against steps, with step sizes, and without the words of the flow.</summary>
public class DescentPageTests
{
    private static readonly MethodReport Descent =
        new() { IsDescent = true, Text = "gradient descent, constant step η = 0.5", Loss = "logistic" };

    [Fact]
    public void Curves_run_along_the_steps()
    {
        var page = MaxMarginPage.From(ReportSamples.Model(120, 30) with { Method = Descent });
        var drawn = page.Charts.Where(chart => chart.NotDrawn is null && chart.Name != "plane").ToArray();
        Assert.Contains(drawn, chart => chart.Name == "risk");
        Assert.Contains(drawn, chart => chart.Name == "step-size");
        Assert.DoesNotContain(drawn, chart => chart.Name == "risk-time");
        Assert.All(drawn, chart =>
        {
            var x = chart.Spec["layer"]!.AsArray().Select(layer => layer!["encoding"]?["x"]).First(x => x is not null)!;
            Assert.Equal(("step", "log"), ((string)x["axis"]!["title"]!, (string)x["scale"]!["type"]!));
            Assert.DoesNotContain("integrator", chart.Caption);
        });
        Assert.Equal([("method", Descent.Text), ("loss", Descent.Loss)], page.Facts.Take(2));
    }

    [Fact]
    public void Step_sizes_are_the_time_between_two_points_over_the_steps()
    {
        Func<Observation, double> steps = o => o.Step;
        Assert.Equal(Math.Log10(0.25), FlowCharts.Log10Step(At(0, 0), At(1, 0.25), steps), 1e-14);
        Assert.Equal(Math.Log10(0.5), FlowCharts.Log10Step(At(10, 4), At(30, 14), steps), 1e-13);
        // Of a step that no double holds.
        var huge = At(3, 1) with { LogTime = 5000 };
        Assert.Equal(5000 / Math.Log(10), FlowCharts.Log10Step(At(2, 1), huge, steps), 1e-11);
    }

    [Fact]
    public void A_fast_forward_counts_its_steps_by_the_clock()
    {
        var along = Abscissa.OfSteps(forward: true);
        Assert.Equal(1e30, along.Of(At(12, 5) with { Clock = 1e30 }));
        Assert.Equal(12, Abscissa.OfSteps(forward: false).Of(At(12, 5) with { Clock = 1e30 }));
    }

    [Fact]
    public void The_caption_counts_how_often_the_risk_rose()
    {
        double[][] risks = [[0, -1, -2], [0, -1, -0.5, -2], [0, 1, 0, 1]];
        string[] said = ["It never rose", "It rose once", "It rose 2 times"];
        foreach (var (logs, words) in risks.Zip(said))
        {
            var network = Network([.. logs.Select((log, i) => At(i + 1, i + 1) with { LogRisk = log })]);
            Assert.Contains(words, FlowCharts.Risk([network], Abscissa.OfSteps(false))!.Caption);
        }
    }

    /// <summary>A run whose risks are no doubles is drawn in their powers of ten.</summary>
    [Fact]
    public void Risks_that_no_double_holds_have_an_axis()
    {
        var network = Network([At(1, 1) with { LogRisk = -1 }, At(2, 2) with { LogRisk = -1e6 }, At(3, 3) with { LogRisk = -1e100 }]);
        var chart = FlowCharts.Risk([network], Abscissa.OfSteps(false))!;
        Assert.Null(chart.NotDrawn);
        Assert.Contains("−log₁₀ of the risk R", (string)chart.Spec["layer"]![0]!["encoding"]!["y"]!["axis"]!["title"]!);
    }

    private static NetworkReport Network(IReadOnlyList<Observation> observations) =>
        MaxMarginSamples.Network(observations);

    private static Observation At(long step, double time) => MaxMarginSamples.Observation with { Step = step, LogTime = Math.Log(time) };
}
