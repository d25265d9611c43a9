using TorchAlign.Networks;

namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>How the flow itself went: norms, the invariant that judges the integrator, and the risk in time.</summary>
public static class FlowCharts
{
    private static readonly double Ln10 = Math.Log(10);

    public static Chart? LayerNorms(IReadOnlyList<NetworkReport> networks) => Charts.Line(new LinePlot
    {
        Name = "layer-norms",
        Title = "Norms of the layers",
        Caption = "Frobenius norm of each layer. Their squares keep their differences along the flow.",
        X = RiskAxis.Whole,
        Y = new Axis("Frobenius norm of Wₖ", ScaleKind.Log),
        Series = NetworkCurves.EachLayer(networks, n => n.Shape.Depth, k => $"W{Ticks.Subscript(k + 1)}",
            (o, k) => o.FrobeniusNorms[k]),
    });

    public static Chart? Balancedness(IReadOnlyList<NetworkReport> networks) => Charts.Line(new LinePlot
    {
        Name = "balancedness-drift",
        Title = "Drift of the invariants of the flow",
        Caption = "Greatest change of WₖWₖᵀ − Wₖ₊₁ᵀWₖ₊₁ over ‖W‖_F², which the exact flow keeps at 0: "
                  + "the integrator's error.",
        X = RiskAxis.Whole,
        Y = new Axis("relative balancedness drift", ScaleKind.Log) { Floor = 1e-18 },
        Series = NetworkCurves.Each(networks, o => o.BalancednessDrift),
    });

    public static Chart? RiskInTime(IReadOnlyList<NetworkReport> networks) => Charts.Line(new LinePlot
    {
        Name = "risk-time",
        Title = "Risk in time",
        Caption = "R ≈ 1/t up to logarithms, in powers of ten on both axes: the curves approach the diagonal.",
        X = new Axis("log₁₀ of the time t of the flow", ScaleKind.SymLog) { Tight = true },
        Y = new Axis("−log₁₀ of the risk R", ScaleKind.SymLog) { Tight = true, Reversed = true },
        Series = NetworkCurves.Each(networks, o => o.LogTime / Ln10, o => -o.Log10Risk),
    });
}
