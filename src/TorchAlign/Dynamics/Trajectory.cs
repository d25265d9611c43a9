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
}

/// <summary>The one loop under flow and descent: step, stops, samples.</summary>
public static class Trajectory
{
    private static readonly RunEnd ClockReached = new("clock-reached", true, "The clock reached its limit.");

    /// <summary>
    /// Follows the system from <paramref name="point"/>, which moves with it; another thread may read the point's numbers to
    /// show progress. An end of the stepper's own (non-finite, float64 exhausted, ...) leaves the last good point.
    /// </summary>
    public static RunEnd Follow(FlowSystem system, IStepper stepper, TrajectoryPoint point, RunPlan plan)
    {
        // An array: enumerating the interface would allocate at every step.
        IStop[] stops = [.. plan.Stops];
        plan.Schedule.Start();
        stepper.Start(system, point);
        if (!double.IsFinite(point.Value.LogRisk) || !double.IsFinite(point.DirectionNorm))
            return new RunEnd("non-finite", false, "The risk or its gradient is not finite at the start.");
        long sampled = -1;
        RunEnd? end;
        while ((end = At(point)) is null)
        {
            var outcome = stepper is IChunkStepper chunks
                ? chunks.Advance(point, StepsUntilLook(), plan.ClockLimit)
                : stepper.Step(point, plan.ClockLimit);
            if (outcome == StepOutcome.Advanced) continue;
            end = RunEnd.Of(outcome);
            break;
        }
        if (sampled != point.Steps) plan.OnSample?.Invoke(point);
        return end;

        long StepsUntilLook()
        {
            var steps = plan.OnSample is null ? long.MaxValue : plan.Schedule.StepsUntilDue(point);
            foreach (var stop in stops) steps = Math.Min(steps, stop.StepsUntilCheck(point));
            return steps;
        }

        RunEnd? At(TrajectoryPoint here)
        {
            if (plan.OnSample is { } observe && plan.Schedule.IsDue(here))
            {
                sampled = here.Steps;
                if (observe(here) is { } wanted) return wanted;
            }
            foreach (var stop in stops)
                if (stop.Check(here) is { } reached) return reached;
            if (here.Clock >= plan.ClockLimit) return ClockReached;
            return plan.Cancellation.IsCancellationRequested ? RunEnd.Interrupted : null;
        }
    }
}
