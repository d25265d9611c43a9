using TorchAlign.Checkpoints;
using TorchAlign.Data;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Dynamics;

/// <summary>A network of an ensemble that is followed.</summary>
/// <param name="Points">Its data. Runs with equal points share one copy on the device where all do.</param>
/// <param name="Start">W(0) (P); where the plan takes up a run, that begins elsewhere.</param>
/// <param name="Rule">Of descent: constant, scheduled, loss-scaled or Assumption 5, of one kind in all runs. Null under a flow.</param>
/// <param name="Plan">With a schedule and stops of its own: they remember.</param>
public sealed record EnsembleRun(SignedPoints Points, double[] Start, IStepRule? Rule, RunPlan Plan);

/// <summary>
/// Many networks of one shape, each on its own run, as one batched problem on a device: what <see cref="Trajectory.Follow"/> with a
/// <see cref="QueuedDescent"/> or, under a flow, with a <see cref="DormandPrince54"/> does for one. Each is looked at, kept, taken up and
/// ended at its own steps, and a run's numbers depend on the others in the last digits of batched products alone. All queue as many
/// steps as nobody must look at; then the host waits once for where all stand, and once more for the states of those that are looked
/// at, if anybody asks for one. When half of them have ended, the others go on as a smaller ensemble.
/// </summary>
public sealed class EnsembleTrajectory : IDisposable
{
    private readonly NetworkShape _shape;
    private readonly MarginLoss _loss;
    private readonly Device _device;
    private readonly ScalarType _dtype;
    private readonly EnsembleFlowSettings? _flow;
    private readonly FollowedMember[] _all;

    // Of the ensemble on the device, by slot: those that go on, and those that have ended since it was made.
    private FollowedMember[] _members;
    private EnsembleField? _field;
    private IEnsembleStepper? _stepper;
    private double[] _bounds = [];
    private bool _begun;

    /// <summary>Brings data and states to the device and tries a step there, by which nothing moves.</summary>
    /// <param name="shape">Of all networks.</param>
    /// <param name="loss">Of a margin.</param>
    /// <param name="runs">One for each network.</param>
    /// <param name="device">The CPU, where none is named.</param>
    /// <param name="dtype">float64 or float32.</param>
    /// <param name="flow">What all follow; null for descent by the runs' rules.</param>
    /// <exception cref="ArgumentException">No runs, rules of several kinds or of one that decides on the host, rules under a flow, points
    /// of different sizes, a start that does not fit, or more than one output.</exception>
    /// <exception cref="Devices.DeviceMemoryException">The device's memory does not hold it.</exception>
    /// <exception cref="SnapshotException">A <see cref="RunPlan.Resume"/> is of another run.</exception>
    public EnsembleTrajectory(
        NetworkShape shape, MarginLoss loss, IReadOnlyList<EnsembleRun> runs, Device? device = null,
        ScalarType dtype = ScalarType.Float64, EnsembleFlowSettings? flow = null)
    {
        if (runs.Count == 0) throw new ArgumentException("An ensemble needs at least one run.", nameof(runs));
        if (runs.FirstOrDefault(run => run.Start.Length != shape.Length) is { } wrong)
            throw new ArgumentException($"A network {shape} starts from {shape.Length} numbers, not {wrong.Start.Length}.", nameof(runs));
        if (runs.Any(run => run.Rule is null == flow is null))
            throw new ArgumentException("Under descent each run has a step rule, under a flow none has.", nameof(runs));
        (_shape, _loss, _device, _dtype, _flow) = (shape, loss, device ?? CPU, dtype, flow);
        _members = _all = [.. runs.Select(run => new FollowedMember(run, shape, flow))];
        Points = [.. _all.Select(member => member.Point)];
        try
        {
            Gather(_all);
            // Memory that a step lacks is missed now, not when the runs are under way.
            _stepper!.Try(1, [.. _all.Select(member => (double)member.Point.Steps)], [.. _all.Select(_ => double.PositiveInfinity)]);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>
    /// Where each run stands. While they are followed, another thread may read <see cref="TrajectoryPoint.Progress"/> of each.
    /// </summary>
    public IReadOnlyList<TrajectoryPoint> Points { get; }

    /// <summary>
    /// Follows all runs until each has ended as it would have ended alone; to be called once. Runs that are looked at together are so
    /// on several threads, each run on one at a time, and an exception of one ends them all.
    /// </summary>
    /// <param name="onEnd">Told of each run that has ended, by its index, while the others wait.</param>
    /// <exception cref="SnapshotException">A <see cref="RunPlan.Resume"/> is of other parts.</exception>
    public IReadOnlyList<RunEnd> Follow(Action<int, RunEnd>? onEnd = null)
    {
        if (_begun) throw new InvalidOperationException("The runs of an ensemble are followed once.");
        _begun = true;
        var told = new bool[_all.Length];
        try
        {
            Move(_stepper!.Members);
            ForEach(_members, member => member.Begin());
            TellEnds();
            while (_all.Any(member => member.End is null))
            {
                var going = _members.Where(member => member.End is null).ToArray();
                if (2 * going.Length <= _members.Length) Gather(going);
                Hold();
                Move(_stepper.Try(Attempts(going), [.. _members.Select(Target)], [.. _members.Select(member => member.NextClock)]));
                ForEach(going, member => member.Arrive());
                TellEnds();
            }
        }
        finally
        {
            // What is not here by now cannot be fetched any more.
            foreach (var point in Points) point.FetchStateBy(null);
        }
        return [.. _all.Select(member => member.End!)];

        void TellEnds()
        {
            for (var i = 0; onEnd is not null && i < _all.Length; i++)
                if (!told[i] && _all[i].End is { } end)
                {
                    told[i] = true;
                    onEnd(i, end);
                }
        }
    }

    public void Dispose()
    {
        _stepper?.Dispose();
        _field?.Dispose();
    }

    /// <summary>An ensemble of these members, from where they stand; what was on the device makes room for it.</summary>
    private void Gather(FollowedMember[] members)
    {
        double[] states = [.. members.SelectMany(member => member.Point.W.ToArray())];
        Dispose();
        (_field, _stepper) = (null, null);
        var points = members.Select(member => member.Of.Points).ToArray();
        _field = points.All(other => Same(other, points[0]))
            ? EnsembleField.Of(_shape, members.Length, points[0], _loss, _device, _dtype)
            : EnsembleField.Of(_shape, points, _loss, _device, _dtype);
        var w = EnsembleDescent.Load(_field, states);
        EnsembleMember[] from = [.. members.Select(member => member.Stand)];
        _stepper = _flow is null
            ? new EnsembleDescent(new QueuedFactors(_field), w, [.. members.Select(member => member.Of.Rule!)], from: from)
            : new EnsembleDormandPrince(_field, w, _flow, from);
        for (var slot = 0; slot < members.Length; slot++) members[slot].Join(_stepper, slot);
        (_members, _bounds) = (members, []);
        Hold();
    }

    /// <summary>Tells the device where members land and what they must not go on from; a look may have changed the latter.</summary>
    private void Hold()
    {
        double[] bounds = [.. _members.Select(member => member.LogRiskBound)];
        if (bounds.SequenceEqual(_bounds)) return;
        _bounds = bounds;
        _stepper!.Hold([.. _members.Select(member => member.Of.Plan.ClockLimit)], bounds);
    }

    /// <summary>
    /// As many steps as nobody must look at, and no more than a chunk of them all. Where steps are taken back, runs with one schedule
    /// come to their looks one after the other; a run then waits a little, so that the host need not look for each.
    /// </summary>
    private long Attempts(FollowedMember[] going)
    {
        var (furthest, soonest) = (0L, QueuedDescent.ChunkOf(_field!.Work));
        foreach (var member in going)
            (furthest, soonest) = (Math.Max(furthest, member.Remaining), Math.Min(soonest, member.Patience));
        return Math.Min(furthest, soonest);
    }

    /// <summary>The step at which a member stands still.</summary>
    private static double Target(FollowedMember member) => member.End is null ? member.NextLook : member.Stand.Steps;

    /// <summary>Gives each member its numbers, and the ways to its state: one for those to be looked at, one for the others.</summary>
    private void Move(IReadOnlyList<EnsembleMember> rows)
    {
        var (due, others) = (new StateFetch(_stepper!), new StateFetch(_stepper!));
        for (var slot = 0; slot < _members.Length; slot++)
        {
            var member = _members[slot];
            if (member.End is not null) continue;
            member.Move(rows[slot]);
            member.FetchStateBy(member.IsDue ? due : others, slot);
        }
    }

    private static void ForEach(FollowedMember[] members, Action<FollowedMember> action) =>
        ParallelLoop.For(members.Length, Environment.ProcessorCount, i => action(members[i]));

    private static bool Same(SignedPoints left, SignedPoints right) => ReferenceEquals(left, right)
        || (left.Count == right.Count && left.Dimension == right.Dimension && left.Z.AsSpan().SequenceEqual(right.Z));
}
