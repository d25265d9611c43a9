using System.Globalization;
using System.Text.Json.Nodes;

namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>A group of counts: one bar a bin.</summary>
public sealed record CountSeries(string Label, string Color, IReadOnlyList<int> Counts);

/// <summary>Bars side by side, for counts over a few bins that all groups share.</summary>
public static class Histogram
{
    /// <summary>Counts of the whole numbers 0 .. <paramref name="largest"/>.</summary>
    /// <param name="groups">Numbers under their label.</param>
    /// <inheritdoc cref="Of"/>
    public static Chart OfWhole(
        string name, string title, string caption, string binTitle, int largest, ILookup<string, int> groups)
    {
        int[] bins = [.. Enumerable.Range(0, largest + 1)];
        return Of(name, title, caption, binTitle, [.. bins.Select(bin => bin.ToString(CultureInfo.InvariantCulture))],
            Counted(bins, groups));
    }

    /// <summary>Counts of positive numbers over four bins a decade, each named by the number from which on it counts.</summary>
    /// <inheritdoc cref="OfWhole"/>
    public static Chart OfDecades(
        string name, string title, string caption, string binTitle, ILookup<string, long> groups)
    {
        static int Bin(long value) => (int)Math.Floor(4 * Math.Log10(Math.Max(1, value)));
        var places = groups.SelectMany(group => group, (group, value) => (group.Key, Bin: Bin(value)))
            .ToLookup(pair => pair.Key, pair => pair.Bin);
        int[] all = [.. places.SelectMany(group => group)];
        int[] bins = [.. Enumerable.Range(all.Min(), all.Max() - all.Min() + 1)];
        return Of(name, title, caption, $"{binTitle}, from",
            [.. bins.Select(bin => Numbers.Short(Math.Round(Math.Pow(10, bin / 4.0), bin < 8 ? 1 : 0)))], Counted(bins, places));
    }

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

    private static CountSeries[] Counted(int[] bins, ILookup<string, int> groups) =>
        [.. groups.Select((group, i) => new CountSeries(group.Key, Palette.Network(i),
            [.. bins.Select(bin => group.Count(value => value == bin))]))];
}
