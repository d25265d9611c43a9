using TorchAlign.Checkpoints;
using TorchAlign.Networks;

namespace TorchAlign.Dynamics;

/// <summary>
/// One network of an <see cref="EnsembleTrajectory"/>: its point and its plan on the host, its numbers as read back last.
/// </summary>
internal sealed class FollowedMember : IResumable
{
    /// <summary>A run waits for others at most this part of the way to its next look.</summary>
    private const long WaitingShare = 16;

    private readonly ManagedState _state;
    private readonly TrajectoryRun _run;
    private readonly RunPlan _plan;
    private readonly long _chunk, _evaluationsBefore;
    private TensorStepRule? _rule;
    private int _slot;
    private long _lookedAt;

    /// <param name="run">Its start must have the shape's length.</param>
    /// <param name="shape">Of the network.</param>
    internal FollowedMember(EnsembleRun run, NetworkShape shape)
    {
        (Of, _plan) = (run, run.Plan);
        _chunk = DeviceDescent.ChunkOf(shape, run.Points.Count);
        _state = new ManagedState(shape.Layout, run.Start);
        Point = new TrajectoryPoint(_state) { ClockIsTime = run.Rule.EtaIsFactor };
        _run = new TrajectoryRun(Point, run.Plan, this);
        _run.Place();
        Stand = EnsembleMember.At(Point);
        // One for the start, and one each step tried; a run that is taken up has counted what came before.
        _evaluationsBefore = run.Plan.Resume is null ? 1 : Point.Evaluations - Point.Steps - Point.Rejected;
    }

    internal EnsembleRun Of { get; }

    internal TrajectoryPoint Point { get; }

    /// <summary>As read back last.</summary>
    internal EnsembleMember Stand { get; private set; }

    internal RunEnd? End => _run.End;

    internal double LogRiskBound => _run.LogRiskBound;

    /// <summary>The step at which somebody looks next.</summary>
    internal long NextLook { get; private set; }

    /// <summary>Steps from where it stands to there.</summary>
    internal long Remaining => NextLook - Stand.Steps;

    /// <summary>Attempts after which it should be seen: those to its look, and some in which it may have to wait there.</summary>
    internal long Patience => Remaining + (NextLook - _lookedAt) / WaitingShare;

    /// <summary>Whether it has come to its next look, or cannot or need not go on to there.</summary>
    internal bool IsDue => Stand.Steps >= NextLook || Stand.End is not null
        || Stand.IsHeld(_plan.ClockLimit, LogRiskBound) || (_plan.Cancellation.IsCancellationRequested && Stand.Steps > _lookedAt);

    /// <summary>It is the member <paramref name="slot"/> of an ensemble with these rules on tensors.</summary>
    internal void Join(TensorStepRule rule, int slot) => (_rule, _slot) = (rule, slot);

    /// <summary>Takes the numbers that were read back.</summary>
    internal void Move(EnsembleMember member)
    {
        Stand = member;
        member.Move(Point);
        Point.Evaluations = _evaluationsBefore + member.Steps + member.Rejected;
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
    /// <remarks>As <see cref="DeviceDescent"/> and <see cref="GradientDescent"/> do: each goes on from the others' checkpoints.</remarks>
    public void Save(Snapshot memory) => _rule!.Save(Stand.RuleMemory!.Value, memory.Part("rule"));

    public void Restore(Snapshot memory) => Stand = Stand with { RuleMemory = _rule!.Restore(_slot, memory.Part("rule")) };

    private void KeepOrLeave()
    {
        if (End is null) _run.KeepIfDue();
        // Nobody can fetch the state once the others have moved on.
        else _ = Point.W;
    }

    private void PlanLook()
    {
        _lookedAt = Point.Steps;
        NextLook = _lookedAt + DeviceDescent.StepsInChunk(_run.StepsUntilLook(), _lookedAt, _chunk);
    }
}
