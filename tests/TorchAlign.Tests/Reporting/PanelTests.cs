using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Reporting.Charting;
using TorchAlign.Tests.Recording;
using static TorchAlign.Tests.Reporting.PageInNode;

namespace TorchAlign.Tests.Reporting;

/// <summary>Curves that would lie over each other have a panel each, so many side by side as the page is wide.</summary>
public sealed class PanelTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_name_has_a_panel_with_its_own_curves()
    {
        var spec = Ten().Spec;
        Assert.Equal(Enumerable.Range(1, 10).Select(k => $"W{k}"), spec["facet"]!["sort"]!.AsArray().Select(name => (string)name!));
        var rows = spec["data"]!["values"]!.AsArray();
        Assert.Equal(10 * 2 * 3, rows.Count);
        Assert.All(rows, row => Assert.Equal((string)row!["panel"]!, $"W{(int)(double)row["y"]!}"));
        Assert.DoesNotContain(spec["spec"]!["layer"]!.AsArray(), layer => layer!["data"] is not null);
    }

    [FactThatNeeds(Need.Node)]
    public void A_narrow_page_has_fewer_side_by_side()
    {
        var page = new ReportPage { Title = "t", Claim = "c", Tables = [], Charts = [Ten()] };
        var shown = Show(Report.Write(_folder.Path, page, NoVega(_folder.Path)).Page, Width(1100), Width(362), Width(100));
        Assert.Equal([4, 5, 1, 1], shown.Select(state => (int)state["drawn"]!["panels"]!["spec"]!["columns"]!));
    }

    [FactThatNeeds(Need.Charts)]
    public void Node_draws_them()
    {
        var page = new ReportPage { Title = "t", Claim = "c", Tables = [], Charts = [Ten()] };
        var files = Report.Write(_folder.Path, page, VegaAssets.Find());
        Assert.Empty(files.Warnings);
        var svg = File.ReadAllText(Assert.Single(files.Pictures));
        Assert.All(Enumerable.Range(1, 10), k => Assert.Contains($">W{k}<", svg));
        Assert.DoesNotContain("NaN", svg);
    }

    /// <summary>Ten layers of a network lie over each other in one picture; three do not.</summary>
    [Theory]
    [InlineData(4, false)]
    [InlineData(10, true)]
    public void Many_layers_have_a_panel_each(int depth, bool panels)
    {
        var observations = Enumerable.Range(1, 3).Select(step => Samples.Observation(depth, 2) with { Step = step });
        var network = MaxMarginSamples.Network([.. observations]) with { Shape = TorchAlign.Networks.NetworkShape.Uniform(2, depth, 3) };
        var chart = FlowCharts.LayerNorms([network], Abscissa.OfSteps(forward: false))!;
        Assert.Equal(panels, chart.Spec["facet"] is not null);
        if (panels) Assert.Equal(depth, chart.Spec["facet"]!["sort"]!.AsArray().Count);
    }

    private static Chart Ten() => Charts.Line(new LinePlot
    {
        Name = "panels",
        Title = "t",
        Caption = "c",
        X = new Axis("x"),
        Y = new Axis("y"),
        Series = from k in Enumerable.Range(1, 10)
                 from network in (string[])["a", "b"]
                 select new Series(network, Palette.Ink, [new(0, k, 0), new(1, k, 1), new(2, k, 2)]) { Panel = $"W{k}" },
    })!;
}
