using TorchAlign.Checkpoints;
using TorchAlign.Fields;
using TorchAlign.States;

namespace TorchAlign.Dynamics;

/// <summary>
/// Gradient descent: Euler steps W(t+1) = W(t) - eta_t grad R(W(t)) with a step rule. The clock of the system is not used: the
/// point's clock is the sum of the steps' factors, which is t = sum eta_t unless the rule measures its steps in another unit.
/// With a <see cref="FusedField"/> the gradient goes from its factors straight into the next state: the same bits, and
/// half of the memory traffic.
/// </summary>
public sealed class GradientDescent(IStepRule rule) : IStepper, IResumable, IDisposable
{
    private IVectorField _field = null!;
    private FlowSystem _system = null!;
    private StateVector _next = null!;

    // The point moves between the state that it came with and one of this stepper's.
    private TrajectoryPoint? _point;
    private StateVector _given = null!, _own = null!;

    // The gradient at the point and at the next state; of a FusedField, in its factors.
    private StateVector _direction = null!, _nextDirection = null!;
    private FusedField? _fused;
    private FusedLinearisation _here = null!, _there = null!;

    public string Name => $"gradient descent, {Rule.Name}";

    public IStepRule Rule { get; } = rule;

    public void Start(FlowSystem system, TrajectoryPoint point)
    {
        _system = system;
        _field = system.Field;
        _fused = _field is FusedField fused && point.W is ManagedState && point.W.Length == fused.Shape.Length ? fused : null;
        Dispose();
        (_point, _given) = (point, point.W);
        _next = _own = point.W.NewLike();
        if (_fused is not null)
        {
            (_here, _there) = (_fused.NewLinearisation(), _fused.NewLinearisation());
            Arrive(point, Linearise(point.W));
        }
        else
        {
            (_direction, _nextDirection) = (point.W.NewLike(), point.W.NewLike());
            _system.Evaluations++;
            point.SetValue(_field.Evaluate(point.W, _direction), _direction);
        }
        point.ClockIsTime = Rule.EtaIsFactor;
        point.Evaluations = _system.Evaluations;
        Rule.Start(point);
    }

    public StepOutcome Step(TrajectoryPoint point, double clockLimit = double.PositiveInfinity)
    {
        while (true)
        {
            var size = Rule.Next(point);
            if (point.Clock + size.Factor > clockLimit) size = size with { Factor = clockLimit - point.Clock };
            var value = Try(point.W, size.Factor * Math.Exp(size.LogUnit + point.Value.LogScale));
            var finite = double.IsFinite(value.LogRisk) || double.IsNegativeInfinity(value.LogRisk);
            if (Rule.CanReject && !Rule.Accept(point.Value.LogRisk, finite ? value.LogRisk : double.PositiveInfinity))
            {
                point.Rejected++;
                if (size.Factor == 0) return StepOutcome.StepTooSmall;
                continue;
            }
            if (!finite) return StepOutcome.NonFinite;

            (point.W, _next) = (_next, point.W);
            Arrive(point, value);
            point.Clock += size.Factor;
            if (!point.ClockIsTime) point.AddTime(Math.Log(size.Factor) + size.LogUnit);
            point.Steps++;
            point.Evaluations = _system.Evaluations;
            return StepOutcome.Advanced;
        }
    }

    /// <summary>What the rule remembers; the gradient is that of the point.</summary>
    /// <exception cref="NotSupportedException">The rule is not <see cref="IResumable"/>.</exception>
    public void Save(Snapshot memory) => ResumableRule().Save(memory.Part("rule"));

    public void Restore(Snapshot memory) => ResumableRule().Restore(memory.Part("rule"));

    /// <summary>Frees what the stepper made; a point that stands in its state goes on in the one it came with.</summary>
    public void Dispose()
    {
        if (_point is not { } point) return;
        // The point may still have to take the norm of the direction.
        if (_fused is null) _ = point.DirectionNorm;
        if (ReferenceEquals(point.W, _own))
        {
            _given.CopyFrom(_own);
            point.W = _given;
        }
        foreach (var state in (StateVector?[])[_own, _direction, _nextDirection]) state?.Dispose();
        _point = null;
    }

    private IResumable ResumableRule() => Rule as IResumable ?? throw new NotSupportedException(
        $"The step rule '{Rule.Name}' ({Rule.GetType().Name}) cannot be kept in a checkpoint: let it implement IResumable.");

    /// <summary>_next = w + scale direction, evaluated.</summary>
    private FieldValue Try(StateVector w, double scale)
    {
        if (_fused is not null)
        {
            _fused.AddDirection(_here, ((ManagedState)w).Buffer, scale, ((ManagedState)_next).Buffer);
            return Linearise(_next);
        }
        _next.SetSum(w, scale, _direction);
        _system.Evaluations++;
        return _field.Evaluate(_next, _nextDirection);
    }

    private FieldValue Linearise(StateVector w)
    {
        _system.Evaluations++;
        _fused!.Linearise(((ManagedState)w).Buffer, _there);
        return new FieldValue(_there.LogRisk, _there.LogRisk);
    }

    private void Arrive(TrajectoryPoint point, in FieldValue value)
    {
        if (_fused is not null)
        {
            (_here, _there) = (_there, _here);
            point.SetValue(value, _here);
            return;
        }
        (_direction, _nextDirection) = (_nextDirection, _direction);
        point.SetValue(value, _direction);
    }
}
