namespace TorchAlign.Dynamics;

/// <summary>Advances a trajectory by one accepted step at a time; keeps its own step size and stages between calls.</summary>
public interface IStepper
{
    string Name { get; }

    /// <summary>Evaluates the field at the point and prepares the stages; must be called before the first step.</summary>
    void Start(FlowSystem system, TrajectoryPoint point);

    /// <summary>
    /// One accepted step, not beyond clock value <paramref name="clockLimit"/> (on which it lands exactly).
    /// Anything but <see cref="StepOutcome.Advanced"/> leaves the point as it was.
    /// </summary>
    StepOutcome Step(TrajectoryPoint point, double clockLimit = double.PositiveInfinity);
}

/// <summary>
/// A stepper that takes many steps without the host looking at them, as a device does that would have to wait for each look.
/// Schedules and stops that know their next step are met on it, and stops by risk at the first point that reaches it; the
/// others see the run at the end of each chunk, and so may act up to a chunk late, as does the end at a risk of 0.
/// </summary>
public interface IChunkStepper : IStepper
{
    /// <summary>
    /// At most <paramref name="steps"/> accepted steps, and no more than a chunk; at least one if it advances, and none from a point
    /// whose log R is at most <paramref name="logRiskBound"/>.
    /// </summary>
    StepOutcome Advance(
        TrajectoryPoint point, long steps, double clockLimit = double.PositiveInfinity, double logRiskBound = double.NegativeInfinity);
}

public enum StepOutcome
{
    Advanced,

    /// <summary>The error control asked for a step below the resolution of the clock.</summary>
    StepTooSmall,

    /// <summary>The field or the state became NaN or infinite.</summary>
    NonFinite,

    /// <summary>A further step would be governed by float64 rounding, not by the flow.</summary>
    Float64Exhausted,

    /// <summary>The risk is 0, its least value, before the step: the flow has arrived.</summary>
    RiskZero,
}
