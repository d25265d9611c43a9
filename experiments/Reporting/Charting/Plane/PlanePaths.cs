using System.Text.Json.Nodes;

namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>The paths of w_prod in the plane, a dot where each begins.</summary>
internal static class PlanePaths
{
    /// <summary>In units of the plot, whose radius is 1: finer than a pixel.</summary>
    private const double Resolution = 0.002;

    public static IEnumerable<JsonObject> Draw(IReadOnlyList<NetworkReport> networks, Radius radius, JsonObject place)
    {
        var paths = networks.Select(n => (n.Label, Points: Path(n, radius))).ToList();
        var color = Channel(networks, networks.Select((_, i) => (JsonNode)Palette.Network(i)));
        var lines = (JsonObject)place.DeepClone();
        lines["color"] = color;
        lines["strokeWidth"] = Channel(networks, networks.Select((_, i) => (JsonNode)(0.6 + Palette.Width(i, networks.Count))));
        lines["order"] = new JsonObject { ["field"] = "step", ["type"] = "quantitative" };
        yield return VegaLite.Layer(
            VegaLite.Array(paths.SelectMany(p => p.Points)),
            new JsonObject { ["type"] = "line", ["clip"] = true }, lines);

        var starts = (JsonObject)place.DeepClone();
        starts["color"] = color.DeepClone();
        yield return VegaLite.Layer(
            VegaLite.Array(paths.Where(p => p.Points.Count > 0).Select(p => p.Points[0].DeepClone())),
            new JsonObject { ["type"] = "point", ["filled"] = true, ["size"] = 55, ["opacity"] = 1 }, starts);

        var hover = (JsonObject)place.DeepClone();
        hover["tooltip"] = new JsonArray(
            VegaLite.Tooltip("series", "network", "nominal"),
            VegaLite.Tooltip("norm", "‖w‖"),
            VegaLite.Tooltip("decades", "−log₁₀ of the risk R"),
            VegaLite.Tooltip("step", "step"));
        var layer = VegaLite.Layer(
            VegaLite.Array(paths.SelectMany(p => p.Points.Select(n => n.DeepClone()))),
            new JsonObject { ["type"] = "point", ["filled"] = true, ["size"] = 60, ["opacity"] = 0 }, hover);
        layer["name"] = VegaLite.Unique(VegaLite.Hover, PlaneChart.Name);
        yield return layer;
    }

    private static JsonObject Channel(IReadOnlyList<NetworkReport> networks, IEnumerable<JsonNode> range) => new()
    {
        ["field"] = "series",
        ["type"] = "nominal",
        ["sort"] = VegaLite.Array(networks.Select(n => n.Label)),
        ["scale"] = new JsonObject
        {
            ["type"] = "ordinal",
            ["domain"] = VegaLite.Array(networks.Select(n => n.Label)),
            ["range"] = VegaLite.Array(range),
        },
        ["legend"] = new JsonObject { ["title"] = "path of w", ["symbolType"] = "stroke", ["clipHeight"] = 16 },
    };

    private static List<JsonNode> Path(NetworkReport network, Radius radius)
    {
        var seen = network.Observations.Where(o => o.ProductNorm > 0 && double.IsFinite(o.ProductNorm))
            .DistinctBy(o => o.Step).ToDictionary(o => o.Step);
        var path = seen.Values.OrderBy(o => o.Step).Select(o =>
        {
            var scale = radius[o.ProductNorm] / o.ProductNorm;
            return new Sample(scale * o.Product[0], scale * o.Product[1], o.Step);
        });
        return [.. Thinning.Thin([.. path], Resolution).Select(p => new JsonObject
        {
            ["series"] = network.Label,
            ["x"] = VegaLite.Round(p.X),
            ["y"] = VegaLite.Round(p.Y),
            ["step"] = p.Step,
            ["norm"] = VegaLite.Round(seen[p.Step].ProductNorm),
            ["decades"] = VegaLite.Round(-seen[p.Step].Log10Risk),
        })];
    }
}
