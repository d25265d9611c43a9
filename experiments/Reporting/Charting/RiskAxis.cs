using TorchAlign.Alignment;

namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>
/// The risk as an abscissa: log10(R(0)/R), the decades it has fallen, on a logarithmic axis. From a small start layers align
/// while R is still within 1e-10 of R(0), and later risks like 10^-1000000 are reached; no axis of R itself shows both.
/// R(0) is the greatest initial risk of the networks compared.
/// </summary>
internal sealed class RiskAxis
{
    private static readonly double Ln10 = Math.Log(10);
    private readonly double _start;

    private RiskAxis(double start) => _start = start;

    /// <summary>The whole run; below the floor a difference of logarithms is rounding.</summary>
    public static Axis Whole { get; } =
        new("log₁₀ (R(0) / R):  decades the risk R has fallen", ScaleKind.Log) { Tight = true, Floor = 1e-14 };

    /// <summary>From where the risk has moved visibly: before, direction and margin are those of the start.</summary>
    public static Axis Learning { get; } = Whole with { Floor = 1e-2 };

    public static RiskAxis Of(IReadOnlyList<NetworkReport> networks) => new(
        networks.Where(n => n.Observations.Count > 0).Select(n => n.Observations[0].LogRisk)
            .Where(double.IsFinite).DefaultIfEmpty(0).Max());

    public double Decades(Observation o) => (_start - o.LogRisk) / Ln10;
}
