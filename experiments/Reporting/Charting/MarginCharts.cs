namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>[JT, Corollary] and [LL]: the margins of the trained predictors against the maximum margin gamma.</summary>
public static class MarginCharts
{
    /// <summary>Margin of the direction and margin normalised by the layers; both tend to gamma.</summary>
    public static Chart? Margins(IReadOnlyList<NetworkReport> networks, double gamma) => Charts.Line(new LinePlot
    {
        Name = "margins",
        Title = "Margins",
        Caption = "Least ⟨w, zᵢ⟩ over ‖w‖ (solid) and over ∏‖Wₖ‖_F (dashed). "
                  + "Negative until the data are separated.",
        X = RiskAxis.Learning,
        // Before the data are separated the margin says little and would take the axis.
        Y = new Axis("margin") { Floor = double.IsFinite(gamma) ? -gamma : double.NegativeInfinity },
        Series = networks.SelectMany((n, i) => (Series[])
        [
            new($"{n.Label}: over ‖w‖", Palette.Network(i), NetworkCurves.Samples(n, RiskAxis.Of(networks).Decades, o => o.DirectionMargin))
            {
                Width = Palette.Width(i, networks.Count),
            },
            .. Normalised(networks, i),
        ]),
        Rules = double.IsFinite(gamma) ? [new Rule(gamma, $"γ = {Numbers.Short(gamma)}", Palette.Ink)] : [],
    });

    /// <summary>1 - margin / gamma on a log axis.</summary>
    public static Chart? Gap(IReadOnlyList<NetworkReport> networks, double gamma) => Charts.Line(new LinePlot
    {
        Name = "margin-gap",
        Title = "Relative distance from the maximum margin",
        Caption = "One minus the margin of the direction of w over γ.",
        X = RiskAxis.Learning,
        Y = new Axis("1 − margin / γ", ScaleKind.Log) { Floor = 1e-15 },
        Series = NetworkCurves.Each(networks, o => 1 - o.DirectionMargin / gamma),
    });

    /// <summary>log(1/(n R)) / ||W||_F^L and its limit gamma L^(-L/2).</summary>
    public static Chart? DualWeights(IReadOnlyList<NetworkReport> networks) => Charts.Line(new LinePlot
    {
        Name = "dual-weights",
        Title = "Distance of the weights from the dual weights",
        Caption = "½ Σ |qᵢ − aᵢ|: qᵢ is the share with which point i pulls on w, aᵢ its dual weight in the maximum margin.",
        X = RiskAxis.Learning,
        Y = new Axis("½ Σ |qᵢ − aᵢ|", ScaleKind.Log) { Floor = 1e-15 },
        Series = NetworkCurves.Each(networks, o => o.DualWeightDistance),
    });

    public static Chart? Smoothed(IReadOnlyList<NetworkReport> networks, double gamma) => Charts.Line(new LinePlot
    {
        Name = "smoothed-margin",
        Title = "Smoothed margin",
        Caption = "log(1/(nR)) / ‖W‖_F^L, which never falls along the flow of the exponential loss; "
                  + "in units of its limit γ L^(−L/2). Drawn from R < 1/n on.",
        X = RiskAxis.Learning,
        Y = new Axis("smoothed margin / its limit") { Floor = 0 },
        Series = networks.Select((n, i) => new Series(n.Label, Palette.Network(i),
            NetworkCurves.Samples(n, RiskAxis.Of(networks).Decades, o => o.SmoothedMargin / Limit(n, gamma)))
        {
            Width = Palette.Width(i, networks.Count),
        }),
        Rules = [new Rule(1, "limit", Palette.Ink)],
    });

    private static double Limit(NetworkReport network, double gamma) =>
        gamma * Math.Pow(network.Shape.Depth, -network.Shape.Depth / 2.0);

    /// <summary>For one layer the two margins are the same curve.</summary>
    private static IEnumerable<Series> Normalised(IReadOnlyList<NetworkReport> networks, int index)
    {
        var network = networks[index];
        if (network.Shape.Depth == 1) yield break;
        yield return new Series($"{network.Label}: over ∏‖Wₖ‖", Palette.Network(index),
            NetworkCurves.Samples(network, RiskAxis.Of(networks).Decades, o => o.NormalizedMargin))
        {
            Dash = Palette.Dash(1),
        };
    }
}
