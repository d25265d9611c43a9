using TorchAlign.Checkpoints;
using TorchAlign.Fields;
using TorchAlign.Networks;
using TorchAlign.States;

namespace TorchAlign.Dynamics;

/// <summary>
/// One network of an <see cref="EnsembleTrajectory"/>: its point and its plan on the host, its numbers as read back last.
/// </summary>
internal sealed class FollowedMember : IResumable
{
    /// <summary>A run waits for others at most this part of the way to its next look.</summary>
    private const long WaitingShare = 16;

    /// <summary>Steps of a flow, whose size may change at each of them.</summary>
    private const double LongestGuess = 16;

    private readonly ManagedState _state;
    private readonly TrajectoryRun _run;
    private readonly RunPlan _plan;
    private readonly bool _flows;
    private readonly long _chunk, _evaluationsBefore, _evaluationsAStep;
    private IEnsembleStepper? _stepper;
    private int _slot;
    private long _lookedAt;

    /// <param name="run">Its start must have the shape's length.</param>
    /// <param name="shape">Of the network.</param>
    /// <param name="flow">Null for descent.</param>
    internal FollowedMember(EnsembleRun run, NetworkShape shape, EnsembleFlowSettings? flow)
    {
        (Of, _plan, _flows) = (run, run.Plan, flow is not null);
        _chunk = QueuedDescent.ChunkOf(EnsembleField.WorkOf(shape, run.Points.Count));
        _state = new ManagedState(shape.Layout, run.Start);
        Point = new TrajectoryPoint(_state) { ClockIsTime = flow is null ? run.Rule!.EtaIsFactor : flow.Clock == Clock.Time };
        _run = new TrajectoryRun(Point, run.Plan, this);
        _run.Place();
        Stand = EnsembleMember.At(Point);
        // Those of the start, and of each step tried; a run that is taken up has counted what came before.
        _evaluationsAStep = _flows ? EnsembleDormandPrince.EvaluationsAStep : 1;
        _evaluationsBefore = run.Plan.Resume is not null ? Point.Evaluations - _evaluationsAStep * (Point.Steps + Point.Rejected)
            : _flows ? EnsembleDormandPrince.EvaluationsAtStart : 1;
    }

    internal EnsembleRun Of { get; }

    internal TrajectoryPoint Point { get; }

    /// <summary>As read back last.</summary>
    internal EnsembleMember Stand { get; private set; }

    internal RunEnd? End => _run.End;

    /// <summary>The log R that it must not go on from before somebody has looked; of the last look.</summary>
    internal double LogRiskBound { get; private set; } = double.NegativeInfinity;

    /// <summary>The step at which somebody looks next.</summary>
    internal long NextLook { get; private set; }

    /// <summary>The clock value from which on somebody looks next.</summary>
    internal double NextClock { get; private set; }

    /// <summary>Steps from where it stands to there, as far as can be said now.</summary>
    internal long Remaining => Math.Min(NextLook - Stand.Steps, Stand.Control is { StepSize: var h }
        ? Math.Max(1, (long)Math.Min(Math.Ceiling((Math.Min(NextClock, _plan.ClockLimit) - Stand.Clock) / h), LongestGuess))
        : long.MaxValue);

    /// <summary>
    /// Attempts after which it should be seen: those to its look, and some in which it may have to wait there; a flow's attempts cost
    /// too much to wait.
    /// </summary>
    internal long Patience => Remaining + (_flows ? 0 : (NextLook - _lookedAt) / WaitingShare);

    /// <summary>Whether it has come to its next look, or cannot or need not go on to there.</summary>
    internal bool IsDue => Stand.Steps >= NextLook || Stand.Clock >= NextClock || Stand.End is not null
        || Stand.IsHeld(_plan.ClockLimit, LogRiskBound) || (_plan.Cancellation.IsCancellationRequested && Stand.Steps > _lookedAt);

    /// <summary>It is the member <paramref name="slot"/> of an ensemble that is moved so.</summary>
    internal void Join(IEnsembleStepper stepper, int slot) => (_stepper, _slot) = (stepper, slot);

    /// <summary>Takes the numbers that were read back.</summary>
    internal void Move(EnsembleMember member)
    {
        Stand = member;
        member.Move(Point, member.LogRisk);
        Point.Evaluations = _evaluationsBefore + _evaluationsAStep * (member.Steps + member.Rejected);
    }

    /// <summary>The state follows when somebody asks for it.</summary>
    internal void FetchStateBy(StateFetch fetch, int slot)
    {
        fetch.Add(slot, _state);
        Point.FetchStateBy(fetch.Run);
    }

    /// <summary>The start was evaluated.</summary>
    internal void Begin()
    {
        _run.Begin();
        PlanLook();
        KeepOrLeave();
    }

    /// <summary>Looks, where that is due, and keeps the run, where that is.</summary>
    internal void Arrive()
    {
        if (IsDue)
        {
            _run.Arrive(Stand.Steps > _lookedAt ? StepOutcome.Advanced : Stand.Outcome);
            PlanLook();
            // The device has made no further step already.
            if (End is null && Stand.End is not null) _run.Arrive(Stand.Outcome);
        }
        KeepOrLeave();
    }

    /// <inheritdoc/>
    /// <remarks>As steppers of one network do, on the device and on the host: each goes on from the others' checkpoints.</remarks>
    public void Save(Snapshot memory) => _stepper!.Save(Stand, memory);

    public void Restore(Snapshot memory) => Stand = _stepper!.Restore(_slot, Stand, memory);

    private void KeepOrLeave()
    {
        if (End is null) _run.KeepIfDue();
        // Nobody can fetch the state once the others have moved on.
        else _ = Point.W;
    }

    private void PlanLook()
    {
        _lookedAt = Point.Steps;
        NextLook = _lookedAt + QueuedDescent.StepsInChunk(_run.StepsUntilLook(meetsClocks: _flows), _lookedAt, _chunk);
        NextClock = (_flows ? _run.DueClock : null) ?? double.PositiveInfinity;
        LogRiskBound = _run.LogRiskBound;
    }
}
