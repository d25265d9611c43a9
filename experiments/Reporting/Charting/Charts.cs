using System.Text.Json.Nodes;

namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>The charts that figures are put together from.</summary>
public static class Charts
{
    public const int Width = 460;
    public const int Height = 280;

    /// <summary>Curves with a legend, tooltips, and reference lines; null where the axes leave nothing to show.</summary>
    public static Chart? Line(LinePlot plot)
    {
        var series = plot.Series.Select(s => s with { Samples = Visible(s, plot) }).Where(s => s.Samples.Count() > 1).ToList();
        if (series.Count == 0) return null;
        var rules = plot.Rules.Where(r => plot.Y.Shows(r.Y)).ToList();
        var all = series.SelectMany(s => s.Samples).ToList();
        var x = plot.X.Encode("x", all.Min(s => s.X), all.Max(s => s.X));
        var heights = all.Select(s => s.Y).Concat(rules.Select(r => r.Y)).ToList();
        var y = plot.Y.Encode("y", heights.Min(), heights.Max());
        List<JsonObject> layers = [.. RuleLayers(rules, y), Curves(plot, series, x, y)];
        return new Chart(plot.Name, plot.Title, plot.Caption, VegaLite.Layered(plot.Title, Width, Height, layers));
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
        Thinning.Thin([.. series.Samples.Where(s => plot.X.Shows(s.X) && plot.Y.Shows(s.Y))], plot.X);

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
            ["tooltip"] = new JsonArray(
                VegaLite.Tooltip("series", "curve", "nominal"),
                VegaLite.Tooltip("x", plot.X.Quantity),
                VegaLite.Tooltip("y", plot.Y.Quantity),
                VegaLite.Tooltip("step", "step")),
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
        return Math.Clamp(Width / entry, 1, series.Count);
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
