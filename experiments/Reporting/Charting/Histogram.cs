using System.Text.Json.Nodes;

namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>A group of counts: one bar a bin.</summary>
public sealed record CountSeries(string Label, string Color, IReadOnlyList<int> Counts);

/// <summary>Bars side by side, for counts over a few bins that all groups share.</summary>
public static class Histogram
{
    /// <param name="name">Of its files, without extension.</param>
    /// <param name="title">Of the chart.</param>
    /// <param name="caption">A sentence on what to look for.</param>
    /// <param name="binTitle">What the bins are.</param>
    /// <param name="bins">Their labels, in order.</param>
    /// <param name="series">A count for each bin in each.</param>
    public static Chart Of(
        string name, string title, string caption, string binTitle, IReadOnlyList<string> bins, IReadOnlyList<CountSeries> series)
    {
        var labels = VegaLite.Array(series.Select(s => s.Label));
        var values = VegaLite.Array(series.SelectMany(s => bins.Zip(s.Counts, (bin, count) => (JsonNode)new JsonObject
        {
            ["bin"] = bin,
            ["series"] = s.Label,
            ["count"] = count,
        })));
        var encoding = new JsonObject
        {
            ["x"] = new JsonObject
            {
                ["field"] = "bin",
                ["type"] = "ordinal",
                ["sort"] = VegaLite.Array(bins),
                ["axis"] = new JsonObject { ["title"] = binTitle, ["labelAngle"] = 0, ["labelOverlap"] = true },
            },
            ["xOffset"] = new JsonObject { ["field"] = "series", ["sort"] = labels.DeepClone() },
            ["y"] = new JsonObject
            {
                ["field"] = "count",
                ["type"] = "quantitative",
                ["axis"] = new JsonObject { ["title"] = "runs", ["tickMinStep"] = 1 },
            },
            ["color"] = new JsonObject
            {
                ["field"] = "series",
                ["type"] = "nominal",
                ["scale"] = new JsonObject { ["domain"] = labels, ["range"] = VegaLite.Array(series.Select(s => s.Color)) },
                ["legend"] = new JsonObject { ["title"] = null, ["symbolType"] = "square" },
            },
            ["tooltip"] = new JsonArray(
                VegaLite.Tooltip("series", "runs of", "nominal"), VegaLite.Tooltip("bin", binTitle, "nominal"),
                VegaLite.Tooltip("count", "runs")),
        };
        return new Chart(name, title, caption, VegaLite.Layered(title, Charts.Width, Charts.Height,
            [VegaLite.Layer(values, new JsonObject { ["type"] = "bar" }, encoding)]));
    }
}
