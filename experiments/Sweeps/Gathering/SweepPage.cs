using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Reporting.Charting;
using TorchAlign.Experiments.Sweeps.Planning;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Sweeps.Gathering;

/// <summary>
/// sweep.html: the table with its charts, which sweep.js draws from the data on the page as the reader chooses: results against a
/// setting with bands over the seeds, curves along the runs, a heat map over two settings; each point leads to its run's report.
/// </summary>
internal static class SweepPage
{
    private const int Colours = 7;

    /// <summary>Stands where a caption tells which runs the medians leave out.</summary>
    private const string LeftOutHere = "LEFT OUT";

    private const string Charts = $"""
        <h2>Results</h2>
        <p class="note">Median and 10–90 % over the runs that agree in what is chosen. A dot is a run and opens its
        report, or its summary where it has none.{LeftOutHere}</p>
        <form class="choices" id="curve-choices"></form>
        <figure class="chart"><div class="view" id="curve"></div></figure>
        <div id="course">
        <h2>Along the runs</h2>
        <p class="note">Median and 10–90 % over the runs of a group where at least half of them still run.{LeftOutHere}</p>
        <form class="choices" id="course-choices"></form>
        <figure class="chart"><div class="view" id="course-view"></div></figure>
        </div>
        <div id="two">
        <h2>Two settings</h2>
        <p class="note">The median in each cell; a click on a cell lists its runs below.{LeftOutHere}</p>
        <form class="choices" id="map-choices"></form>
        <figure class="chart"><div class="view" id="map"></div></figure>
        </div>
        <h2>Runs</h2>
        <p class="note" id="runs-note"></p>
        <div class="scroll runs" tabindex="0"><table id="runs"></table></div>
        <p><button type="button" id="runs-more" hidden></button></p>

        """;

    /// <param name="path">Of the page.</param>
    /// <param name="folder">Of the sweep.</param>
    /// <param name="plan">Of the sweep.</param>
    /// <param name="table">What its runs say.</param>
    /// <param name="assets">The scripts that draw the charts; null where there are none.</param>
    /// <exception cref="RecordingException">The disk refused; an earlier page stays.</exception>
    public static void Write(string path, SweepFolder folder, SweepPlan plan, SweepTable table, VegaAssets? assets)
    {
        var scripts = assets is null ? null : PageScripts.Inside(assets);
        var html = new StringBuilder();
        HtmlPage.Begin(html, plan.Name, Claim(plan, table), scripts);
        HtmlPage.Table(html, Settings(table));
        foreach (var state in (RunState[])[RunState.Failed, RunState.Diverged, RunState.Missed])
            if (Amiss(table, state) is { Rows.Count: > 0 } amiss) HtmlPage.Table(html, amiss);
        if (scripts is null)
            html.Append("<p class=\"note warning\">Vega was not found when this page was written. For its charts, "
                + $"{VegaAssets.Remedy}, and call <code>torchalign sweep gather</code>. <code>sweep.csv</code> has the numbers.</p>\n");
        else
            html.Append(Charts.Replace(LeftOutHere, LeftOut(table)));
        HtmlPage.Terms(html, Glossary.For(
            [Claim(plan, table), .. table.Results.Select(ColumnNames.Of), .. scripts is null ? (string[])[] : [Charts]]));
        html.Append("<footer>Written by TorchAlign. Beside this page: <code>sweep.csv</code> (one row a run), <code>study.yaml</code>, "
            + "<code>plan.json</code>, and <code>runs/</code>, a folder for each run.</footer>\n");
        if (scripts is not null)
        {
            var style = new JsonObject
            {
                ["config"] = VegaLite.Config(),
                ["hues"] = VegaLite.Array(Enumerable.Range(0, Colours).Select(Palette.Network)),
                ["paper"] = Palette.Paper,
                ["muted"] = Palette.Muted,
                ["tickLabel"] = VegaLite.TickLabel,
            }.ToJsonString();
            HtmlPage.Data(html, "style", style);
            HtmlPage.Data(html, "table", Data(folder, table).ToJsonString());
            HtmlPage.Data(html, "courses", RunCourses.Gather(folder, table).ToJsonString());
            HtmlPage.DarkColours(html, [style]);
            html.Append(scripts.Elements)
                .Append("<script>\n").Append(Resources.Read("numbers.js")).Append(Resources.Read("sweep.js")).Append("</script>\n");
        }
        AtomicFile.Write(path, html.Append("</body>\n</html>\n").ToString());
    }

    private static string Claim(SweepPlan plan, SweepTable table) =>
        $"{Numbers.Count(table.Rows.Count)} runs of {string.Join(' ', plan.Command)}: " + string.Join(", ", table.Rows
            .GroupBy(row => row.State).OrderByDescending(group => group.Key)
            .Select(group => $"{Numbers.Count(group.Count())} {SweepTable.StateName(group.Key)}")) + ".";

    /// <summary>Every option of the study with the values it takes.</summary>
    private static ReportTable Settings(SweepTable table) => new("Settings", [], [.. table.Settings.Select(name =>
    {
        string[] values = [.. table.Rows.Select(row => row.Run.Settings.GetValueOrDefault(name, "–")).Distinct()];
        return (string[])[name, values.Length > 12 ? $"{string.Join(", ", values.Take(3))}, … {values[^1]} ({values.Length} values)"
            : string.Join(", ", values)];
    })]);

    /// <summary>A sentence on the runs that are whole and in no median; empty where there are none.</summary>
    private static string LeftOut(SweepTable table)
    {
        string[] kinds = [.. new[] { (RunState.Diverged, "diverged"), (RunState.Missed, "missed what it was to show"),
                (RunState.Crossed, "crossed the direction and did not find it") }
            .Select(kind => (Count: table.Rows.Count(row => row.State == kind.Item1), What: kind.Item2))
            .Where(kind => kind.Count > 0)
            .Select(kind => $"{Numbers.Count(kind.Count)} {(kind.Count == 1 ? "run" : "runs")} {kind.What}")];
        return kinds.Length == 0 ? "" : $" {string.Join(" and ", kinds)}; no median here has them.";
    }

    private static ReportTable Amiss(SweepTable table, RunState state) => new(state.ToString(), ["run", "settings", "cause"],
        [.. table.Rows.Where(row => row.State == state).Select(row => (string[])[
            row.Run.Hash, string.Join(' ', row.Run.Settings.Select(setting => $"{setting.Key} {setting.Value}")), row.Cause ?? "–"])]);

    /// <summary>The runs that are done, column by column.</summary>
    private static JsonObject Data(SweepFolder folder, SweepTable table)
    {
        SweepRow[] done = [.. table.Rows.Where(row => row.State == RunState.Done)];
        var settings = new JsonObject();
        foreach (var name in table.Settings) settings[name] = VegaLite.Array(done.Select(row => table.Setting(row, name)));
        var results = new JsonObject();
        foreach (var name in table.Results)
            if (done.All(row => !row.Results.TryGetValue(name, out var value) || value.GetValueKind() == JsonValueKind.Number))
                results[table.ResultColumn(name)] = VegaLite.Array(done.Select(row =>
                    row.Results.TryGetValue(name, out var value) ? (JsonNode)VegaLite.Round(value.GetValue<double>()) : null));
        return new JsonObject
        {
            ["settings"] = settings,
            ["results"] = results,
            ["names"] = new JsonObject(results.Concat(RunCourses.Columns.Select(name => KeyValuePair.Create(name, (JsonNode?)null)))
                .DistinctBy(column => column.Key)
                .Select(column => KeyValuePair.Create(column.Key, (JsonNode?)ColumnNames.Of(column.Key)))),
            ["telling"] = VegaLite.Array(results.Select(column => column.Key).Where(name => ColumnNames.Rank(name) is not null)
                .OrderBy(ColumnNames.Rank)),
            ["folders"] = VegaLite.Array(done.Select(row => "runs/" + row.Run.Hash)),
            ["reports"] = VegaLite.Array(done.Select(row =>
                (JsonNode)File.Exists(Path.Combine(folder.RunFolder(row.Run), RunFolder.ReportFile)))),
        };
    }
}
