namespace TorchAlign.Dynamics;

/// <summary>How a run ended: a name for machines, a sentence for people, and whether that was what the run was for.</summary>
public sealed record RunEnd(string Name, bool Reached, string Message)
{
    public static RunEnd Interrupted { get; } =
        new("interrupted", false, "The run was interrupted; everything up to here is kept.");

    public static RunEnd StepTooSmall { get; } = new("step-too-small", false,
        "The error control asked for a step below the resolution of the clock. Loosen the tolerance, or use the log-risk clock.");

    public static RunEnd NonFinite { get; } = new("non-finite", false,
        "The next step left float64. Use smaller steps, the Assumption 5 rule, or the flow.");

    public static RunEnd Float64Exhausted { get; } = new("float64-exhausted", false,
        "Rounding in float64 is larger than what the next step would change: the run cannot go on from its last point.");

    public static RunEnd CriticalPoint { get; } = new("critical-point", false,
        "The gradient at the start is 0 in float64, so nothing moves: a critical point, or too near to one. Start from other layers.");

    public static RunEnd RiskZero { get; } = new("risk-zero", true,
        "The risk is 0 in floating point: there is nothing left to descend.");

    /// <summary>The end of a descent that a limit stopped above the risk of its start.</summary>
    public static RunEnd Diverged { get; } = new("diverged", false,
        "The risk ended above that of the start: the steps are too long. Use smaller ones, or the Assumption 5 rule.");

    /// <summary>Whether the method failed: neither a goal nor a limit that somebody set.</summary>
    public bool Failed => IsFailure(Name);

    /// <summary>The same by the name of an end, as a summary tells it.</summary>
    public static bool IsFailure(string name) => name == StepTooSmall.Name || name == NonFinite.Name || name == Float64Exhausted.Name
        || name == CriticalPoint.Name || name == Diverged.Name;

    /// <summary>Whether a limit ended it that somebody set: neither a goal nor a failure, and not to be taken up.</summary>
    public bool IsLimit => !Reached && !Failed && Name != Interrupted.Name;

    /// <summary>The end that a stepper's outcome means.</summary>
    public static RunEnd Of(StepOutcome outcome) => outcome switch
    {
        StepOutcome.StepTooSmall => StepTooSmall,
        StepOutcome.NonFinite => NonFinite,
        StepOutcome.Float64Exhausted => Float64Exhausted,
        StepOutcome.RiskZero => RiskZero,
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "A step that advanced is not an end."),
    };
}
