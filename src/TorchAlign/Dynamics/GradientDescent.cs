namespace TorchAlign.Dynamics;

/// <summary>
/// Gradient descent: Euler steps W(t+1) = W(t) - eta_t grad R(W(t)) with a step rule. The clock of the system is not used: the
/// point's clock is the sum of the steps' factors, which is t = sum eta_t unless the rule measures its steps in another unit.
/// </summary>
public sealed class GradientDescent(IStepRule rule) : IStepper
{
    private IVectorField _field = null!;
    private FlowSystem _system = null!;
    private StateVector _direction = null!;
    private StateVector _nextDirection = null!;
    private StateVector _next = null!;

    public string Name => $"gradient descent, {Rule.Name}";

    public IStepRule Rule { get; } = rule;

    public void Start(FlowSystem system, TrajectoryPoint point)
    {
        _system = system;
        _field = system.Field;
        _direction = point.W.NewLike();
        _nextDirection = point.W.NewLike();
        _next = point.W.NewLike();
        _system.Evaluations++;
        point.SetValue(_field.Evaluate(point.W, _direction), _direction);
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
            _next.SetSum(point.W, size.Factor * Math.Exp(size.LogUnit + point.Value.LogScale), _direction);
            var value = _field.Evaluate(_next, _nextDirection);
            _system.Evaluations++;
            var finite = double.IsFinite(value.LogRisk) || double.IsNegativeInfinity(value.LogRisk);
            if (Rule.CanReject && !Rule.Accept(point.Value.LogRisk, finite ? value.LogRisk : double.PositiveInfinity))
            {
                point.Rejected++;
                if (size.Factor == 0) return StepOutcome.StepTooSmall;
                continue;
            }
            if (!finite) return StepOutcome.NonFinite;

            (point.W, _next) = (_next, point.W);
            (_direction, _nextDirection) = (_nextDirection, _direction);
            point.SetValue(value, _direction);
            point.Clock += size.Factor;
            if (!point.ClockIsTime) point.AddTime(Math.Log(size.Factor) + size.LogUnit);
            point.Steps++;
            point.Evaluations = _system.Evaluations;
            return StepOutcome.Advanced;
        }
    }
}
