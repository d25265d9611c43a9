namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>[JT, Theorem 2]: the product's direction goes to u_bar, and at the rate that the dual weights predict.</summary>
public static class DirectionCharts
{
    /// <summary>Off its limit by no more than this share at the end, a quantity has come to it.</summary>
    private const double Near = 0.01;

    /// <summary>
    /// 1 - cos, and |v|^2 / (2 rho^2) with rho = ||w_prod|| where <paramref name="residualNorm"/> = |v| is known.
    /// </summary>
    public static Chart? Error(IReadOnlyList<NetworkReport> networks, Abscissa along, double residualNorm)
    {
        var y = new Axis("1 − cos(w, ū)", ScaleKind.Log);
        Series[] predicted =
        [
            .. Prediction(networks, along, residualNorm)
                .Where(p => p.Samples.Count(s => along.Learning.Shows(s.X) && y.Shows(s.Y)) > 1),
        ];
        return Charts.Line(new LinePlot
        {
            Name = "direction-error",
            Title = "Distance from the maximum-margin direction",
            Caption = "Error of the direction of w = w_prod, the product of all layers."
                      + (predicted.Length == 0 ? "" : " Dashed: |v|\u2060²/(2‖w‖²), with v from the dual weights of the support vectors."),
            X = along.Learning,
            Y = y,
            Series = [.. NetworkCurves.Each(networks, along, o => o.OneMinusCosine), .. predicted],
        });
    }

    /// <summary>sin(angle) ||w_prod|| and its limit |v|.</summary>
    public static Chart? AngleTimesNorm(IReadOnlyList<NetworkReport> networks, Abscissa along, double residualNorm)
    {
        var plain = new Axis("sin(w, ū) · ‖w‖");
        double[] shown = [.. networks.SelectMany(n => n.Observations).Where(o => along.Learning.Shows(along.Of(o)))
            .Select(o => o.AngleTimesNorm).Where(a => double.IsFinite(a) && a > 0)];
        return Charts.Line(new LinePlot
        {
            Name = "angle-times-norm",
            Title = "Part of w across the maximum-margin direction",
            Caption = AcrossCaption(networks, residualNorm),
            X = along.Learning,
            // Where it grows without bound, what it was before would lie on the axis.
            Y = shown.Length > 0 && shown.Max() > 1e3 * (residualNorm > 0 ? residualNorm : shown.Min())
                ? plain with { Kind = ScaleKind.Log } : plain,
            Series = NetworkCurves.Each(networks, along, o => o.AngleTimesNorm),
            Rules = double.IsFinite(residualNorm)
                ? [new Rule(residualNorm, $"predicted |v| = {Numbers.Short(residualNorm)}", Palette.Ink) { Below = true }]
                : [],
        });
    }

    /// <summary>What sin(w, u_bar) ||w|| did, held against its limit where one is predicted.</summary>
    internal static string AcrossCaption(IReadOnlyList<NetworkReport> networks, double residualNorm)
    {
        const string what = "sin(w, ū)·‖w‖, the length of the part of w across ū.";
        // A network may have a limit of its own, which grows with its layers where the data do not span the space.
        (string Label, double Share)[] ends =
        [
            .. networks.Where(n => n.Observations.Count > 0).Select(n =>
                (n.Label, n.Observations[^1].AngleTimesNorm / (double.IsFinite(n.PredictedNorm) ? n.PredictedNorm : residualNorm))),
        ];
        if (ends.All(end => double.IsNaN(end.Share)) || residualNorm <= 0) return $"{what} No limit is predicted for these data.";
        var off = ends.Select(end => Math.Abs(end.Share - 1)).DefaultIfEmpty(double.NaN).Max();
        if (off <= Near)
            return $"{what} It tends to its limit along the exact flow, and ends within {Share(off)} of it. The sharper test, because an "
                   + "integrator that has left the true curve can still show a small 1 − cos.";
        return $"{what} Of its limit along the exact flow it is at the end "
               + string.Join(", ", ends.Select(end => double.IsFinite(end.Share)
                   ? $"{Numbers.Short(end.Share)} times as much ({end.Label})"
                   : $"what no double holds ({end.Label})"))
               + ": not, or not yet, there.";
    }

    /// <summary>A share in percent, rounded up to one digit.</summary>
    private static string Share(double share)
    {
        var unit = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(share, 1e-16))));
        return $"{Numbers.Short(100 * unit * Math.Ceiling(share / unit - 1e-9))} %";
    }

    /// <summary>The prediction follows the network that got furthest; it is one of large norms, so it starts at rho = |v|.</summary>
    private static IEnumerable<Series> Prediction(IReadOnlyList<NetworkReport> networks, Abscissa along, double residualNorm)
    {
        if (!(residualNorm > 0) || networks.Count == 0) yield break;
        var furthest = networks.MaxBy(n => n.Observations.Select(along.Of).DefaultIfEmpty().Max())!;
        var samples = furthest.Observations.Where(o => o.ProductNorm >= residualNorm)
            .Select(o => new Sample(along.Of(o), Math.Pow(residualNorm / o.ProductNorm, 2) / 2, o.Step));
        yield return new Series("predicted |v|²/(2‖w‖²)", Palette.Ink, samples)
        {
            Dash = Palette.Predicted,
            Width = 1.2,
        };
    }
}
