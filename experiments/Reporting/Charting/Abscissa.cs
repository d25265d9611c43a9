using TorchAlign.Alignment;

namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>Along what the curves of a run are drawn: the decades by which the risk has fallen, or the steps of descent.</summary>
/// <param name="Whole">The axis of the whole run.</param>
/// <param name="Learning">The same from where direction and margin are no longer those of the start.</param>
/// <param name="Of">Where an observation lies.</param>
public sealed record Abscissa(Axis Whole, Axis Learning, Func<Observation, double> Of)
{
    private static readonly double Ln10 = Math.Log(10);

    /// <summary>Below the floor a difference of logarithms is rounding.</summary>
    private static readonly Axis Decades =
        new("log₁₀ (R(0) / R):  decades the risk R has fallen", ScaleKind.Log) { Tight = true, Floor = 1e-14 };

    private static readonly Axis Steps = new("step", ScaleKind.Log) { Tight = true };

    /// <summary>
    /// log10(R(0)/R) on a logarithmic axis. From a small start layers align while R is still within 1e-10 of R(0), and later risks like
    /// 10^-1000000 are reached; no axis of R itself shows both. R(0) is the greatest initial risk of the networks compared.
    /// </summary>
    public static Abscissa OfRisk(IReadOnlyList<NetworkReport> networks)
    {
        var start = networks.Where(n => n.Observations.Count > 0).Select(n => n.Observations[0].LogRisk)
            .Where(double.IsFinite).DefaultIfEmpty(0).Max();
        return new Abscissa(Decades, Decades with { Floor = 1e-2 }, o => (start - o.LogRisk) / Ln10);
    }

    /// <summary>The steps of descent; those of a fast-forward are the clock of the flow that stands for them.</summary>
    public static Abscissa OfSteps(bool forward) => new(Steps, Steps, forward ? o => o.Clock : o => o.Step);
}
