using TorchAlign.Checkpoints;
using TorchAlign.Fields;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Dynamics;

/// <summary>
/// Gradient descent of S networks at once, W(t+1) = W(t) - eta_t grad R(W(t)), with a step rule and an end of its own for each member.
/// Steps queue up on the device: risks, norms, radii, step sizes and what is taken back are tensors (S), and the host sees
/// them when it asks. A member that has ended stays where it was, to the bit, while the others go on.
/// </summary>
public sealed class EnsembleDescent : IEnsembleStepper
{
    // Ends, as numbers in _end.
    private const double Moving = 0, RiskReached = 1, LeftFloat = 2, StepVanished = 3;

    private readonly EnsembleField _field;
    private readonly TensorStepRule _rule;
    private readonly double _logRiskBelow, _log10RiskBelow;
    private readonly Tensor _w, _next, _logRisk, _steps, _rejected, _clock, _end;
    private Tensor _left, _right, _logTime;

    // What holds a member back: a step to stand at, a clock value to land on, a log R not to go on from.
    private readonly Tensor _target, _clockLimit, _logRiskBound;
    private bool _limitsClock, _boundsRisk;
    private long _furthest;

    // As read back last, where no step was queued since.
    private IReadOnlyList<EnsembleMember>? _members;

    /// <param name="field">Of S members.</param>
    /// <param name="starts">W(0) of each, S times P numbers.</param>
    /// <param name="rules">One for all or one each, of one kind: constant, loss-scaled or Assumption 5.</param>
    /// <param name="log10RiskBelow">A member ends at the first step at which its log10 R is not above this.</param>
    /// <exception cref="ArgumentException">Starts or rules do not fit the field, or a start has no finite risk.</exception>
    /// <exception cref="Devices.DeviceMemoryException">The device's memory does not hold it.</exception>
    public EnsembleDescent(
        EnsembleField field, ReadOnlySpan<double> starts, IReadOnlyList<IStepRule> rules, double log10RiskBelow = double.NegativeInfinity)
        : this(field, Load(field, starts), rules, log10RiskBelow)
    {
        _members = Members;
        if (_members.ToList().FindIndex(member => !double.IsFinite(member.LogRisk)) is not (>= 0 and var wrong)) return;
        Dispose();
        throw new ArgumentException($"The risk of member {wrong} is not finite at its start.", nameof(starts));
    }

    /// <summary>
    /// On states that are there, (S, P), and are moved in place; nothing is read back. Members that have come some way go
    /// <paramref name="from"/> their steps, clock, log t and, where it is given, memory of the rule.
    /// </summary>
    internal EnsembleDescent(
        EnsembleField field, Tensor w, IReadOnlyList<IStepRule> rules, double log10RiskBelow = double.NegativeInfinity,
        IReadOnlyList<EnsembleMember>? from = null)
    {
        // What is made here, and the states, go with the scope unless all of it is made.
        using var scope = NewDisposeScope();
        scope.Attach(w.DetachFromDisposeScope());
        (_field, _w, _log10RiskBelow, _logRiskBelow) = (field, w, log10RiskBelow, log10RiskBelow * Math.Log(10));
        _rule = TensorStepRule.Of(rules, field);
        scope.Attach(_rule);
        _next = field.Memory.Guard(field.Device, () => empty_like(_w));
        (_steps, _rejected) = (Numbers(0, member => member.Steps), Numbers(0, member => member.Rejected));
        (_clock, _logTime) = (Numbers(0, member => member.Clock), Numbers(double.NegativeInfinity, member => member.LogTime));
        (_target, _end) = (Numbers(0, member => member.Steps), Numbers(Moving));
        (_clockLimit, _logRiskBound) = (Numbers(double.PositiveInfinity), Numbers(double.NegativeInfinity));
        _furthest = from?.Max(member => member.Steps) ?? 0;
        if (_rule.Memory is var (_, remembered) && from is not null && from.All(member => member.RuleMemory is not null))
            TensorLayers.Fill(remembered, [.. from.Select(member => member.RuleMemory!.Value)]);
        field.Memory.Guard(field.Device, () =>
        {
            field.Evaluate(_w);
            return true;
        });
        (_left, _right) = (field.Left.clone(), field.Right.clone());
        _logRisk = field.LogRisk.to(float64, copy: true);
        _end.masked_fill_(_logRisk.le(_logRiskBelow), RiskReached);
        scope.Detach(Held);
        scope.Detach(_rule);

        Tensor Numbers(double common, Func<EnsembleMember, double>? own = null) => own is null || from is null
            ? full([field.Members], common, dtype: float64, device: field.Device)
            : tensor([.. from.Select(own)], dtype: float64, device: field.Device);
    }

    /// <summary>The states (S, P): the tensor itself, which moves on.</summary>
    public Tensor States => _w;

    /// <summary>log R (S), float64.</summary>
    public Tensor LogRisk => _logRisk;

    /// <summary>The rules on tensors.</summary>
    internal TensorStepRule Rule => _rule;

    /// <summary>Steps tried so far, by all members together as one.</summary>
    public long Attempts { get; private set; }

    /// <summary>Where all members stand: one read-back.</summary>
    public IReadOnlyList<EnsembleMember> Members
    {
        get
        {
            using var scope = NewDisposeScope();
            var norms = _field.Layers.OuterNorms(_left, _right).to(float64);
            var memory = _rule.Memory?.Numbers ?? _end;
            var numbers = stack([_steps, _rejected, _logRisk, norms, _clock, _logTime, _end, memory], 1).cpu().data<double>().ToArray();
            return
            [
                .. numbers.Chunk(8).Select(row => new EnsembleMember((long)row[0], (long)row[1], row[2], row[3], row[4],
                    _rule.EtaIsFactor ? Math.Log(row[4]) : row[5], EndOf(row[6])) { RuleMemory = row[7] }),
            ];
        }
    }

    /// <summary>The state (P) of one member.</summary>
    public double[] StateOf(int member) => StatesOf([member]);

    /// <summary>
    /// Moves every member that has not ended to so many accepted steps more than the furthest of them has, or to its end. The host
    /// waits once where no step can be taken back; else once more for those who had some taken back.
    /// </summary>
    /// <param name="steps">At least 0.</param>
    /// <param name="clockLimit">No member goes on from a clock value at or above it, and each lands on it.</param>
    /// <param name="cancellation">Between two steps; members may then stand at different ones.</param>
    public IReadOnlyList<EnsembleMember> Advance(
        long steps, double clockLimit = double.PositiveInfinity, CancellationToken cancellation = default) =>
        Advance(steps, clockLimit, double.NegativeInfinity, cancellation);

    /// <summary>The same; no member goes on from a log R at or below the bound, nor ends there.</summary>
    internal IReadOnlyList<EnsembleMember> Advance(
        long steps, double clockLimit, double logRiskBound, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        // A clock or a bound may have held them all short of the last target.
        var going = _members?.Where(member => member.End is null);
        _furthest = (going?.Select(member => member.Steps).DefaultIfEmpty(_furthest).Max() ?? _furthest) + steps;
        return _field.Memory.Guard(_field.Device, () =>
        {
            Hold(_furthest, clockLimit, logRiskBound);
            var members = _members;
            while (true)
            {
                var remaining = members?.Where(GoesOn).Select(member => _furthest - member.Steps).DefaultIfEmpty(0).Max() ?? steps;
                if (members is not null && (remaining <= 0 || cancellation.IsCancellationRequested)) return _members = members;
                for (var i = 0L; i < remaining && !cancellation.IsCancellationRequested; i++) Attempt();
                members = Members;
            }
        });

        bool GoesOn(EnsembleMember member) => member.End is null && !member.IsHeld(clockLimit, logRiskBound);
    }

    /// <summary>
    /// So many steps are tried by each member that has not ended and is not held back: by its own step to stand at, its own clock
    /// value or its own log R (S each). Then where all stand, read back once.
    /// </summary>
    internal IReadOnlyList<EnsembleMember> Try(long attempts, double[] targets) => _field.Memory.Guard(_field.Device, () =>
    {
        TensorLayers.Fill(_target, targets);
        for (var i = 0L; i < attempts; i++) Attempt();
        return _members = Members;
    });

    void IEnsembleStepper.Hold(double[] clockLimits, double[] logRiskBounds) => Hold(clockLimits, logRiskBounds);

    double[] IEnsembleStepper.StatesOf(IReadOnlyList<int> members) => StatesOf(members);

    IReadOnlyList<EnsembleMember> IEnsembleStepper.Try(long attempts, double[] steps, double[] clocks) => Try(attempts, steps);

    void IEnsembleStepper.Save(EnsembleMember stand, Snapshot memory) => _rule.Save(stand.RuleMemory!.Value, memory.Part("rule"));

    EnsembleMember IEnsembleStepper.Restore(int member, EnsembleMember stand, Snapshot memory) =>
        stand with { RuleMemory = _rule.Restore(member, memory.Part("rule")) };

    /// <summary>Each member lands on a clock value of its own and does not go on from a log R of its own.</summary>
    internal void Hold(double[] clockLimits, double[] logRiskBounds)
    {
        TensorLayers.Fill(_clockLimit, clockLimits);
        TensorLayers.Fill(_logRiskBound, logRiskBounds);
        (_limitsClock, _boundsRisk) = (clockLimits.Any(double.IsFinite), logRiskBounds.Any(double.IsFinite));
    }

    /// <summary>Queues so many steps and reads nothing back.</summary>
    internal void Queue(long steps)
    {
        _furthest += steps;
        Hold(_furthest, double.PositiveInfinity, double.NegativeInfinity);
        for (var i = 0L; i < steps; i++) Attempt();
        _members = null;
    }

    /// <summary>The states of some members, (k, P), one after the other: one read-back.</summary>
    internal double[] StatesOf(IReadOnlyList<int> members) => TensorLayers.ReadRows(_w, members);

    public void Dispose()
    {
        foreach (var tensor in Held) tensor.Dispose();
        _rule.Dispose();
    }

    private Tensor[] Held =>
        [_w, _next, _left, _right, _logRisk, _steps, _rejected, _clock, _logTime, _end, _target, _clockLimit, _logRiskBound];

    private void Hold(long target, double clockLimit, double logRiskBound)
    {
        using var scope = NewDisposeScope();
        _target.fill_(target);
        _clockLimit.fill_(clockLimit);
        _logRiskBound.fill_(logRiskBound);
        (_limitsClock, _boundsRisk) = (clockLimit < double.PositiveInfinity, logRiskBound > double.NegativeInfinity);
    }

    /// <summary>As <see cref="TensorLayers.Take"/>, without the copy: nobody else holds the tensor.</summary>
    private static void Exchange(ref Tensor held, Tensor mask, Tensor source)
    {
        // Meta tensors have no numbers to choose from, and libtorch no `where` for them.
        if (held.device_type == DeviceType.META) return;
        var chosen = where(held.dim() > 1 ? mask.unsqueeze(1) : mask, source, held).DetachFromDisposeScope();
        held.Dispose();
        held = chosen;
    }

    /// <summary>One step of every member that moves, queued on the device.</summary>
    private void Attempt()
    {
        using var scope = NewDisposeScope();
        Attempts++;
        var moving = _end.eq(Moving) & _steps.lt(_target);
        var (factor, logUnit) = _rule.Next(_w, _logRisk);
        if (_limitsClock)
        {
            moving &= _clock.lt(_clockLimit);
            factor = factor.minimum(_clockLimit - _clock);
        }
        if (_boundsRisk) moving &= _logRisk.gt(_logRiskBound);

        // next = W + eta exp(log scale) left right^T; 0 for those who stand still.
        var size = factor * (logUnit is null ? _logRisk : _logRisk + logUnit).exp();
        size = size.masked_fill_(~moving, 0).to(_field.DType);
        _next.copy_(_w);
        _field.Layers.AddOuter(_next, _left * size.unsqueeze(1), _right);
        _field.Evaluate(_next);

        var logRisk = _field.LogRisk.to(float64);
        var finite = logRisk.lt(double.PositiveInfinity); // minus infinity is a risk of 0; NaN compares false
        var accepted = _rule.CanReject ? _rule.Accept(_logRisk, logRisk, moving) : finite;
        var taken = moving & accepted;
        var refused = moving & ~accepted;

        TensorLayers.Take(_w, taken, _next);
        Exchange(ref _left, taken, _field.Left);
        Exchange(ref _right, taken, _field.Right);
        TensorLayers.Take(_logRisk, taken, logRisk);
        _steps.add_(taken);
        _clock.add_(factor.masked_fill(~taken, 0));
        if (logUnit is not null) Exchange(ref _logTime, taken, _logTime.logaddexp(factor.log() + logUnit));
        if (_rule.CanReject)
        {
            _rejected.add_(refused);
            _end.masked_fill_(refused & factor.eq(0), StepVanished);
        }
        else
        {
            _end.masked_fill_(refused, LeftFloat);
        }
        if (_logRiskBelow > double.NegativeInfinity) _end.masked_fill_(taken & logRisk.le(_logRiskBelow), RiskReached);
    }

    private RunEnd? EndOf(double code) => code switch
    {
        RiskReached => Stops.RiskReached(_log10RiskBelow),
        LeftFloat => RunEnd.NonFinite,
        StepVanished => RunEnd.StepTooSmall,
        _ => null,
    };

    /// <summary>S times P numbers as states (S, P) on the field's device.</summary>
    internal static Tensor Load(EnsembleField field, ReadOnlySpan<double> starts)
    {
        var wanted = (long)field.Members * field.Shape.Length;
        if (starts.Length != wanted)
            throw new ArgumentException(
                $"{field.Members} networks {field.Shape} start from {wanted} numbers, not {starts.Length}.", nameof(starts));
        var numbers = starts.ToArray();
        return field.Memory.Guard(field.Device, () =>
        {
            using var scope = NewDisposeScope();
            return tensor(numbers, [field.Members, field.Shape.Length], dtype: float64, device: CPU)
                .to(field.DType, field.Device, copy: true).MoveToOuterDisposeScope();
        });
    }
}
