using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Reporting.Charting;
using TorchAlign.Networks;

namespace TorchAlign.Experiments.Papers;

/// <summary>The report of <c>paper nrt curves</c>.</summary>
internal static class CurvesPage
{
    private static readonly Axis _steps = new("step", ScaleKind.Log) { Tight = true };

    /// <param name="curves">Of all networks, or of those that there are.</param>
    /// <param name="found">What was found.</param>
    /// <param name="speed">Beside PyTorch; null where that was not asked for.</param>
    public static ReportPage Of(IReadOnlyList<Curve> curves, string found, ReportTable? speed)
    {
        Curve[][] problems = [.. curves.GroupBy(curve => curve.Network.Problem.Name).Select(problem => problem.ToArray())];
        return new ReportPage
        {
            Title = "Descent at the guaranteed step, depth by depth",
            Claim = found,
            Tables =
            [
                .. problems.Select(Runs),
                .. speed is null ? (ReportTable[])[] : [speed],
                .. problems.Select(p => ConstantsTable.Show(
                    $"Constants of the theorem: {Title(p)}", [.. p.Select(c => (c.Network.Depth, c.Network.Constants))])),
            ],
            Charts = [.. problems.SelectMany(Charts).OfType<Chart>()],
            ChartNote = "All norms are spectral. Step 0 lies left of the logarithmic axis.",
        };
    }

    /// <summary>What was found, from all networks.</summary>
    public static string Found(IReadOnlyList<Curve> curves, string size)
    {
        var kept = curves.Count(c => c.KeptGuarantee);
        var hypothesis = curves.All(c => c.Network.IsGuaranteed)
            ? "at the step that the theorem guarantees"
            : "at a step of the user's own, for which nothing is guaranteed";
        var conclusion = kept == curves.Count
            ? $"all {curves.Count} runs kept what the theorem promises: the loss fell at every step, by at least the promised share of "
              + "η‖∇L‖², and layers, product and balancedness stayed within K, M and δ"
            : $"{kept} of {curves.Count} runs kept what the theorem promises (falling loss; layers, product and balancedness within K, "
            + $"M, δ)";
        return $"Gradient descent on ½‖Y − PX‖², P the product of N layers, {hypothesis}: {conclusion} "
            + $"({Numbers.Count(curves.Max(c => c.Descent.Steps))} steps each, {size}).";
    }

    private static ReportTable Runs(Curve[] curves) => new(Title(curves),
        ["depth", "η", "loss at the start", "loss at the end", "least loss of rank r", "‖∇L‖", "max ‖Wⱼ‖²/K", "max ‖product‖/M",
            "max defect/δ", "least decrease/(η‖∇L‖²)", "σ", "largest rise", "end"],
        [
            .. curves.Select(c => (IReadOnlyList<string>)
            [
                c.Network.Depth, Numbers.Short(c.Network.Step), Numbers.Short(c.First.Loss), Numbers.Short(c.Last.Loss),
                Numbers.Short(c.Network.LeastLoss), Numbers.Short(c.Last.GradientNorm), Numbers.Short(c.LayersWithinK),
                Numbers.Short(c.ProductWithinM),
                Numbers.Short(c.DefectWithinDelta), Numbers.Short(c.Descent.LeastShare), Numbers.Short(c.Network.Constants.Sigma),
                Numbers.Short(c.Descent.LargestRise), c.End.Name,
            ]),
        ])
    {
        Note = "The theorem promises ratios of at most 1, a decrease of at least σ η‖∇L‖² and no rise; every step was looked at for the "
            + "last two, log-spaced ones for the ratios. A rise of some 10^−16 is rounding.",
    };

    private static IEnumerable<Chart?> Charts(Curve[] curves)
    {
        var name = curves[0].Network.Problem.Name;
        var title = Title(curves);
        yield return Line($"{name}-loss", $"Loss above the least of rank r: {title}",
            "L minus the least loss over all products of rank r.", "L − least loss", (c, s) => s.Loss - c.Network.LeastLoss);
        yield return Line($"{name}-gradient", $"Gradient: {title}",
            "Norm of the gradient over all layers.", "‖∇L‖", (_, s) => s.GradientNorm);
        yield return Line($"{name}-layers", $"Layers: {title}",
            "Largest ‖Wⱼ‖₂² over its bound K.", "max ‖Wⱼ‖₂² / K", (c, s) =>
                s.LayerNorms.Max() * s.LayerNorms.Max() / c.Network.Constants.K, bound: "K");
        yield return Line($"{name}-product", $"Product: {title}",
            "Spectral norm of the product of all layers over its bound M.", "‖product‖₂ / M",
            (c, s) => s.ProductNorm / c.Network.Constants.M, bound: "M");
        yield return Line($"{name}-norms", $"Norms of the layers: {title}",
            "The largest spectral norm of a layer; balanced layers with the product P have the norm ‖P‖₂^(1/N).",
            "max ‖Wⱼ‖₂", (_, s) => s.LayerNorms.Max(), ScaleKind.Linear);
        yield return Line($"{name}-defect", $"Balancedness: {title}",
            "max ‖Wⱼ₊₁ᵀWⱼ₊₁ − WⱼWⱼᵀ‖₂ over its bound δ; the flow would keep it at 0.",
            "defect / δ", (c, s) => s.Defect / c.Network.Constants.Delta, bound: "δ");

        Chart? Line(
            string file, string heading, string caption, string quantity, Func<Curve, LossSample, double> value,
            ScaleKind kind = ScaleKind.Log, string? bound = null) => Reporting.Charting.Charts.Line(new LinePlot
            {
                Name = file,
                Title = heading,
                Caption = caption,
                X = _steps,
                Y = new Axis(quantity, kind) { Floor = kind == ScaleKind.Log ? 1e-18 : double.NegativeInfinity },
                Series = curves.Select((c, i) => new Series(c.Network.Depth, Palette.Network(i),
                    c.Descent.Samples.Select(s => new Sample(s.Step, value(c, s), s.Step)))),
                Rules = bound is null ? [] : [new Rule(1, bound, Palette.Ink) { Below = true }],
            });
    }

    private static string Title(Curve[] curves) => curves[0].Network.Problem.Name == SquaredProblem.RandomInputs
        ? "random X, Y = X"
        : "X = I, Gaussian target";
}
