using System.Globalization;
using System.Text.Json.Nodes;

namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>A group of counts: one bar a bin.</summary>
public sealed record CountSeries(string Label, string Color, IReadOnlyList<int> Counts);

/// <summary>Bars side by side, for counts over a few bins that all groups share.</summary>
public static class Histogram
{
    private const int BinsInADecade = 4;

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

    /// <summary>Counts of positive numbers over four bins a decade, on a logarithmic axis; the groups share each bin's width.</summary>
    /// <inheritdoc cref="OfWhole"/>
    public static Chart OfDecades(
        string name, string title, string caption, string binTitle, ILookup<string, long> groups)
    {
        static int Bin(long value) => (int)Math.Floor(BinsInADecade * Math.Log10(Math.Max(1, value)) + 1e-9);
        static double From(double bin) => Math.Pow(10, bin / BinsInADecade);
        int[] all = [.. groups.SelectMany(group => group.Select(Bin))];
        int[] bins = [.. Enumerable.Range(all.Min(), all.Max() - all.Min() + 1)];
        var values = VegaLite.Array(groups.SelectMany((group, i) => bins.Select(bin => (JsonNode)new JsonObject
        {
            ["series"] = group.Key,
            ["x"] = VegaLite.Round(From(bin + (i + 0.06) / groups.Count)),
            ["x2"] = VegaLite.Round(From(bin + (i + 0.94) / groups.Count)),
            ["base"] = 0,
            ["count"] = group.Count(value => Bin(value) == bin),
            ["bin"] = $"{Numbers.Short(Math.Ceiling(From(bin)))} to {Numbers.Short(Math.Ceiling(From(bin + 1)) - 1)}",
        })));
        var axis = new Axis(binTitle, ScaleKind.Log) { Tight = true };
        var encoding = new JsonObject
        {
            ["x"] = axis.Encode("x", From(bins[0]), From(bins[^1] + 1)),
            ["x2"] = new JsonObject { ["field"] = "x2" },
            ["y"] = Counts(),
            ["y2"] = new JsonObject { ["field"] = "base" },
            ["color"] = Colours([.. groups.Select((group, i) => new CountSeries(group.Key, Palette.Network(i), []))]),
            ["tooltip"] = Tooltip(binTitle),
        };
        return new Chart(name, title, caption, VegaLite.Layered(title, Charts.Width, Charts.Height,
            [VegaLite.Layer(values, new JsonObject { ["type"] = "rect" }, encoding)]));
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
            ["xOffset"] = new JsonObject { ["field"] = "series", ["sort"] = VegaLite.Array(series.Select(s => s.Label)) },
            ["y"] = Counts(),
            ["color"] = Colours(series),
            ["tooltip"] = Tooltip(binTitle),
        };
        return new Chart(name, title, caption, VegaLite.Layered(title, Charts.Width, Charts.Height,
            [VegaLite.Layer(values, new JsonObject { ["type"] = "bar" }, encoding)]));
    }

    private static JsonObject Counts() => new()
    {
        ["field"] = "count",
        ["type"] = "quantitative",
        ["axis"] = new JsonObject { ["title"] = "runs", ["tickMinStep"] = 1 },
    };

    private static JsonObject Colours(IReadOnlyList<CountSeries> series) => new()
    {
        ["field"] = "series",
        ["type"] = "nominal",
        ["scale"] = new JsonObject
        {
            ["domain"] = VegaLite.Array(series.Select(s => s.Label)),
            ["range"] = VegaLite.Array(series.Select(s => s.Color)),
        },
        ["legend"] = new JsonObject { ["title"] = null, ["symbolType"] = "square" },
    };

    private static JsonArray Tooltip(string binTitle) => new(
        VegaLite.Tooltip("series", "runs of", "nominal"), VegaLite.Tooltip("bin", binTitle, "nominal"), VegaLite.Tooltip("count", "runs"));

    private static CountSeries[] Counted(int[] bins, ILookup<string, int> groups) =>
        [.. groups.Select((group, i) => new CountSeries(group.Key, Palette.Network(i),
            [.. bins.Select(bin => group.Count(value => value == bin))]))];
}
