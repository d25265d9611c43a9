using System.Globalization;
using System.Text.Json.Nodes;
using TorchAlign.Experiments.Sweeps;
using TorchAlign.Tests.Reporting;
using static TorchAlign.Tests.Reporting.PageInNode;

namespace TorchAlign.Tests.Sweeps;

/// <summary>sweep.html, its script run in node on the page's own data.</summary>
public sealed class SweepPageTests : IDisposable
{
    private static readonly string[] Depths = ["1,4", "2", "2,3,4"];
    private static readonly string[] Scales = ["0.01", "0.1", "1"];
    private const int Seeds = 6;

    private readonly SweepSamples _sweep = new();

    public void Dispose() => _sweep.Dispose();

    [FactThatNeeds(Need.Node)]
    public void A_list_is_a_category_and_a_number_a_number()
    {
        Fill();
        var shown = Show(_sweep.Page(), Choose("curve-choices", "against", "depth"), Choose("curve-choices", "against", "scale"));
        var byDepth = X(shown[1]);
        Assert.Equal("nominal", (string)byDepth["type"]!);
        Assert.Equal(Depths, Texts(byDepth["sort"]!));
        Assert.Equal(Depths, Texts(Values(shown[1], "curve", 0), "x").Distinct().Order());
        var byScale = X(shown[2]);
        Assert.Equal(("quantitative", "log"), ((string)byScale["type"]!, (string)byScale["scale"]!["type"]!));
        Assert.Equal([0.01, 0.1, 1], Numbers(Values(shown[2], "curve", 0), "x").Distinct().Order());
        // A choice of the courses and of the groups too.
        Assert.Equal(Depths, Texts(Choice(shown[0], "course-choices", "depth")["options"]!));
        Assert.Equal(["0.01", "0.1", "1"], Texts(Choice(shown[0], "course-choices", "scale")["options"]!));
    }

    /// <summary>Rounded as results are, seeds of nine digits would be one.</summary>
    [FactThatNeeds(Need.Node)]
    public void Settings_keep_all_their_digits()
    {
        foreach (var seed in (int[])[123456781, 123456782]) _sweep.Add(new Dictionary<string, string> { ["seed"] = $"{seed}" }, seed % 10);
        var shown = Show(_sweep.Page())[0];
        Assert.Equal([123456781, 123456782], Numbers(Values(shown, "curve", 0), "x"));
    }

    [FactThatNeeds(Need.Node)]
    public void Bands_are_the_quantiles_of_the_runs_that_agree_in_what_is_chosen()
    {
        Fill();
        var shown = Show(_sweep.Page(), Choose("curve-choices", "against", "scale"), Choose("curve-choices", "by", "depth"),
            Choose("curve-choices", "by", "(none)"))[2..];
        var bands = Values(shown[0], "curve", 0);
        Assert.Equal(Depths.Length * Scales.Length, bands.Count);
        foreach (var band in bands)
        {
            var depth = (string)band!["group"]!;
            var scale = Array.FindIndex(Scales, text => Parse(text) == (double)band["x"]!);
            Check(band, [.. Enumerable.Range(1, Seeds).Select(seed => Value(Array.IndexOf(Depths, depth), scale, seed))]);
        }
        Assert.Equal(Depths.Length * Scales.Length * Seeds, Values(shown[0], "curve", 1).Count);
        Assert.All(Values(shown[0], "curve", 1), dot => Assert.EndsWith("/summary.json", (string)dot!["href"]!));

        var all = Values(shown[1], "curve", 0);
        Assert.Equal(Scales.Length, all.Count);
        for (var scale = 0; scale < Scales.Length; scale++)
            Check(all[scale]!, [.. Depths.SelectMany((_, depth) => Enumerable.Range(1, Seeds).Select(seed => Value(depth, scale, seed)))]);

        static void Check(JsonNode band, double[] values)
        {
            Assert.Equal(values.Length, (int)band["n"]!);
            foreach (var (name, share) in ((string, double)[])[("low", 0.1), ("mid", 0.5), ("high", 0.9)])
                Assert.Equal(1, (double)band[name]! / Quantile(values, share), 1e-6);
        }
    }

    [FactThatNeeds(Need.Node)]
    public void Seeds_are_dots_with_the_quantiles_of_their_group_across()
    {
        Fill();
        var shown = Show(_sweep.Page(), Choose("curve-choices", "against", "seed"), Choose("curve-choices", "by", "depth"))[2];
        var lines = Values(shown, "curve", 1);
        Assert.Equal(3 * Depths.Length, lines.Count);
        foreach (var line in lines.Where(line => (string)line!["what"]! == "median"))
        {
            var depth = Array.IndexOf(Depths, (string)line!["group"]!);
            double[] values = [.. Scales.SelectMany((_, scale) => Enumerable.Range(1, Seeds).Select(seed => Value(depth, scale, seed)))];
            Assert.Equal(1, (double)line["y"]! / Quantile(values, 0.5), 1e-6);
            Assert.False((bool)line["dashed"]!);
        }
    }

    [FactThatNeeds(Need.Node)]
    public void A_cell_of_the_map_is_a_median_and_lists_its_runs()
    {
        Fill();
        var page = _sweep.Page();
        JsonNode[] chosen = [Choose("map-choices", "across", "depth"), Choose("map-choices", "up", "scale")];
        var cells = Values(Show(page, chosen)[2], "map", null);
        Assert.Equal(Depths.Length * Scales.Length, cells.Count);
        foreach (var cell in cells)
        {
            var depth = Array.IndexOf(Depths, (string)cell!["x"]!);
            var scale = (int)Math.Round(2 + Math.Log10((double)cell["y"]!));
            double[] values = [.. Enumerable.Range(1, Seeds).Select(seed => Value(depth, scale, seed))];
            Assert.Equal(1, (double)cell["z"]! / Quantile(values, 0.5), 1e-6);
            Assert.Equal(1, Parse((string)cell["label"]!) / (double)cell["z"]!, 1e-3);
        }
        var one = cells.Single(cell => (string)cell!["x"]! == "2,3,4" && (double)cell["y"]! == 0.1)!;
        var listed = Show(page, [.. chosen.Select(node => node.DeepClone()), Click("map", one)])[3];
        Assert.Equal("6 runs, depth 2,3,4, scale 0.1", (string)listed["note"]!);
        Assert.Equal(["run", "depth", "scale", "seed", "1 − cos(w, ū)"], Texts(listed["head"]!));
        var expected = _sweep.Plan.Runs.Where(run => run.Settings["depth"] == "2,3,4" && run.Settings["scale"] == "0.1").ToArray();
        Assert.Equal(expected.Select(run => $"runs/{run.Hash}/summary.json"), Texts(listed["links"]!));
        Assert.All(((JsonArray)listed["rows"]!).Zip(expected), row => Assert.Equal(
            [row.Second.Hash, "2,3,4", "0.1", row.Second.Settings["seed"]], Texts(row.First!).Take(4)));
    }

    [FactThatNeeds(Need.Node)]
    public void Courses_are_those_of_the_settings_chosen()
    {
        Fill();
        // At first: depth 2 groups, scale 0.01 chosen.
        var shown = Show(_sweep.Page(), Choose("course-choices", "by", "depth"), Choose("course-choices", "scale", "1"));
        var labels = (JsonArray)shown[2]["choices"]!["course-choices"]!;
        Assert.Equal(["column", "by", "depth", "scale"], labels.Select(label => (string)label!["label"]!));
        // What groups is not chosen as well.
        Assert.Equal([false, false, true, false], labels.Select(label => (bool)label!["hidden"]!));
        var bands = Values(shown[2], "course-view", 0);
        Assert.Equal(Depths, Texts(bands, "group").Distinct());
        foreach (var band in bands)
        {
            var depth = Array.IndexOf(Depths, (string)band!["group"]!);
            // Every course of a group is a line through the origin, and quantiles of lines are lines.
            double[] slopes = [.. Enumerable.Range(1, Seeds).Select(seed => Value(depth, 2, seed))];
            Assert.Equal(1, (double)band["mid"]! / ((double)band["x"]! * Quantile(slopes, 0.5)), 1e-6);
            Assert.Equal(1, (double)band["high"]! / ((double)band["x"]! * Quantile(slopes, 0.9)), 1e-6);
        }
    }

    [FactThatNeeds(Need.Node)]
    public void What_diverged_or_missed_is_told_and_in_no_median()
    {
        Fill();
        foreach (var result in (string[])["non-finite", "step-too-small", "non-finite", "not-all-as-predicted", "crossed"])
            _sweep.Add(Settings(Depths[0], Scales[0], 100 + _sweep.Plan.Runs.Count), 1e9, result, [(0, 0), (1, 1e9), (4, 1e9)]);
        var html = File.ReadAllText(_sweep.Page());
        Assert.Contains("54 done, 3 diverged, 1 crossed, 1 missed.", html);
        Assert.Equal(3, html.Split("3 runs diverged and 1 run missed what it was to show and 1 run "
            + "crossed the direction and did not find it; no median here has them.").Length - 1);
        Assert.Contains("<h2>Diverged</h2>", html);
        Assert.Contains("It ended as step-too-small.", html);
        var shown = Show(_sweep.Page())[0];
        foreach (var (chart, points) in ((string, int)[])[("curve", Depths.Length * Scales.Length), ("course-view", 41 * Scales.Length)])
        {
            Assert.Equal(points, Values(shown, chart, 0).Count);
            Assert.All(Values(shown, chart, 0), band => Assert.True((double)band!["high"]! < 1e6));
        }
        Assert.Equal(54, ((JsonArray)shown["rows"]!).Count);
    }

    [FactThatNeeds(Need.Node)]
    public void A_page_without_a_run_that_is_done_shows_no_chart_and_no_error()
    {
        _sweep.Add(Settings("2", "1", 1), 1, "non-finite");
        _sweep.Add(Settings("2", "1", 2), 2, "non-finite");
        var shown = Show(_sweep.Page())[0];
        Assert.Empty((JsonObject)shown["drawn"]!);
        Assert.Equal("0 runs, all of them", (string)shown["note"]!);
        Assert.True((bool)shown["hidden"]!["course"]!);
    }

    [FactThatNeeds(Need.Node)]
    public void Charts_are_drawn_again_in_dark_colours()
    {
        Fill();
        var shown = Show(_sweep.Page(), Dark(true));
        Assert.Equal(["course-view", "curve", "map"], ((JsonObject)shown[1]["drawn"]!).Select(chart => chart.Key).Order());
        var first = (string)Specification(shown[0], "curve")["layer"]![0]!["encoding"]!["color"]!["scale"]!["range"]![0]!;
        var turned = (string)Specification(shown[1], "curve")["layer"]![0]!["encoding"]!["color"]!["scale"]!["range"]![0]!;
        Assert.Equal(Experiments.Reporting.Charting.Palette.OnDark(first), turned);
    }

    [FactThatNeeds(Need.Node)]
    public void Every_run_can_be_reached_and_leads_to_its_report_or_where_there_is_none_to_its_summary()
    {
        const int runs = 1203;
        for (var seed = 1; seed <= runs; seed++)
            _sweep.Add(new Dictionary<string, string> { ["seed"] = $"{seed}" }, seed == 2 ? 3.25e-17 : seed);
        _sweep.Write(_sweep.Plan.Runs[0], "report.html", "");
        var shown = Show(_sweep.Page(), Press("runs-more"), Press("runs-more"));
        Assert.Equal(["Show 500 more of 703", "Show 203 more of 203", null], shown.Select(state => (string?)state["more"]));
        Assert.Equal([500, 1000, runs], shown.Select(state => ((JsonArray)state["rows"]!).Count));
        Assert.Equal([$"runs/{_sweep.Plan.Runs[0].Hash}/report.html", $"runs/{_sweep.Plan.Runs[1].Hash}/summary.json"],
            Texts(shown[0]["links"]!).Take(2));
        Assert.Equal(["1", "3.25·10⁻¹⁷", "3"], ((JsonArray)shown[0]["rows"]!).Take(3).Select(row => Texts(row!).Last()));
    }

    /// <summary>What all runs were asked for is equal in all of them, and effort is no result.</summary>
    [FactThatNeeds(Need.Node)]
    public void The_page_opens_on_a_result_that_differs_between_the_runs()
    {
        foreach (var seed in Enumerable.Range(1, 4))
        {
            var run = _sweep.Add(new Dictionary<string, string> { ["seed"] = $"{seed}" }, 1);
            _sweep.Write(run, "summary.json", new JsonObject
            {
                ["networks"] = new JsonArray(new JsonObject
                {
                    ["evaluations"] = 100 * seed * seed,
                    ["oneMinusCosine"] = 1e-9 - 1e-11 * seed,
                    ["angleTimesNorm"] = 1 + 0.01 * seed,
                    ["log10Risk"] = -Math.Pow(10, seed),
                    ["result"] = "found",
                }),
            }.ToJsonString());
        }
        var shown = Show(_sweep.Page())[0];
        Assert.Equal("log10_risk", (string)Choice(shown, "curve-choices", "result")["value"]!);
        Assert.Equal(["gradient evaluations", "1 − cos(w, ū)", "sin(w, ū) · ‖w‖", "log₁₀ R"], Texts(shown["head"]!).Skip(2));
    }

    /// <summary>A start that is its own end leaves a table whose clock never goes on.</summary>
    [FactThatNeeds(Need.Node)]
    public void A_run_without_a_course_costs_no_other_its_page()
    {
        foreach (var (clock, scale) in ((double, string)[])[(0, "1"), (double.NaN, "0.1")])
            _sweep.Add(Settings("2", scale, 1), 1, course: [(0, 1), (clock, 1), (clock, 1)]);
        _sweep.Write(_sweep.Add(Settings("1", "1", 1), 1), "trajectory.csv", "");
        _sweep.Add(Settings("1", "0.1", 1), 2, course: [(0, 0), (1, 2), (8, 16)]);
        var shown = Show(_sweep.Page())[0];
        Assert.Equal(41, Values(shown, "course-view", 0).Count);
        Assert.All(Values(shown, "course-view", 0), point => Assert.Equal(2, (double)point!["mid"]! / (double)point["x"]!, 1e-5));
    }

    private void Fill()
    {
        for (var depth = 0; depth < Depths.Length; depth++)
            for (var scale = 0; scale < Scales.Length; scale++)
                for (var seed = 1; seed <= Seeds; seed++)
                {
                    var slope = Value(depth, scale, seed);
                    _sweep.Add(Settings(Depths[depth], Scales[scale], seed), slope,
                        course: [(0, 0), (1, slope), (5, 5 * slope), (10, 10 * slope)]);
                }
    }

    /// <summary>The result of a run: nothing that a sum of its settings would give.</summary>
    private static double Value(int depth, int scale, int seed) => (depth + 1) * Math.Pow(3, scale) + seed * seed / 7.0;

    private static Dictionary<string, string> Settings(string depth, string scale, int seed) =>
        new() { ["depth"] = depth, ["scale"] = scale, ["seed"] = $"{seed}" };

    /// <summary>Linear between the two values next to it.</summary>
    private static double Quantile(double[] values, double share)
    {
        double[] sorted = [.. values.Order()];
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        return below == sorted.Length - 1 ? sorted[^1] : sorted[below] * (1 - place + below) + sorted[below + 1] * (place - below);
    }

    private static double Parse(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static JsonNode Specification(JsonNode state, string chart) => state["drawn"]![chart]!["spec"]!;

    private static JsonNode X(JsonNode state) => Specification(state, "curve")["layer"]![0]!["encoding"]!["x"]!;

    private static JsonNode Choice(JsonNode state, string form, string label) =>
        ((JsonArray)state["choices"]![form]!).Single(choice => (string)choice!["label"]! == label)!;

    /// <summary>The data of a chart, or of one of its layers.</summary>
    private static JsonArray Values(JsonNode state, string chart, int? layer) =>
        (JsonArray)(layer is { } k ? Specification(state, chart)["layer"]![k]! : Specification(state, chart))["data"]!["values"]!;

    private static IEnumerable<string> Texts(JsonNode list) => ((JsonArray)list).Select(item => item!.ToString());

    private static IEnumerable<string> Texts(JsonArray rows, string field) => rows.Select(row => row![field]!.ToString());

    private static IEnumerable<double> Numbers(JsonArray rows, string field) => rows.Select(row => (double)row![field]!);
}
