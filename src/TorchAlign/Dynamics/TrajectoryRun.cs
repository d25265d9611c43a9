using TorchAlign.Checkpoints;

namespace TorchAlign.Dynamics;

/// <summary>
/// A run between its steps: who looks at it, when it is kept, and how it ends. Whoever has the stepper calls <see cref="Place"/>,
/// starts the stepper there and calls <see cref="Begin"/>; then steps, and <see cref="Arrive"/>s, until there is an end.
/// Nothing here allocates at a step.
/// </summary>
internal sealed class TrajectoryRun
{
    private static readonly RunEnd ClockReached = new("clock-reached", true, "The clock reached its limit.");

    private readonly TrajectoryPoint _point;
    private readonly RunPlan _plan;
    private readonly RunCheckpoint _memory;

    // An array: enumerating the interface would allocate at every step.
    private readonly IStop[] _stops;

    /// <param name="point">Moved by the stepper.</param>
    /// <param name="plan">What is to happen on the way.</param>
    /// <param name="stepper">What the stepper remembers; asked only where the run is kept or taken up.</param>
    internal TrajectoryRun(TrajectoryPoint point, RunPlan plan, IResumable stepper)
    {
        (_point, _plan, _stops) = (point, plan, [.. plan.Stops]);
        _memory = new RunCheckpoint(point, stepper, plan.Schedule, _stops);
    }

    /// <summary>
    /// The stops must see the first point whose log R is at most this: the largest bound that the point has not reached. A stop that
    /// went on beyond its bound has been asked there, and holds nothing back any more.
    /// </summary>
    internal double LogRiskBound
    {
        get
        {
            var largest = double.NegativeInfinity;
            foreach (var stop in _stops)
                if (stop.LogRiskBound is var bound && !(_point.Value.LogRisk <= bound)) largest = Math.Max(largest, bound);
            return largest;
        }
    }

    /// <summary>Null while the run goes on.</summary>
    internal RunEnd? End { get; private set; }

    /// <summary>Puts the point where the run begins: where it stands, or where it was kept.</summary>
    /// <exception cref="SnapshotException"><see cref="RunPlan.Resume"/> is of other parts.</exception>
    internal void Place()
    {
        _plan.Schedule.Start();
        if (_plan.Resume is { } resume) _memory.RestorePoint(resume);
    }

    /// <summary>The stepper has started at the point. Looks at it, unless it was looked at before it was kept.</summary>
    /// <exception cref="NotSupportedException">Checkpoints are asked for, and the stepper cannot be kept.</exception>
    /// <exception cref="SnapshotException"><see cref="RunPlan.Resume"/> is of other parts.</exception>
    internal void Begin()
    {
        if (_plan.Resume is { } resume)
        {
            _memory.RestoreParts(resume);
        }
        else if (!(_point.Value.LogRisk < double.PositiveInfinity) || !double.IsFinite(_point.DirectionNorm))
        {
            End = RunEnd.NonFinite with { Message = "The risk or its gradient is not finite at the start: make its layers smaller." };
            return;
        }
        // A part that cannot be kept is named now, not when the first checkpoint is due.
        if (_plan.OnCheckpoint is not null) _memory.Save();
        // A checkpoint is of a point that has been looked at: the run goes on with a step.
        if (_plan.Resume is null) Close(Look() ?? (_point.DirectionNorm == 0 ? RunEnd.CriticalPoint : null));
    }

    /// <summary>The clock value from which on the schedule is due, where it tells one that the point has not reached.</summary>
    internal double? DueClock =>
        _plan.OnSample is not null && _plan.Schedule.DueClock is { } clock && clock > _point.Clock ? clock : null;

    /// <summary>Steps that may be made before somebody must look; 1 where that cannot be known before.</summary>
    /// <param name="meetsClocks">Whether the stepper stands still at <see cref="DueClock"/> by itself.</param>
    internal long StepsUntilLook(bool meetsClocks = false)
    {
        var byClock = meetsClocks && DueClock is not null;
        var steps = _plan.OnSample is null || byClock ? long.MaxValue : _plan.Schedule.StepsUntilDue(_point);
        foreach (var stop in _stops) steps = Math.Min(steps, stop.StepsUntilCheck(_point));
        return steps;
    }

    /// <summary>Before each step.</summary>
    internal void KeepIfDue()
    {
        if (_plan.OnCheckpoint is not null && _plan.CheckpointDue?.Invoke(_point) == true) _plan.OnCheckpoint(_memory.Save(), null);
    }

    /// <summary>After a step, or after as many as nobody had to look at.</summary>
    internal void Arrive(StepOutcome outcome) => Close(outcome == StepOutcome.Advanced ? Look() : RunEnd.Of(outcome));

    /// <summary>The end is sampled, if it was not yet.</summary>
    private void Close(RunEnd? end)
    {
        if (end is not null && _memory.Sampled != _point.Steps) _plan.OnSample?.Invoke(_point);
        End = end;
    }

    private RunEnd? Look()
    {
        RunEnd? end = null;
        if (_plan.OnSample is { } observe && _plan.Schedule.IsDue(_point))
        {
            _memory.Sampled = _point.Steps;
            end = observe(_point);
        }
        // All are asked, whoever ends the run: each remembers every point of it.
        foreach (var stop in _stops) end = stop.Check(_point) is { } reached ? end ?? reached : end;
        if (_point.Clock >= _plan.ClockLimit) end ??= ClockReached;
        if (double.IsNegativeInfinity(_point.Value.LogRisk)) end ??= RunEnd.RiskZero;
        if (_plan.Cancellation.IsCancellationRequested) end ??= RunEnd.Interrupted;
        if (end is not null) _plan.OnCheckpoint?.Invoke(_memory.Save(), end);
        return end;
    }
}
