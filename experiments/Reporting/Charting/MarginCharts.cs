using TorchAlign.Alignment;

namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>[JT, Corollary] and [LL]: the margins of the trained predictors against the maximum margin gamma.</summary>
public static class MarginCharts
{
    /// <summary>2^-53.</summary>
    private const double UnitRoundoff = 1.0 / (1L << 53);

    /// <summary>Margin of the direction and margin normalised by the layers; both tend to gamma.</summary>
    public static Chart? Margins(IReadOnlyList<NetworkReport> networks, Abscissa along, double gamma)
    {
        // Before the data are separated the margin says little and would take the axis.
        var y = new Axis("margin") { Floor = double.IsFinite(gamma) ? -gamma : double.NegativeInfinity };
        var drawn = networks.SelectMany(n => n.Observations).Where(o => along.Learning.Shows(along.Of(o)) && y.Shows(o.DirectionMargin))
            .ToList();
        return Charts.Line(new LinePlot
        {
            Name = "margins",
            Title = "Margins",
            Caption = (networks.Any(n => n.Shape.Depth > 1)
                          ? "Least ⟨w, zᵢ⟩ over ‖w‖ (solid) and over ∏‖Wₖ‖_F (dashed)."
                          : "Least ⟨w, zᵢ⟩ over ‖w‖.")
                      + Sign(drawn),
            X = along.Learning,
            Y = y,
            Series = networks.SelectMany((n, i) => (Series[])
            [
                new($"{n.Label}: over ‖w‖", Palette.Network(i), NetworkCurves.Samples(n, along.Of, o => o.DirectionMargin))
                {
                    Width = Palette.Width(i, networks.Count),
                },
                .. Normalised(networks, i, along),
            ]),
            Rules = double.IsFinite(gamma) ? [new Rule(gamma, $"γ = {Numbers.Short(gamma)}", Palette.Ink)] : [],
        });
    }

    /// <summary>1 - margin / gamma on a log axis.</summary>
    public static Chart? Gap(IReadOnlyList<NetworkReport> networks, Abscissa along, double gamma) => Charts.Line(new LinePlot
    {
        Name = "margin-gap",
        Title = "Relative distance from the maximum margin",
        Caption = "One minus the margin of the direction of w over γ.",
        X = along.Learning,
        Y = new Axis("1 − margin / γ", ScaleKind.Log) { Floor = 1e-15 },
        Series = NetworkCurves.Each(networks, along, o => 1 - o.DirectionMargin / gamma),
    });

    /// <summary>The distance of the pulls of the points from the dual weights.</summary>
    public static Chart? DualWeights(IReadOnlyList<NetworkReport> networks, Abscissa along) => Charts.Line(new LinePlot
    {
        Name = "dual-weights",
        Title = "Distance of the weights from the dual weights",
        Caption = "½ Σ |qᵢ − aᵢ|: qᵢ is the share with which point i pulls on w, aᵢ its dual weight in the maximum margin."
                  + string.Concat(networks.Select(Climb)),
        X = along.Learning,
        Y = new Axis("½ Σ |qᵢ − aᵢ|", ScaleKind.Log) { Floor = 1e-15 },
        Series = NetworkCurves.Each(networks, along, o => o.DualWeightDistance),
    });

    /// <summary>log(1/(n R)) / ||W||_F^L and its limit gamma L^(-L/2).</summary>
    public static Chart? Smoothed(IReadOnlyList<NetworkReport> networks, Abscissa along, double gamma) => Charts.Line(new LinePlot
    {
        Name = "smoothed-margin",
        Title = "Smoothed margin",
        Caption = "log(1/(nR)) / ‖W‖_F^L, which never falls along the flow of the exponential loss; "
                  + "in units of its limit γ L^(−L/2). Drawn from R < 1/n on.",
        X = along.Learning,
        Y = new Axis("smoothed margin / its limit") { Floor = 0 },
        Series = networks.Select((n, i) => new Series(n.Label, Palette.Network(i),
            NetworkCurves.Samples(n, along.Of, o => o.SmoothedMargin / Limit(n, gamma)))
        {
            Width = Palette.Width(i, networks.Count),
        }),
        Rules = [new Rule(1, "limit", Palette.Ink)],
    });

    /// <summary>
    /// Where a distance that had fallen climbs again, whether that is rounding: qᵢ goes with the exponential of a margin of the size of
    /// ‖w‖, which is known to 2^-53 ‖w‖ and some operations more.
    /// </summary>
    internal static string Climb(NetworkReport network)
    {
        var seen = network.Observations.Where(o => double.IsFinite(o.DualWeightDistance)).ToList();
        if (seen.Count == 0) return "";
        var (least, last) = (seen.Min(o => o.DualWeightDistance), seen[^1]);
        if (!(last.DualWeightDistance > 10 * least)) return "";
        var climbs = $" {network.Label}: it climbs from {Numbers.Short(least)} to {Numbers.Short(last.DualWeightDistance)} at the end";
        var rounding = UnitRoundoff * last.ProductNorm;
        return last.DualWeightDistance <= 100 * rounding
            ? $"{climbs}. That is rounding: margins of the size of ‖w‖ = {Numbers.Short(last.ProductNorm)} are known to about "
              + $"{Numbers.Short(rounding)}, and so are the shares."
            : $"{climbs}, by more than rounding explains.";
    }

    private static string Sign(IReadOnlyList<Observation> drawn) =>
        !drawn.Any(o => o.DirectionMargin < 0) ? ""
        : drawn.Any(o => o.DirectionMargin > 0) ? " Negative until the data are separated."
        : " Negative throughout: the data are not separated.";

    private static double Limit(NetworkReport network, double gamma) =>
        gamma * Math.Pow(network.Shape.Depth, -network.Shape.Depth / 2.0);

    /// <summary>For one layer the two margins are the same curve.</summary>
    private static IEnumerable<Series> Normalised(IReadOnlyList<NetworkReport> networks, int index, Abscissa along)
    {
        var network = networks[index];
        if (network.Shape.Depth == 1) yield break;
        yield return new Series($"{network.Label}: over ∏‖Wₖ‖", Palette.Network(index),
            NetworkCurves.Samples(network, along.Of, o => o.NormalizedMargin))
        {
            Dash = Palette.Dash(1),
        };
    }
}
