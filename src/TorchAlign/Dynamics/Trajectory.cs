using TorchAlign.Checkpoints;

namespace TorchAlign.Dynamics;

/// <summary>What a run is told besides its system and stepper.</summary>
public sealed record RunPlan
{
    /// <summary>Asked at every step, in order. Every plan bounds its steps, so a run always ends with a name.</summary>
    public required IReadOnlyList<IStop> Stops { get; init; }

    public required SampleSchedule Schedule { get; init; }

    /// <summary>Called at the start, at every due point and at the end; a non-null answer ends the run there.</summary>
    public Func<TrajectoryPoint, RunEnd?>? OnSample { get; init; }

    /// <summary>The run ends exactly at this clock value, as <c>clock-reached</c>.</summary>
    public double ClockLimit { get; init; } = double.PositiveInfinity;

    public CancellationToken Cancellation { get; init; }

    /// <summary>
    /// Takes what it needs to go on from a point: where <see cref="CheckpointDue"/> says so, and, with that end, where the run ends at
    /// a point from which a step could be made; there before the end is sampled.
    /// </summary>
    public Action<Snapshot, RunEnd?>? OnCheckpoint { get; init; }

    /// <summary>Asked at every step, so it must be cheap.</summary>
    public Func<TrajectoryPoint, bool>? CheckpointDue { get; init; }

    /// <summary>What <see cref="OnCheckpoint"/> was given in a run of the same parts; the run goes on from there to the same bits.</summary>
    public Snapshot? Resume { get; init; }
}

/// <summary>The one loop under flow and descent: step, stops, samples, checkpoints.</summary>
public static class Trajectory
{
    private static readonly RunEnd ClockReached = new("clock-reached", true, "The clock reached its limit.");

    /// <summary>
    /// Follows the system from <paramref name="point"/>, which moves with it; another thread may read the point's numbers to
    /// show progress. An end of the stepper's own (non-finite, float64 exhausted, ...) leaves the last good point.
    /// </summary>
    /// <exception cref="NotSupportedException">Checkpoints are asked for and the stepper, or its rule, is not
    /// <see cref="IResumable"/>.</exception>
    /// <exception cref="SnapshotException"><see cref="RunPlan.Resume"/> is of other parts.</exception>
    public static RunEnd Follow(FlowSystem system, IStepper stepper, TrajectoryPoint point, RunPlan plan)
    {
        // An array: enumerating the interface would allocate at every step.
        IStop[] stops = [.. plan.Stops];
        var memory = new RunMemory(system, stepper, point, plan.Schedule, stops);
        plan.Schedule.Start();
        if (plan.Resume is { } resume)
        {
            memory.RestoreAndStart(resume);
        }
        else
        {
            stepper.Start(system, point);
            if (!double.IsFinite(point.Value.LogRisk) || !double.IsFinite(point.DirectionNorm))
                return new RunEnd("non-finite", false, "The risk or its gradient is not finite at the start.");
        }
        // A part that cannot be kept is named now, not when the first checkpoint is due.
        if (plan.OnCheckpoint is not null) memory.Save();

        // A checkpoint is of a point that has been looked at: the run goes on with a step.
        var end = plan.Resume is null ? At(point) : null;
        while (end is null)
        {
            if (plan.OnCheckpoint is not null && plan.CheckpointDue?.Invoke(point) == true)
                plan.OnCheckpoint(memory.Save(), null);
            var outcome = stepper.Step(point, plan.ClockLimit);
            end = outcome == StepOutcome.Advanced ? At(point) : RunEnd.Of(outcome);
        }
        if (memory.Sampled != point.Steps) plan.OnSample?.Invoke(point);
        return end;

        RunEnd? At(TrajectoryPoint here)
        {
            RunEnd? end = null;
            if (plan.OnSample is { } observe && plan.Schedule.IsDue(here))
            {
                memory.Sampled = here.Steps;
                end = observe(here);
            }
            // All are asked, whoever ends the run: each remembers every point of it.
            foreach (var stop in stops) end = stop.Check(here) is { } reached ? end ?? reached : end;
            if (here.Clock >= plan.ClockLimit) end ??= ClockReached;
            if (plan.Cancellation.IsCancellationRequested) end ??= RunEnd.Interrupted;
            if (end is not null) plan.OnCheckpoint?.Invoke(memory.Save(), end);
            return end;
        }
    }
}
