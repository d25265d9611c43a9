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

    /// <summary>
    /// What <see cref="OnCheckpoint"/> was given in a run of the same parts; the run goes on from there to the same bits.
    /// </summary>
    public Snapshot? Resume { get; init; }
}

/// <summary>The one loop under flow and descent: step, stops, samples, checkpoints.</summary>
public static class Trajectory
{
    /// <summary>
    /// Follows the system from <paramref name="point"/>, which moves with it; another thread may read
    /// <see cref="TrajectoryPoint.Progress"/>. An end of the stepper's own (non-finite, float64 exhausted, ...) leaves the last good point.
    /// </summary>
    /// <exception cref="NotSupportedException">Checkpoints are asked for and the stepper, or its rule, is not
    /// <see cref="IResumable"/>.</exception>
    /// <exception cref="SnapshotException"><see cref="RunPlan.Resume"/> is of other parts.</exception>
    public static RunEnd Follow(FlowSystem system, IStepper stepper, TrajectoryPoint point, RunPlan plan)
    {
        var run = new TrajectoryRun(point, plan, stepper as IResumable ?? new Forgetful(stepper));
        run.Place();
        var evaluations = point.Evaluations;
        stepper.Start(system, point);
        // What the start evaluated, a run that is taken up has counted before.
        if (plan.Resume is not null) (point.Evaluations, system.Evaluations) = (evaluations, evaluations);
        run.Begin();
        while (run.End is null)
        {
            run.KeepIfDue();
            run.Arrive(stepper is IChunkStepper chunks
                ? chunks.Advance(point, run.StepsUntilLook(), plan.ClockLimit, run.LogRiskBound)
                : stepper.Step(point, plan.ClockLimit));
        }
        return run.End;
    }

    /// <summary>A stepper that cannot be kept says so when it is asked to.</summary>
    private sealed class Forgetful(IStepper stepper) : IResumable
    {
        public void Save(Snapshot memory) => throw Refusal();

        public void Restore(Snapshot memory) => throw Refusal();

        private NotSupportedException Refusal() => new(
            $"The stepper '{stepper.Name}' ({stepper.GetType().Name}) cannot be kept in a checkpoint: let it implement IResumable.");
    }
}
