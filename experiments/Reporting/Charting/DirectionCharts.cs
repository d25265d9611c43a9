namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>[JT, Theorem 2]: the product's direction goes to u_bar, and at the rate that the dual weights predict.</summary>
public static class DirectionCharts
{
    /// <summary>
    /// 1 - cos, and |v|^2 / (2 rho^2) with rho = ||w_prod|| where <paramref name="residualNorm"/> = |v| is known.
    /// </summary>
    public static Chart? Error(IReadOnlyList<NetworkReport> networks, double residualNorm) => Charts.Line(new LinePlot
    {
        Name = "direction-error",
        Title = "Distance from the maximum-margin direction",
        Caption = "Error of the direction of w = w_prod, the product of all layers. Dashed: "
                  + "|v|\u2060²/(2‖w‖²), with v from the dual weights of the support vectors.",
        X = RiskAxis.Learning,
        Y = new Axis("1 − cos(w, ū)", ScaleKind.Log),
        Series = [.. NetworkCurves.Each(networks, o => o.OneMinusCosine), .. Prediction(networks, residualNorm)],
    });

    /// <summary>sin(angle) ||w_prod|| and its limit |v|.</summary>
    public static Chart? AngleTimesNorm(IReadOnlyList<NetworkReport> networks, double residualNorm) => Charts.Line(new LinePlot
    {
        Name = "angle-times-norm",
        Title = "Part of w across the maximum-margin direction",
        Caption = "sin(w, ū)·‖w‖ tends to |v| along the exact flow. The sharper test, because an integrator that has left "
                  + "the true curve can still show a small 1 − cos.",
        X = RiskAxis.Learning,
        Y = new Axis("sin(w, ū) · ‖w‖"),
        Series = NetworkCurves.Each(networks, o => o.AngleTimesNorm),
        Rules = double.IsFinite(residualNorm)
            ? [new Rule(residualNorm, $"predicted |v| = {Numbers.Short(residualNorm)}", Palette.Ink) { Below = true }]
            : [],
    });

    /// <summary>The prediction follows the network that got furthest; it is one of large norms, so it starts at rho = |v|.</summary>
    private static IEnumerable<Series> Prediction(IReadOnlyList<NetworkReport> networks, double residualNorm)
    {
        if (!(residualNorm > 0) || networks.Count == 0) yield break;
        var risk = RiskAxis.Of(networks);
        var furthest = networks.MaxBy(n => n.Observations.Select(risk.Decades).DefaultIfEmpty().Max())!;
        var samples = furthest.Observations.Where(o => o.ProductNorm >= residualNorm)
            .Select(o => new Sample(risk.Decades(o), Math.Pow(residualNorm / o.ProductNorm, 2) / 2, o.Step));
        yield return new Series("predicted |v|²/(2‖w‖²)", Palette.Ink, samples)
        {
            Dash = Palette.Predicted,
            Width = 1.2,
        };
    }
}
