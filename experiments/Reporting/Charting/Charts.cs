using System.Text.Json.Nodes;

namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>The charts that figures are put together from.</summary>
public static class Charts
{
    public const int Width = 460;
    public const int Height = 280;

    /// <summary>The size of one of several panels, so that a page of the usual width has five of them side by side.</summary>
    private const int PanelWidth = 186;
    private const int PanelHeight = 140;

    /// <summary>The same of one or two, which share half a page.</summary>
    private const int LargeWidth = 206;
    private const int LargeHeight = 190;

    private const int PanelColumns = 5;

    /// <summary>Points of a curve: one or two for each pixel.</summary>
    private const int Samples = 400;
    private const int PanelSamples = 160;

    /// <summary>
    /// Curves with a legend, tooltips, and reference lines, in panels where the series name some; a word why not where the axes leave
    /// nothing to show, and null where there is no curve in the first place.
    /// </summary>
    public static Chart? Line(LinePlot plot)
    {
        List<Series> given = [.. plot.Series];
        var series = given.Select(s => s with { Samples = Visible(s, plot) }).Where(s => s.Samples.Count() > 1).ToList();
        if (given.Count == 0) return plot.Without is { } reason ? Chart.Absent(plot.Name, plot.Title, reason) : null;
        if (series.Count == 0) return Chart.Absent(plot.Name, plot.Title, WhyNot(plot, [.. given.SelectMany(s => s.Samples)]));
        var rules = plot.Rules.Where(r => plot.Y.Shows(r.Y)).ToList();
        var all = series.SelectMany(s => s.Samples).ToList();
        string[] panels = [.. series.Select(s => s.Panel).OfType<string>().Distinct()];
        // A panel has no room for what the title says behind its colon.
        if (panels.Length > 0) plot = plot with { X = plot.X with { Title = plot.X.Quantity } };
        var x = plot.X.Encode("x", all.Min(s => s.X), all.Max(s => s.X));
        var heights = all.Select(s => s.Y).Concat(rules.Select(r => r.Y)).ToList();
        var y = plot.Y.Encode("y", heights.Min(), heights.Max());
        var curves = Curves(plot, series, x, y);
        if (panels.Length > 0) return Panels(plot, panels, [.. RuleLayers(rules, y), curves]);
        return new Chart(plot.Name, plot.Title, plot.Caption,
            VegaLite.Layered(plot.Title, Width, Height, [.. RuleLayers(rules, y), curves]));
    }

    /// <summary>One panel for each name, on common axes; a page that is narrow has fewer side by side.</summary>
    private static Chart Panels(LinePlot plot, string[] panels, List<JsonObject> layers)
    {
        var values = layers[^1]["data"]!.DeepClone();
        layers[^1].Remove("data");
        var names = VegaLite.Array(panels);
        var columns = Math.Min(PanelColumns, panels.Length);
        var (width, height) = panels.Length > 2 ? (PanelWidth, PanelHeight) : (LargeWidth, LargeHeight);
        var spec = new JsonObject
        {
            ["$schema"] = VegaLite.Schema,
            ["title"] = plot.Title,
            ["data"] = values,
            ["facet"] = new JsonObject
            {
                ["field"] = "panel",
                ["type"] = "nominal",
                ["sort"] = names,
                ["header"] = new JsonObject
                {
                    ["title"] = null,
                    ["labelFontSize"] = 12,
                    ["labelFontWeight"] = 600,
                    ["labelColor"] = Palette.Ink,
                },
            },
            ["columns"] = columns,
            // A column that is shorter than the others would have no axis below it.
            ["resolve"] = new JsonObject { ["axis"] = new JsonObject { ["x"] = panels.Length % columns == 0 ? "shared" : "independent" } },
            ["spacing"] = 18,
            ["spec"] = new JsonObject { ["width"] = width, ["height"] = height, ["layer"] = VegaLite.Array(layers) },
            ["config"] = VegaLite.Config(),
        };
        return new Chart(plot.Name, plot.Title, plot.Caption, spec) { Stretches = false, IsWide = panels.Length > 2 };
    }

    /// <summary>What keeps the axes from showing any curve.</summary>
    private static string WhyNot(LinePlot plot, IReadOnlyList<Sample> samples)
    {
        if (samples.Count == 0) return "nothing was observed.";
        if (!samples.Any(s => double.IsFinite(s.Y))) return $"{plot.Y.Quantity} has no finite value.";
        var shown = samples.Where(s => plot.Y.Shows(s.Y)).ToList();
        if (shown.Count == 0)
            return plot.Y.Floor > double.NegativeInfinity
                ? $"{plot.Y.Quantity} is nowhere above {Numbers.Short(plot.Y.Floor)}."
                : $"{plot.Y.Quantity} is nowhere above 0, and its axis is logarithmic.";
        var placed = shown.Where(s => plot.X.Shows(s.X)).ToList();
        if (placed.Count > 0) return "no curve has two points.";
        return plot.X.Floor > double.NegativeInfinity && shown.Any(s => double.IsFinite(s.X))
            ? $"{plot.X.Quantity} stays below {Numbers.Short(plot.X.Floor)}."
            : $"{plot.X.Quantity} has no value that its axis shows.";
    }

    /// <summary>
    /// Charts side by side in columns, each column from top to bottom, as one picture; <paramref name="width"/> and
    /// <paramref name="height"/> set the size of those that stretch.
    /// </summary>
    public static Chart Panel(
        string name, string title, string caption, int width, int height, params IReadOnlyList<Chart>[] columns)
    {
        JsonObject Part(Chart chart)
        {
            var part = (JsonObject)chart.Spec.DeepClone();
            part.Remove("$schema");
            part.Remove("config");
            if (chart.Stretches) (part["width"], part["height"]) = (width, height);
            return part;
        }

        JsonObject Independent(string kind, IEnumerable<JsonObject> parts) => new()
        {
            [kind] = VegaLite.Array(parts),
            ["spacing"] = 28,
            ["resolve"] = new JsonObject
            {
                ["scale"] = new JsonObject(new[] { "color", "strokeDash", "strokeWidth", "shape", "fill" }
                    .Select(c => KeyValuePair.Create(c, (JsonNode?)"independent"))),
            },
        };

        var spec = Independent("hconcat", columns.Where(c => c.Count > 0).Select(c => Independent("vconcat", c.Select(Part))));
        spec["$schema"] = VegaLite.Schema;
        spec["config"] = VegaLite.Config();
        return new Chart(name, title, caption, spec) { Stretches = false };
    }

    private static IReadOnlyList<Sample> Visible(Series series, LinePlot plot) =>
        Thinning.Thin([.. series.Samples.Where(s => plot.X.Shows(s.X) && plot.Y.Shows(s.Y))], plot.X,
            series.Panel is null ? Samples : PanelSamples);

    private static JsonObject Curves(LinePlot plot, List<Series> series, JsonObject x, JsonObject y)
    {
        var rows = series.SelectMany(s => s.Samples.Select(p => (JsonNode)Row(s, p)));
        var named = series.DistinctBy(s => s.Label).ToList();
        var chosen = VegaLite.Unique("chosen_", plot.Name);
        var encoding = new JsonObject
        {
            ["x"] = x,
            ["y"] = y,
            ["color"] = Keyed(named, s => s.Color),
            ["opacity"] = new JsonObject
            {
                ["condition"] = new JsonObject { ["param"] = chosen, ["value"] = 1 },
                ["value"] = 0.12,
            },
        };
        if (series.Any(s => s.Path is not null)) encoding["detail"] = new JsonObject { ["field"] = "path", ["type"] = "nominal" };
        return new JsonObject
        {
            ["data"] = new JsonObject { ["values"] = VegaLite.Array(rows) },
            ["encoding"] = encoding,
            ["layer"] = new JsonArray(
                new JsonObject
                {
                    ["params"] = new JsonArray(new JsonObject
                    {
                        ["name"] = chosen,
                        ["select"] = new JsonObject { ["type"] = "point", ["fields"] = new JsonArray("series") },
                        ["bind"] = "legend",
                    }),
                    ["mark"] = new JsonObject { ["type"] = "line", ["clip"] = true },
                    ["encoding"] = new JsonObject
                    {
                        ["strokeDash"] = Keyed(named, s => VegaLite.Array(s.Dash)),
                        ["strokeWidth"] = Keyed(named, s => s.Width),
                    },
                },
                HoverLayer(plot)),
        };
    }

    private static JsonObject Row(Series series, Sample sample)
    {
        var row = new JsonObject
        {
            ["series"] = series.Label,
            ["x"] = VegaLite.Round(sample.X),
            ["y"] = VegaLite.Round(sample.Y),
            ["step"] = sample.Step,
        };
        if (series.Path is { } path) row["path"] = path;
        if (series.Panel is { } panel) row["panel"] = panel;
        return row;
    }

    /// <summary>Invisible points, easier to hit than a line.</summary>
    private static JsonObject HoverLayer(LinePlot plot) => new()
    {
        ["name"] = VegaLite.Unique(VegaLite.Hover, plot.Name),
        ["mark"] = new JsonObject { ["type"] = "point", ["filled"] = true, ["size"] = 90, ["clip"] = true },
        ["encoding"] = new JsonObject
        {
            ["opacity"] = new JsonObject { ["value"] = 0 },
            ["tooltip"] = VegaLite.Array((JsonObject?[])
            [
                VegaLite.Tooltip("series", "curve", "nominal"),
                VegaLite.Tooltip("x", plot.X.Quantity),
                VegaLite.Tooltip("y", plot.Y.Quantity),
                .. plot.X.Quantity == "step" ? (JsonObject?[])[] : [VegaLite.Tooltip("step", "step")],
            ]),
        },
    };

    /// <summary>A channel that tells the series apart; all of them together make one legend.</summary>
    private static JsonObject Keyed(List<Series> series, Func<Series, JsonNode> value) => new()
    {
        ["field"] = "series",
        ["type"] = "nominal",
        // In the order given: vega sorts names otherwise, and says so for widths.
        ["sort"] = VegaLite.Array(series.Select(s => s.Label)),
        ["scale"] = new JsonObject
        {
            ["type"] = "ordinal",
            ["domain"] = VegaLite.Array(series.Select(s => s.Label)),
            ["range"] = VegaLite.Array(series.Select(value)),
        },
        ["legend"] = new JsonObject
        {
            ["title"] = null,
            ["symbolType"] = "stroke",
            ["columns"] = LegendColumns(series),
        },
    };

    private static int LegendColumns(List<Series> series)
    {
        var entry = 44 + 6 * series.Max(s => s.Label.Length);
        var panels = series.Select(s => s.Panel).OfType<string>().Distinct().Count();
        return Math.Clamp(Math.Max(Width, Math.Min(panels, PanelColumns) * PanelWidth) / entry, 1, series.Count);
    }

    /// <summary>Dashed lines, their names above their right ends.</summary>
    private static IEnumerable<JsonObject> RuleLayers(List<Rule> rules, JsonObject y)
    {
        foreach (var rule in rules)
        {
            JsonArray Data() => new(new JsonObject { ["y"] = VegaLite.Round(rule.Y), ["label"] = rule.Label });
            yield return VegaLite.Layer(Data(),
                new JsonObject
                {
                    ["type"] = "rule",
                    ["strokeDash"] = VegaLite.Array(Palette.Predicted),
                    ["strokeWidth"] = 1.2,
                    ["color"] = rule.Color,
                },
                new JsonObject { ["y"] = y.DeepClone() });
            yield return VegaLite.Layer(Data(),
                new JsonObject
                {
                    ["type"] = "text",
                    ["align"] = "right",
                    ["baseline"] = rule.Below ? "top" : "bottom",
                    ["dy"] = rule.Below ? 5 : -4,
                    ["dx"] = -4,
                    ["x"] = "width",
                    ["fontSize"] = 11,
                    ["color"] = rule.Color,
                },
                new JsonObject
                {
                    ["y"] = y.DeepClone(),
                    ["text"] = new JsonObject { ["field"] = "label", ["type"] = "nominal" },
                });
        }
    }
}
