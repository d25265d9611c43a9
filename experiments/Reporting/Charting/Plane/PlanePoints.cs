using System.Text.Json.Nodes;

namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>The data of the plane: shape and filling tell the classes, so that colour is left to the networks.</summary>
internal static class PlanePoints
{
    public static IEnumerable<JsonObject> Draw(DataReport data, ReferenceReport reference, JsonObject place)
    {
        var support = reference.SupportVectors.ToHashSet();
        var rings = new JsonArray([.. Enumerable.Range(0, data.X.Count).Where(support.Contains).Select(i => Row(data, i, support))]);
        yield return VegaLite.Layer(
            rings,
            new JsonObject
            {
                ["type"] = "point",
                ["shape"] = "circle",
                ["filled"] = false,
                ["size"] = 210,
                ["strokeWidth"] = 1.4,
                ["opacity"] = 1,
                ["color"] = Palette.Ink,
            },
            (JsonObject)place.DeepClone());

        var encoding = (JsonObject)place.DeepClone();
        var classes = VegaLite.Array([data.Positive, data.Negative]);
        encoding["shape"] = new JsonObject
        {
            ["field"] = "class",
            ["type"] = "nominal",
            ["scale"] = new JsonObject { ["domain"] = classes, ["range"] = new JsonArray("circle", "square") },
            ["legend"] = new JsonObject { ["title"] = "class", ["symbolSize"] = 60, ["clipHeight"] = 16 },
        };
        encoding["fill"] = new JsonObject
        {
            ["field"] = "class",
            ["type"] = "nominal",
            ["scale"] = new JsonObject
            {
                ["domain"] = classes.DeepClone(),
                ["range"] = new JsonArray(Palette.Muted, Palette.Paper),
            },
            ["legend"] = new JsonObject { ["title"] = "class", ["symbolSize"] = 60, ["clipHeight"] = 16 },
        };
        encoding["tooltip"] = new JsonArray(
            VegaLite.Tooltip("row", "row"),
            VegaLite.Tooltip("class", "class", "nominal"),
            VegaLite.Tooltip("x", "x₁"),
            VegaLite.Tooltip("y", "x₂"),
            VegaLite.Tooltip("support", "support vector", "nominal"));
        yield return VegaLite.Layer(
            new JsonArray([.. Enumerable.Range(0, data.X.Count).Select(i => Row(data, i, support))]),
            new JsonObject { ["type"] = "point", ["size"] = 46, ["strokeWidth"] = 1.1, ["opacity"] = 1, ["stroke"] = Palette.Muted },
            encoding);
    }

    private static JsonNode Row(DataReport data, int i, HashSet<int> support) => new JsonObject
    {
        ["x"] = VegaLite.Round(data.X[i][0]),
        ["y"] = VegaLite.Round(data.X[i][1]),
        ["class"] = data.Y[i] > 0 ? data.Positive : data.Negative,
        ["row"] = i,
        ["support"] = support.Contains(i) ? "yes" : "no",
    };
}
