using TorchAlign.Alignment;

namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>How the flow or the descent itself went: norms, the invariant of the flow, risk, time and steps.</summary>
public static class FlowCharts
{
    private static readonly double Ln10 = Math.Log(10);

    public static Chart? LayerNorms(IReadOnlyList<NetworkReport> networks, Abscissa along) => Charts.Line(new LinePlot
    {
        Name = "layer-norms",
        Title = "Norms of the layers",
        Caption = "Frobenius norm of each layer. Gradient flow keeps the differences of their squares.",
        X = along.Whole,
        Y = new Axis("Frobenius norm of Wₖ", ScaleKind.Log),
        Series = NetworkCurves.EachLayer(networks, along, n => n.Shape.Depth, k => $"W{Ticks.Subscript(k + 1)}",
            (o, k) => o.FrobeniusNorms[k]),
    });

    public static Chart? Balancedness(IReadOnlyList<NetworkReport> networks, Abscissa along, MethodReport method) =>
        Charts.Line(new LinePlot
        {
            Name = "balancedness-drift",
            Title = method.MakesSteps ? "Balancedness of the layers" : "Drift of the invariants of the flow",
            Caption = "Greatest change of WₖWₖᵀ − Wₖ₊₁ᵀWₖ₊₁ over ‖W‖_F², "
                      + (method.MakesSteps
                          ? "which gradient flow keeps at 0. A step of descent moves it by an amount of the order of its square."
                          : "which the exact flow keeps at 0: the integrator's error."),
            X = along.Whole,
            Y = new Axis("relative balancedness drift", ScaleKind.Log) { Floor = 1e-18 },
            Series = networks.Any(n => n.Shape.Depth > 1) ? NetworkCurves.Each(networks, along, o => o.BalancednessDrift) : [],
            Without = "a single layer has nothing to be balanced with.",
        });

    public static Chart? RiskInTime(IReadOnlyList<NetworkReport> networks) => Charts.Line(new LinePlot
    {
        Name = "risk-time",
        Title = "Risk in time",
        Caption = networks.All(n => n.Observations.Count > 0 && n.Observations[^1].Log10Risk < -3)
            ? "R ≈ 1/t up to logarithms, in powers of ten on both axes: the curves approach the diagonal."
            : "The risk R over the time t, in powers of ten on both axes.",
        X = new Axis("log₁₀ of the time t of the flow", ScaleKind.SymLog),
        Y = new Axis("−log₁₀ of the risk R", ScaleKind.SymLog) { Reversed = true },
        Series = NetworkCurves.Each(networks, o => o.LogTime / Ln10, o => -o.Log10Risk),
    });

    /// <summary>The risk of descent, step by step.</summary>
    public static Chart? Risk(IReadOnlyList<NetworkReport> networks, Abscissa along)
    {
        var rises = networks.Sum(n => n.Observations.Zip(n.Observations.Skip(1), (a, b) => b.LogRisk > a.LogRisk ? 1 : 0).Sum());
        return OfLogarithms("risk", "Risk", $"The risk R step by step. {Rises(rises)}", "risk R", networks, along,
            n => n.Observations.Select(o => (o, o.Log10Risk)), falls: true);
    }

    /// <summary>The sizes of the steps of descent: of each step, or the mean of those between two points.</summary>
    public static Chart? StepSizes(IReadOnlyList<NetworkReport> networks, Abscissa along) => OfLogarithms(
        "step-size", "Step sizes", "The step size η; between two points that lie several steps apart, its mean.", "step size η",
        networks, along, n => n.Observations.Zip(n.Observations.Skip(1), (from, to) => (to, Log10Step(from, to, along.Of))));

    /// <summary>log10 of the mean step size between two observations, of which t is the sum.</summary>
    internal static double Log10Step(Observation from, Observation to, Func<Observation, double> steps) =>
        (to.LogTime + double.LogP1(-Math.Exp(from.LogTime - to.LogTime)) - Math.Log(steps(to) - steps(from))) / Ln10;

    private static string Rises(int rises) => rises switch
    {
        0 => "It never rose from one point drawn to the next.",
        1 => "It rose once from one point drawn to the next.",
        _ => $"It rose {Numbers.Count(rises)} times from one point drawn to the next.",
    };

    /// <summary>A positive quantity on a logarithmic axis, or its logarithm where some of its values are no doubles.</summary>
    private static Chart? OfLogarithms(
        string name, string title, string caption, string quantity, IReadOnlyList<NetworkReport> networks, Abscissa along,
        Func<NetworkReport, IEnumerable<(Observation At, double Log10)>> of, bool falls = false)
    {
        var curves = networks.Select(n => of(n).ToArray()).ToArray();
        var plain = curves.SelectMany(curve => curve).All(p => !(Math.Abs(p.Log10) > 300));
        return Charts.Line(new LinePlot
        {
            Name = name,
            Title = title,
            Caption = caption,
            X = along.Whole,
            Y = plain ? new Axis(quantity, ScaleKind.Log)
                : new Axis($"{(falls ? "−" : "")}log₁₀ of the {quantity}", ScaleKind.SymLog) { Reversed = falls },
            Series = networks.Select((n, i) => new Series(n.Label, Palette.Network(i), curves[i].Select(p =>
                new Sample(along.Of(p.At), plain ? Math.Pow(10, p.Log10) : falls ? -p.Log10 : p.Log10, p.At.Step)))
            {
                Width = Palette.Width(i, networks.Count),
            }),
        });
    }
}
