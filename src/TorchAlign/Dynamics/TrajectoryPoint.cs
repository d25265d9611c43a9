using TorchAlign.Losses;

namespace TorchAlign.Dynamics;

/// <summary>
/// Where a run stands. Steppers advance it in place; <see cref="Value"/> and <see cref="DirectionNorm"/> always belong to
/// <see cref="W"/>, so that stops and observers never evaluate the field again.
/// </summary>
public sealed class TrajectoryPoint(StateVector w)
{
    public StateVector W { get; } = w;

    public FieldValue Value { get; set; }

    /// <summary>||direction||; ||grad R|| = exp(Value.LogScale) * DirectionNorm.</summary>
    public double DirectionNorm { get; set; }

    /// <summary>The clock s of a flow, or the sum of the step sizes of a descent.</summary>
    public double Clock { get; set; }

    /// <summary>log t, t the time of dW/dt = -grad R; minus infinity at the start.</summary>
    public double LogTime { get; set; } = double.NegativeInfinity;

    /// <summary>Accepted steps.</summary>
    public long Steps { get; set; }

    /// <summary>Steps tried and taken back.</summary>
    public long Rejected { get; set; }

    /// <summary>Evaluations of the field.</summary>
    public long Evaluations { get; set; }

    /// <summary>Adds exp(logIncrement) to t.</summary>
    public void AddTime(double logIncrement) => LogTime = LogDomain.LogAddExp(LogTime, logIncrement);
}
