namespace TorchAlign.Experiments.Compare;

/// <summary>m recorded points of a trajectory.</summary>
/// <param name="At">The step, or the clock of a flow (m).</param>
/// <param name="W">The flat states (m, P), row-major.</param>
/// <param name="LogRisk">log R (m).</param>
/// <param name="Direction">-grad log R (m, P), row-major.</param>
internal sealed record RecordedPoints(double[] At, double[] W, double[] LogRisk, double[] Direction)
{
    public int Count => At.Length;

    /// <summary>State i (P).</summary>
    public ReadOnlySpan<double> StateAt(int i) => W.AsSpan(i * (W.Length / Count), W.Length / Count);

    /// <summary>-grad log R at state i (P).</summary>
    public ReadOnlySpan<double> DirectionAt(int i) => Direction.AsSpan(i * (W.Length / Count), W.Length / Count);
}
