namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>[JT, Theorem 1]: each layer becomes rank one and aligns with the next.</summary>
public static class AlignmentCharts
{
    /// <summary>The floor of 1 - a, where a is known to a few units of the last place.</summary>
    private const double Cancelled = 1e-15;

    /// <summary>The floor of r^2/2, r the residual of a matrix of norm 1, of which steps leave more than rounding.</summary>
    private const double Squared = 1e-28;

    private const string ByShape = "every layer has a single row or column, and is rank one by its shape.";
    private const string NoNeighbour = "a single layer has no neighbour to align with.";

    public static Chart? SpectralRatio(IReadOnlyList<NetworkReport> networks, Abscissa along) => Charts.Line(new LinePlot
    {
        Name = "spectral-ratio",
        Title = "Spectral ratio of each layer",
        Caption = "Spectral ratio ‖Wₖ‖₂ / ‖Wₖ‖_F of each layer; 1 is rank one."
                  + (networks.Any(AnyByShape) ? " Layers with a single row or column are rank one by shape and left out." : ""),
        X = along.Whole,
        Y = new Axis("spectral ratio of Wₖ"),
        Series = Layers(networks, along, (o, k) => o.SpectralRatios[k]),
        Without = ByShape,
    });

    public static Chart? SpectralGap(IReadOnlyList<NetworkReport> networks, Abscissa along) => Charts.Line(new LinePlot
    {
        Name = "spectral-ratio-gap",
        Title = "Distance of each layer from rank one",
        Caption = "One minus the spectral ratio, as half the square of the rank-one residual ‖Wₖ/‖Wₖ‖_F − uₖvₖᵀ‖_F.",
        X = along.Whole,
        Y = new Axis("1 − spectral ratio of Wₖ", ScaleKind.Log) { Floor = Squared },
        // ||A - u v^T||_F^2 = 2 (1 - ||A||_2) for ||A||_F = 1: no cancellation.
        Series = Layers(networks, along, (o, k) => o.RankOneResiduals[k] * o.RankOneResiduals[k] / 2),
        Without = ByShape,
    });

    public static Chart? Adjacent(IReadOnlyList<NetworkReport> networks, Abscissa along) => Charts.Line(new LinePlot
    {
        Name = "alignment",
        Title = "Alignment of adjacent layers",
        Caption = "Overlap of the first left singular vector uₖ of a layer with the first right one vₖ₊₁ of the next.",
        X = along.Whole,
        Y = new Axis("|⟨vₖ₊₁, uₖ⟩|"),
        Series = Pairs(networks, along, a => a),
        Without = NoNeighbour,
    });

    public static Chart? AdjacentGap(IReadOnlyList<NetworkReport> networks, Abscissa along) => Charts.Line(new LinePlot
    {
        Name = "alignment-gap",
        Title = "Distance of adjacent layers from alignment",
        Caption = "One minus the overlap; what rounding leaves, below 10⁻¹⁵, is not drawn.",
        X = along.Whole,
        Y = new Axis("1 − |⟨vₖ₊₁, uₖ⟩|", ScaleKind.Log) { Floor = Cancelled },
        Series = Pairs(networks, along, a => 1 - a),
        Without = NoNeighbour,
    });

    private static bool AnyByShape(NetworkReport network) =>
        Enumerable.Range(0, network.Shape.Depth).Any(k => !NetworkCurves.CanHaveRank(network, k));

    private static IEnumerable<Series> Layers(
        IReadOnlyList<NetworkReport> networks, Abscissa along, Func<Alignment.Observation, int, double> y) =>
        NetworkCurves.EachLayer(networks, along, n => n.Shape.Depth, k => $"W{Ticks.Subscript(k + 1)}", y, NetworkCurves.CanHaveRank);

    private static IEnumerable<Series> Pairs(IReadOnlyList<NetworkReport> networks, Abscissa along, Func<double, double> y) =>
        NetworkCurves.EachLayer(networks, along, n => n.Shape.Depth - 1,
            k => $"W{Ticks.Subscript(k + 1)}, W{Ticks.Subscript(k + 2)}", (o, k) => y(o.AdjacentAlignments[k]));
}
