using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Dynamics;

/// <summary>Where a member of an ensemble stands.</summary>
/// <param name="Steps">Accepted steps.</param>
/// <param name="Rejected">Steps tried and taken back.</param>
/// <param name="LogRisk">log R.</param>
/// <param name="GradientNorm">||grad log R||.</param>
/// <param name="Clock">Sum of the steps' factors; t where the rule's eta is its factor.</param>
/// <param name="LogTime">log t.</param>
/// <param name="End">How it ended, or null while it goes on.</param>
public sealed record EnsembleMember(
    long Steps, long Rejected, double LogRisk, double GradientNorm, double Clock, double LogTime, RunEnd? End);

/// <summary>
/// Gradient descent of S networks at once, W(t+1) = W(t) - eta_t grad R(W(t)), with a step rule and an end of its own for each member.
/// Steps queue up on the device: risks, norms, radii, step sizes and what is taken back are tensors (S), and the host sees
/// them when it asks. A member that has ended stays where it was, to the bit, while the others go on.
/// </summary>
public sealed class EnsembleDescent : IDisposable
{
    // Ends, as numbers in _end.
    private const double Moving = 0, RiskReached = 1, LeftFloat = 2, StepVanished = 3;

    private readonly EnsembleField _field;
    private readonly TensorStepRule _rule;
    private readonly double _logRiskBelow, _log10RiskBelow;
    private readonly Tensor _w, _next, _left, _right, _logRisk, _steps, _rejected, _clock, _logTime, _end;
    private long _target;

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
        if (_members.ToList().FindIndex(member => !double.IsFinite(member.LogRisk)) is >= 0 and var wrong)
            throw new ArgumentException($"The risk of member {wrong} is not finite at its start.", nameof(starts));
    }

    /// <summary>On states that are there, (S, P), and are moved in place; nothing is read back.</summary>
    internal EnsembleDescent(
        EnsembleField field, Tensor w, IReadOnlyList<IStepRule> rules, double log10RiskBelow = double.NegativeInfinity,
        double clock = 0, double logTime = double.NegativeInfinity)
    {
        (_field, _w, _log10RiskBelow, _logRiskBelow) = (field, w.DetachFromDisposeScope(), log10RiskBelow, log10RiskBelow * Math.Log(10));
        _rule = TensorStepRule.Of(rules, field);
        _next = field.Memory.Guard(field.Device, () => empty_like(_w).DetachFromDisposeScope());
        (_steps, _rejected, _clock, _end) = (Numbers(0), Numbers(0), Numbers(clock), Numbers(Moving));
        _logTime = Numbers(logTime);
        field.Evaluate(_w);
        using var scope = NewDisposeScope();
        _left = field.Left.clone().DetachFromDisposeScope();
        _right = field.Right.clone().DetachFromDisposeScope();
        _logRisk = field.LogRisk.to(float64, copy: true).DetachFromDisposeScope();
        _end.masked_fill_(_logRisk.le(_logRiskBelow), RiskReached);

        Tensor Numbers(double value) => full([field.Members], value, dtype: float64, device: field.Device).DetachFromDisposeScope();
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
            var numbers = stack([_steps, _rejected, _logRisk, norms, _clock, _logTime, _end], 1).cpu().data<double>().ToArray();
            return
            [
                .. numbers.Chunk(7).Select(row => new EnsembleMember((long)row[0], (long)row[1], row[2], row[3], row[4],
                    _rule.EtaIsFactor ? Math.Log(row[4]) : row[5], EndOf(row[6]))),
            ];
        }
    }

    /// <summary>The state (P) of one member.</summary>
    public double[] StateOf(int member)
    {
        using var scope = NewDisposeScope();
        return _w.select(0, member).to(float64, CPU).data<double>().ToArray();
    }

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
        _target = (going?.Select(member => member.Steps).DefaultIfEmpty(_target).Max() ?? _target) + steps;
        return _field.Memory.Guard(_field.Device, () =>
        {
            var members = _members;
            while (true)
            {
                var remaining = members?.Where(GoesOn).Select(member => _target - member.Steps).DefaultIfEmpty(0).Max() ?? steps;
                if (members is not null && (remaining <= 0 || cancellation.IsCancellationRequested)) return _members = members;
                for (var i = 0L; i < remaining && !cancellation.IsCancellationRequested; i++) Attempt(clockLimit, logRiskBound);
                members = Members;
            }
        });

        bool GoesOn(EnsembleMember member) => member.End is null && member.Clock < clockLimit && member.LogRisk > logRiskBound;
    }

    /// <summary>Queues so many steps and reads nothing back.</summary>
    internal void Queue(long steps)
    {
        _target += steps;
        for (var i = 0L; i < steps; i++) Attempt(double.PositiveInfinity, double.NegativeInfinity);
        _members = null;
    }

    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[_w, _next, _left, _right, _logRisk, _steps, _rejected, _clock, _logTime, _end]) tensor.Dispose();
        _rule.Dispose();
    }

    /// <summary>One step of every member that moves, queued on the device.</summary>
    private void Attempt(double clockLimit, double logRiskBound)
    {
        using var scope = NewDisposeScope();
        Attempts++;
        var moving = _end.eq(Moving) & _steps.lt(_target);
        var (factor, logUnit) = _rule.Next(_w, _logRisk);
        if (clockLimit < double.PositiveInfinity)
        {
            moving &= _clock.lt(clockLimit);
            factor = factor.minimum(clockLimit - _clock);
        }

        if (logRiskBound > double.NegativeInfinity) moving &= _logRisk.gt(logRiskBound);

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
        TensorLayers.Take(_left, taken, _field.Left);
        TensorLayers.Take(_right, taken, _field.Right);
        TensorLayers.Take(_logRisk, taken, logRisk);
        _steps.add_(taken);
        _clock.add_(factor.masked_fill(~taken, 0));
        if (logUnit is not null) TensorLayers.Take(_logTime, taken, _logTime.logaddexp(factor.log() + logUnit));
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

    private static Tensor Load(EnsembleField field, ReadOnlySpan<double> starts)
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
