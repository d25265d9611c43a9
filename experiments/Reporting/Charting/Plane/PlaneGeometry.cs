using System.Text.Json.Nodes;

namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>The lines of the plane: margin band and separating line, rings, the arrow of u_bar.</summary>
internal static class PlaneGeometry
{
    private const double Aside = 0.055;

    /// <summary>|&lt;u_bar, x&gt;| &lt;= gamma as a band, and &lt;u_bar, x&gt; = 0.</summary>
    public static IEnumerable<JsonObject> Margin(ReferenceReport reference, double extent, JsonObject place)
    {
        var (u, v) = (reference.Direction[0], reference.Direction[1]);
        // Long enough to leave the plot in any direction; the marks are clipped.
        var far = 2 * extent;
        (double X, double Y) At(double along, double across) => (along * u - across * v, along * v + across * u);
        var gamma = reference.Gamma;
        yield return Path([At(gamma, far), At(gamma, -far), At(-gamma, -far), At(-gamma, far)], place,
            new JsonObject
            {
                ["type"] = "line",
                ["interpolate"] = "linear-closed",
                ["filled"] = true,
                ["color"] = Palette.Band,
                ["clip"] = true,
            });
        foreach (var side in (double[])[gamma, -gamma])
            yield return Path([At(side, far), At(side, -far)], place, Stroke(Palette.Muted, 1, 5, 4));
        yield return Path([At(0, far), At(0, -far)], place, Stroke(Palette.Ink, 1.4));
    }

    /// <summary>Circles at powers of ten of ||w_prod||, labelled beside the separating line, where data are scarce.</summary>
    public static IEnumerable<JsonObject> Rings(Radius radius, ReferenceReport reference, JsonObject place)
    {
        var labels = new JsonArray();
        var rings = radius.Rings().ToArray();
        var names = Ticks.Labels(rings);
        for (var i = 0; i < rings.Length; i++)
        {
            var r = radius[rings[i]];
            yield return Path(
                [.. Enumerable.Range(0, 121).Select(k => (r * Math.Cos(k * Math.PI / 60), r * Math.Sin(k * Math.PI / 60)))],
                place, Stroke(Palette.Faint, 0.8));
            labels.Add(new JsonObject
            {
                ["x"] = VegaLite.Round(r * reference.Direction[1] + Aside * reference.Direction[0]),
                ["y"] = VegaLite.Round(-r * reference.Direction[0] + Aside * reference.Direction[1]),
                ["label"] = names[i],
            });
        }
        yield return VegaLite.Layer(labels, Text(Palette.Muted, 10), Labelled(place));
    }

    /// <summary>u_bar from the origin to the unit circle.</summary>
    public static IEnumerable<JsonObject> Arrow(ReferenceReport reference, JsonObject place)
    {
        var (u, v) = (reference.Direction[0], reference.Direction[1]);
        yield return Path([(0, 0), (u, v)], place, Stroke(Palette.Ink, 1.6));
        yield return VegaLite.Layer(
            new JsonArray(new JsonObject { ["x"] = u, ["y"] = v }),
            new JsonObject
            {
                ["type"] = "point",
                ["shape"] = "triangle",
                ["filled"] = true,
                ["size"] = 90,
                ["opacity"] = 1,
                ["color"] = Palette.Ink,
                ["angle"] = VegaLite.Round(90 - Math.Atan2(v, u) * 180 / Math.PI),
            },
            (JsonObject)place.DeepClone());
        yield return VegaLite.Layer(
            new JsonArray(new JsonObject { ["x"] = 1.07 * u, ["y"] = 1.07 * v, ["label"] = "ū" }),
            Text(Palette.Ink, 14), Labelled(place));
    }

    public static JsonObject Stroke(string color, double width, params int[] dash) => new()
    {
        ["type"] = "line",
        ["color"] = color,
        ["strokeWidth"] = width,
        ["strokeDash"] = VegaLite.Array(dash.Length == 0 ? Palette.Solid : dash),
        ["clip"] = true,
    };

    private static JsonObject Path(IReadOnlyList<(double X, double Y)> points, JsonObject place, JsonObject mark)
    {
        var rows = points.Select((p, i) => (JsonNode)new JsonObject
        {
            ["x"] = VegaLite.Round(p.X),
            ["y"] = VegaLite.Round(p.Y),
            ["order"] = i,
        });
        var encoding = (JsonObject)place.DeepClone();
        encoding["order"] = new JsonObject { ["field"] = "order", ["type"] = "quantitative" };
        return VegaLite.Layer(VegaLite.Array(rows), mark, encoding);
    }

    private static JsonObject Text(string color, int size) =>
        new() { ["type"] = "text", ["color"] = color, ["fontSize"] = size, ["baseline"] = "middle" };

    private static JsonObject Labelled(JsonObject place)
    {
        var encoding = (JsonObject)place.DeepClone();
        encoding["text"] = new JsonObject { ["field"] = "label", ["type"] = "nominal" };
        return encoding;
    }
}
