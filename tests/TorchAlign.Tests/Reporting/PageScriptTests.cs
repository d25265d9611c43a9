using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Tests.Recording;

namespace TorchAlign.Tests.Reporting;

/// <summary>page.js, run on a report: every chart of the page is drawn, in the reader's colours.</summary>
public sealed class PageScriptTests : IDisposable
{
    private static readonly ReportModel Model = ReportSamples.Model(120, 30);
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [FactThatNeeds(Need.Node)]
    public void Every_chart_is_drawn_as_it_stands_but_for_its_heading_and_its_frame()
    {
        var (charts, shown) = Show();
        Assert.Equal(charts.Select(chart => chart.Name).Order(), shown.Select(figure => figure.Key).Order());
        foreach (var chart in charts)
        {
            var (own, drawn) = ((JsonObject)chart.Spec.DeepClone(), (JsonObject)shown[chart.Name]!["spec"]!);
            Assert.Equal(chart.Stretches ? "container" : own["width"]?.ToString(), drawn["width"]?.ToString());
            Assert.Equal(chart.Stretches ? "fit-x" : "pad", (string)drawn["autosize"]!["type"]!);
            own.Remove("title");
            own["config"]!["background"] = null;
            foreach (var part in (string[])["width", "autosize"])
            {
                own.Remove(part);
                drawn.Remove(part);
            }
            Assert.True(JsonNode.DeepEquals(own, JsonNode.Parse(drawn.ToJsonString())), chart.Name);
        }
    }

    [FactThatNeeds(Need.Node)]
    public void A_dark_page_has_the_colours_of_its_own_and_a_light_one_gets_its_own_back()
    {
        var states = Written(out var charts, PageInNode.Dark(true), PageInNode.Dark(false));
        var (light, dark, again) = (Drawn(states[0]), Drawn(states[1]), Drawn(states[2]));
        Assert.Equal(light.ToJsonString(), again.ToJsonString());
        foreach (var chart in charts)
        {
            Assert.Equal(("light", "dark"), ((string)light[chart.Name]!["tooltip"]!, (string)dark[chart.Name]!["tooltip"]!));
            Assert.Equal(Colours(light[chart.Name]!).Select(Experiments.Reporting.Charting.Palette.OnDark), Colours(dark[chart.Name]!));
        }
    }

    private (IReadOnlyList<Experiments.Reporting.Charting.Chart> Charts, JsonObject Drawn) Show()
    {
        var states = Written(out var charts);
        return (charts, Drawn(states[0]));
    }

    private JsonNode[] Written(out IReadOnlyList<Experiments.Reporting.Charting.Chart> charts, params JsonNode[] actions)
    {
        var page = MaxMarginPage.From(Model);
        charts = [.. page.Charts.Where(chart => chart.NotDrawn is null)];
        return PageInNode.Show(Report.Write(_folder.Path, page, PageInNode.NoVega(_folder.Path)).Page, actions);
    }

    private static JsonObject Drawn(JsonNode state) => (JsonObject)state["drawn"]!;

    private static IEnumerable<string> Colours(JsonNode drawn) =>
        Regex.Matches(drawn["spec"]!.ToJsonString(), "#[0-9a-f]{6}").Select(match => match.Value);
}
