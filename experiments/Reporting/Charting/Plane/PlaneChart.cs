using System.Text.Json.Nodes;

namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>
/// Planar data with the maximum-margin line, and the path of w_prod of each network. Norms range over many decades, so a
/// path is drawn with its true direction and a logarithmic radius, for which grey rings are the scale.
/// </summary>
public static class PlaneChart
{
    public const string Name = "plane";
    private const string Title = "Path of the product of all layers in the plane";
    private const int Size = 460;
    private const double Extent = 1.12;

    /// <summary>Null unless the data are planar and there is a maximum margin.</summary>
    public static Chart? Draw(ReportModel model)
    {
        if (model is not { Data: { } data, Reference: { } reference } || data.X.Count == 0 || data.X[0].Length != 2) return null;
        var x = Direction("x", data.Features.Count == 2 ? $"{data.Features[0]} (scaled)" : "x₁");
        var y = Direction("y", data.Features.Count == 2 ? $"{data.Features[1]} (scaled)" : "x₂");
        var place = (JsonObject)new JsonObject { ["x"] = x, ["y"] = y };
        var radius = Radius.Over(model.Networks);
        List<JsonObject> layers =
        [
            .. PlaneGeometry.Margin(reference, Extent, place),
            .. PlaneGeometry.Rings(radius, reference, place),
            .. PlanePoints.Draw(data, reference, place),
            .. PlaneGeometry.Arrow(reference, place),
            .. PlanePaths.Draw(model.Networks, radius, place),
        ];
        var spec = VegaLite.Layered(Title, Size, Size, layers);
        spec["title"] = new JsonObject
        {
            ["text"] = Title,
            ["subtitle"] = "w = product of all layers: true direction, logarithmic length (rings: ‖w‖)",
        };
        return new Chart(Name, Title,
            "Data with support vectors ringed, the maximum-margin line (solid) and its margin (band), the direction ū (arrow) "
            + "and the path of w = w_prod, the product of all layers: true direction, logarithmic length (grey rings: ‖w‖).", spec)
        {
            Stretches = false,
        };
    }

    private static JsonObject Direction(string field, string title) => new()
    {
        ["field"] = field,
        ["type"] = "quantitative",
        ["scale"] = new JsonObject { ["domain"] = new JsonArray(-Extent, Extent), ["nice"] = false },
        ["axis"] = new JsonObject
        {
            ["title"] = title,
            ["grid"] = false,
            ["values"] = new JsonArray(-1, -0.5, 0, 0.5, 1),
        },
    };
}

/// <summary>rho = ||w_prod|| to a radius in [0.1, 0.93], linear in log rho.</summary>
internal sealed record Radius(double Least, double Greatest)
{
    /// <summary>Smaller norms are drawn at the centre: a start at 1e-8 would take the plot from what follows.</summary>
    private const double Smallest = 1e-2;

    public static Radius Over(IReadOnlyList<NetworkReport> networks)
    {
        var norms = networks.SelectMany(n => n.Observations).Select(o => o.ProductNorm)
            .Where(r => double.IsFinite(r) && r > 0).DefaultIfEmpty(1).ToList();
        var least = Math.Max(norms.Min(), Smallest);
        return new Radius(least, Math.Max(norms.Max(), 10 * least));
    }

    public double this[double norm] =>
        norm <= Least ? 0.1 * norm / Least : 0.1 + 0.83 * Math.Log(norm / Least) / Math.Log(Greatest / Least);

    public IEnumerable<double> Rings() => Ticks.Decades(Least, Greatest, 4).Where(r => r > Least && r < Greatest);
}
