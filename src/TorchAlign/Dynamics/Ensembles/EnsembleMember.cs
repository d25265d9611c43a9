using TorchAlign.Fields;

namespace TorchAlign.Dynamics;

/// <summary>Where a member of an ensemble stands.</summary>
/// <param name="Steps">Accepted steps.</param>
/// <param name="Rejected">Steps tried and taken back.</param>
/// <param name="LogRisk">log R.</param>
/// <param name="GradientNorm">||grad log R||, or ||grad R|| where the field is of R.</param>
/// <param name="Clock">Sum of the steps' factors; t where the rule's eta is its factor.</param>
/// <param name="LogTime">log t.</param>
/// <param name="End">How it ended, or null while it goes on.</param>
public sealed record EnsembleMember(
    long Steps, long Rejected, double LogRisk, double GradientNorm, double Clock, double LogTime, RunEnd? End)
{
    /// <summary>What its rule remembers, see <see cref="TorchStepRule.Numbers"/>; null before it was read back.</summary>
    internal double? RuleState { get; init; }

    /// <summary>What the step size control of a flow remembers; null for descent, and before it was read back.</summary>
    internal FlowControl? Control { get; init; }

    /// <summary>The outcome of a further step: that of the end on the device, where there was one.</summary>
    internal StepOutcome Outcome => End is null ? StepOutcome.Advanced
        : End == RunEnd.StepTooSmall ? StepOutcome.StepTooSmall
        : End == RunEnd.Float64Exhausted ? StepOutcome.Float64Exhausted
        : StepOutcome.NonFinite;

    /// <summary>Whether it has landed on the clock value, or must not go on from its log R.</summary>
    internal bool IsHeld(double clockLimit, double logRiskBound) =>
        Clock >= clockLimit || (LogRisk <= logRiskBound && logRiskBound > double.NegativeInfinity);

    /// <summary>The end that a device tells by its number, or null; one by the risk is the caller's.</summary>
    internal static RunEnd? EndOf(double end, RunEnd? riskReached = null) => (MemberEnd)(int)end switch
    {
        MemberEnd.RiskReached => riskReached,
        MemberEnd.LeftFloat => RunEnd.NonFinite,
        MemberEnd.Float64Exhausted => RunEnd.Float64Exhausted,
        MemberEnd.StepVanished => RunEnd.StepTooSmall,
        _ => null,
    };

    /// <summary>A member that goes on from a point; its risk is still to be found.</summary>
    internal static EnsembleMember At(TrajectoryPoint point) =>
        new(point.Steps, point.Rejected, double.NaN, double.NaN, point.Clock, point.LogTime, null);

    /// <summary>Moves the point here, all but its state; <see cref="GradientNorm"/> is of exp(-logScale) grad R.</summary>
    internal void Move(TrajectoryPoint point, double logScale)
    {
        point.SetValue(new FieldValue(LogRisk, logScale), GradientNorm);
        (point.Steps, point.Rejected, point.Clock) = (Steps, Rejected, Clock);
        if (!point.ClockIsTime) point.SetLogTime(LogTime);
    }
}

/// <summary>Why a member makes no further steps; on a device as a number.</summary>
internal enum MemberEnd
{
    None,
    RiskReached,
    LeftFloat,
    Float64Exhausted,
    StepVanished,
}

/// <param name="StepSize">To be tried next.</param>
/// <param name="PreviousError">Of the step taken last, in units of what is allowed.</param>
/// <param name="Rejected">Whether a step from here was taken back.</param>
internal readonly record struct FlowControl(double StepSize, double PreviousError, bool Rejected);
