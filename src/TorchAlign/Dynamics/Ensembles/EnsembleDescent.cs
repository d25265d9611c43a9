using TorchAlign.Checkpoints;
using TorchAlign.Fields;
using static TorchSharp.torch;

namespace TorchAlign.Dynamics;

/// <summary>
/// Gradient descent of S networks at once, W(t+1) = W(t) - eta_t grad R(W(t)), with a step rule and an end of its own for each member.
/// Steps queue up on the device: risks, norms, radii, step sizes and what is taken back are tensors (S), and the host sees
/// them when it asks. A member that has ended stays where it was, to the bit, while the others go on.
/// </summary>
public sealed class EnsembleDescent : IEnsembleStepper
{
    private readonly QueuedGradient _gradient;
    private readonly TorchStepRule _rule;
    private readonly bool _etaIsFactor, _canReject;
    private readonly double _logRiskBelow;
    private readonly RunEnd _riskReached;
    private readonly Tensor _w, _logRisk, _steps, _rejected, _clock, _end, _zero;
    private Tensor? _logTime;

    // What holds a member back: a step to stand at, a clock value to land on, a log R not to go on from.
    private readonly Tensor _target, _clockLimit, _logRiskBound;
    private bool _limitsSteps, _limitsClock, _boundsRisk;

    // The step to which those that go on were brought last.
    private long _furthest;

    // As read back last, where no step was queued since.
    private IReadOnlyList<EnsembleMember>? _members;

    /// <param name="field">Of S members.</param>
    /// <param name="starts">W(0) of each, S times P numbers.</param>
    /// <param name="rules">One for all or one each, of one kind: constant, scheduled, loss-scaled or Assumption 5.</param>
    /// <param name="log10RiskBelow">A member ends at the first step at which its log10 R is not above this.</param>
    /// <exception cref="ArgumentException">Starts or rules do not fit the field, or a start has no finite risk.</exception>
    /// <exception cref="Devices.DeviceMemoryException">The device's memory does not hold it.</exception>
    public EnsembleDescent(
        EnsembleField field, ReadOnlySpan<double> starts, IReadOnlyList<IStepRule> rules, double log10RiskBelow = double.NegativeInfinity)
        : this(new QueuedFactors(field), Load(field, starts), rules, log10RiskBelow)
    {
        if (Members.ToList().FindIndex(member => !double.IsFinite(member.LogRisk)) is not (>= 0 and var wrong)) return;
        Dispose();
        throw new ArgumentException($"The risk of member {wrong} is not finite at its start.", nameof(starts));
    }

    /// <summary>
    /// On states that are there, (S, P), and are moved in place; nothing is read back. Members that have come some way go
    /// <paramref name="from"/> their steps, clock, log t and, where it is given, state of the rule. Gradient and states are freed with
    /// this, and where it cannot be made.
    /// </summary>
    internal EnsembleDescent(
        QueuedGradient gradient, Tensor w, IReadOnlyList<IStepRule> rules, double log10RiskBelow = double.NegativeInfinity,
        IReadOnlyList<EnsembleMember>? from = null)
    {
        // All goes with the scope unless all of it is made.
        using var scope = NewDisposeScope();
        scope.Attach(gradient, w.DetachFromDisposeScope());
        (_gradient, _w) = (gradient, w);
        (_logRiskBelow, _riskReached) = (log10RiskBelow * Math.Log(10), Stops.RiskReached(log10RiskBelow));
        double[] steps = from is null ? new double[gradient.Members] : [.. from.Select(member => (double)member.Steps)];
        _furthest = (long)steps.Max();
        _rule = new RulesOnTensors(rules, steps, gradient.Layout, gradient.Device).Build();
        scope.Attach(_rule);
        (_etaIsFactor, _canReject) = (rules[0].EtaIsFactor, rules[0].CanReject);
        if (_canReject && !gradient.IsOfLogRisk)
            throw new ArgumentException($"The rule '{rules[0].Name}' takes steps back, by which this field would lose its gradient. "
                + "Use GradientDescent.", nameof(rules));
        if (from is not null && from.All(member => member.RuleState is not null))
            TorchLayers.Fill(_rule.Numbers, [.. from.Select(member => member.RuleState!.Value)]);
        (_steps, _rejected) = (Numbers(0, member => member.Steps), Numbers(0, member => member.Rejected));
        (_clock, _logTime) = (Numbers(0, member => member.Clock), Numbers(double.NegativeInfinity, member => member.LogTime));
        (_target, _end, _zero) = (Numbers(0), Numbers((double)MemberEnd.None), zeros([], dtype: float64, device: gradient.Device));
        (_clockLimit, _logRiskBound) = (Numbers(double.PositiveInfinity), Numbers(double.NegativeInfinity));
        gradient.Memory.Guard(gradient.Device, () => Evaluate(_w));
        gradient.Move(null);
        _logRisk = gradient.LogRisk.clone();
        _end.masked_fill_(_logRisk.le(_logRiskBelow), (double)MemberEnd.RiskReached);
        scope.Detach(Held);

        Tensor Numbers(double common, Func<EnsembleMember, double>? own = null) => own is null || from is null
            ? full([gradient.Members], common, dtype: float64, device: gradient.Device)
            : tensor([.. from.Select(own)], dtype: float64, device: gradient.Device);
    }

    /// <summary>The states (S, P): the tensor itself, which moves on.</summary>
    public Tensor States => _w;

    /// <summary>log R (S), float64.</summary>
    public Tensor LogRisk => _logRisk;

    /// <summary>Steps tried so far, by all members together as one.</summary>
    public long Attempts { get; private set; }

    /// <summary>Where all members stand: one read-back.</summary>
    public IReadOnlyList<EnsembleMember> Members => _members ??= Read();

    /// <summary>Evaluations of all members together so far.</summary>
    internal long Evaluations { get; private set; }

    /// <summary>The state (P) of one member.</summary>
    public double[] StateOf(int member) => StatesOf([member]);

    /// <summary>The states of some members, (k, P), one after the other: one read-back.</summary>
    public double[] StatesOf(IReadOnlyList<int> members) => TorchLayers.ReadRows(_w, members);

    /// <summary>
    /// Moves every member that has not ended to so many accepted steps more than the furthest of them has, or to its end. The host
    /// waits once where no step can be taken back; else once more for those who had some taken back.
    /// </summary>
    /// <param name="steps">At least 0.</param>
    /// <param name="clockLimit">No member goes on from a clock value at or above it, and each lands on it.</param>
    /// <param name="logRiskBound">No member goes on from a log R at or below it, nor ends there.</param>
    /// <param name="cancellation">Between two steps; members may then stand at different ones.</param>
    public IReadOnlyList<EnsembleMember> Advance(
        long steps, double clockLimit = double.PositiveInfinity, double logRiskBound = double.NegativeInfinity,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        Hold(ForAll(clockLimit), ForAll(logRiskBound));
        // A clock or a bound may have held them all short of the last target.
        _furthest = Members.Where(member => member.End is null).Select(member => member.Steps).DefaultIfEmpty(_furthest).Max() + steps;
        while (!cancellation.IsCancellationRequested)
        {
            var remaining = Members.Where(member => member.End is null && !member.IsHeld(clockLimit, logRiskBound))
                .Select(member => _furthest - member.Steps).DefaultIfEmpty(0).Max();
            if (remaining <= 0) break;
            Try(remaining, ForAll(_furthest), ForAll(double.PositiveInfinity), cancellation);
        }
        return Members;
    }

    /// <summary>Each member lands on a clock value of its own and does not go on from a log R of its own (S each).</summary>
    public void Hold(double[] clockLimits, double[] logRiskBounds)
    {
        TorchLayers.Fill(_clockLimit, clockLimits);
        TorchLayers.Fill(_logRiskBound, logRiskBounds);
        (_limitsClock, _boundsRisk) = (clockLimits.Any(double.IsFinite), logRiskBounds.Any(double.IsFinite));
    }

    /// <summary>
    /// So many steps are tried by each member that has not ended and is not held back: as <see cref="Hold"/> says, or by a step of its own
    /// (S). Descent knows no clock values to stand still at. Then where all stand, read back once.
    /// </summary>
    public IReadOnlyList<EnsembleMember> Try(long attempts, double[] steps, double[] clocks, CancellationToken cancellation = default) =>
        _gradient.Memory.Guard(_gradient.Device, () =>
        {
            Queue(attempts, steps, cancellation);
            if (!_gradient.IsOfLogRisk && Members.Any(member => member.End == RunEnd.NonFinite))
            {
                Evaluate(_w);
                _members = null;
            }
            return Members;
        });

    void IEnsembleStepper.Save(EnsembleMember stand, Snapshot memory) => _rule.Save(stand.RuleState!.Value, memory.Part("rule"));

    EnsembleMember IEnsembleStepper.Restore(int member, EnsembleMember stand, Snapshot memory)
    {
        _members = null;
        return stand with { RuleState = _rule.Restore(member, memory.Part("rule")) ?? stand.RuleState };
    }

    /// <summary>As <see cref="Try"/>, but nothing is read back.</summary>
    internal void Queue(long attempts, double[] steps, CancellationToken cancellation = default)
    {
        TorchLayers.Fill(_target, steps);
        // A member alone that can reach its step at most need not be told to stand there.
        _limitsSteps = _members is not [var alone] || alone.Steps + attempts > steps[0];
        _rule.Plan(this, attempts);
        _members = null;
        for (var i = 0L; i < attempts && !cancellation.IsCancellationRequested; i++) Attempt();
    }

    public void Dispose()
    {
        foreach (var held in Held) held.Dispose();
    }

    private IDisposable[] Held =>
        [_gradient, _rule, _w, _logRisk, _steps, _rejected, _clock, _end, _zero, _logTime!, _target, _clockLimit, _logRiskBound];

    private double[] ForAll(double number) => [.. Enumerable.Repeat(number, _gradient.Members)];

    private long Evaluate(Tensor w)
    {
        _gradient.Evaluate(w);
        return ++Evaluations;
    }

    private EnsembleMember[] Read()
    {
        using var scope = NewDisposeScope();
        var norms = _gradient.Norms.to(float64);
        var numbers = stack([_steps, _rejected, _logRisk, norms, _clock, _logTime!, _end, _rule.Numbers], 1).cpu().data<double>().ToArray();
        return
        [
            .. numbers.Chunk(8).Select(row => new EnsembleMember((long)row[0], (long)row[1], row[2], row[3], row[4],
                _etaIsFactor ? Math.Log(row[4]) : row[5], EnsembleMember.EndOf(row[6], _riskReached))
            {
                RuleState = row[7],
            }),
        ];
    }

    /// <summary>One step of every member that moves, queued on the device.</summary>
    private void Attempt()
    {
        using var scope = NewDisposeScope();
        Attempts++;
        var moving = _end.eq((double)MemberEnd.None);
        if (_limitsSteps) moving &= _steps.lt(_target);
        var (factor, logUnit) = _rule.Next(_w, _logRisk);
        if (_limitsClock)
        {
            moving &= _clock.lt(_clockLimit);
            factor = factor.minimum(_clockLimit - _clock);
        }
        if (_boundsRisk) moving &= _logRisk.gt(_logRiskBound);

        // next = W + eta exp(log scale) direction; 0 for those who stand still.
        var exponent = !_gradient.IsOfLogRisk ? logUnit : logUnit is null ? _logRisk : _logRisk + logUnit;
        var size = TorchLayers.Choose(moving, exponent is null ? factor : factor * exponent.exp(), _zero);
        var next = _gradient.Step(_w, size.to(_gradient.DType));
        Evaluate(next);

        var logRisk = _gradient.LogRisk;
        var finite = logRisk.lt(double.PositiveInfinity); // minus infinity is a risk of 0; NaN compares false
        var taken = moving & (_canReject ? _rule.Accept(_logRisk, logRisk, moving) : finite);
        var refused = moving.ne(taken);

        TorchLayers.Take(_w, taken, next);
        _gradient.Move(taken);
        TorchLayers.Take(_logRisk, taken, logRisk);
        _steps.add_(taken);
        _clock.add_(TorchLayers.Choose(taken, factor, _zero));
        if (logUnit is not null) TorchLayers.Exchange(ref _logTime, taken, _logTime!.logaddexp(factor.log() + logUnit));
        if (_canReject)
        {
            _rejected.add_(refused);
            _end.masked_fill_(refused & factor.eq(0), (double)MemberEnd.StepVanished);
        }
        else
        {
            _end.masked_fill_(refused, (double)MemberEnd.LeftFloat);
        }
        if (_logRiskBelow > double.NegativeInfinity)
            _end.masked_fill_(taken & logRisk.le(_logRiskBelow), (double)MemberEnd.RiskReached);
    }

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
