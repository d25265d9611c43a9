using TorchAlign.Checkpoints;
using TorchAlign.States;

namespace TorchAlign.Dynamics;

/// <summary>
/// Explicit Euler with a fixed step h of the clock, order 1: W(s + h) = W(s) + h dW/ds. The simplest integrator of the flow,
/// kept as the baseline that the others are held against.
/// </summary>
public sealed class Euler : IStepper, IResumable, IDisposable
{
    private readonly double _h;
    private FlowSystem _system = null!;
    private StateVector? _velocity, _next;
    private double _logTimeRate;

    /// <exception cref="ArgumentOutOfRangeException">The step is not a positive finite number.</exception>
    public Euler(double h)
    {
        if (!(h > 0 && double.IsFinite(h)))
            throw new ArgumentOutOfRangeException(nameof(h), h, "A step must be positive and finite.");
        _h = h;
    }

    public string Name => $"Euler, h = {_h:R}";

    public void Start(FlowSystem system, TrajectoryPoint point)
    {
        _system = system;
        Dispose();
        _velocity = point.W.NewLike();
        _next = point.W.NewLike();
        Arrive(point, system.Evaluate(point.W, _velocity));
    }

    public StepOutcome Step(TrajectoryPoint point, double clockLimit = double.PositiveInfinity)
    {
        if (double.IsNegativeInfinity(point.Value.LogRisk)) return StepOutcome.RiskZero;
        var h = Math.Min(_h, clockLimit - point.Clock);
        _next!.SetSum(point.W, h, _velocity!);
        var logTimeRate = _logTimeRate;
        var rate = _system.Evaluate(_next, _velocity!);
        if (!(rate.Value.LogRisk < double.PositiveInfinity) || !double.IsFinite(rate.DirectionNorm))
        {
            _system.Evaluate(point.W, _velocity!);
            return StepOutcome.NonFinite;
        }
        point.W.CopyFrom(_next);
        point.Clock = h < _h ? clockLimit : point.Clock + h;
        point.AddTime(Math.Log(h) + logTimeRate);
        point.Steps++;
        Arrive(point, rate);
        return StepOutcome.Advanced;
    }

    /// <summary>Nothing: the velocity is that of the point.</summary>
    public void Save(Snapshot memory)
    {
    }

    public void Restore(Snapshot memory)
    {
    }

    public void Dispose()
    {
        _velocity?.Dispose();
        _next?.Dispose();
    }

    private void Arrive(TrajectoryPoint point, in FlowRate rate)
    {
        _logTimeRate = rate.LogTimeRate;
        point.SetValue(rate.Value, rate.DirectionNorm);
        point.Evaluations = _system.Evaluations;
    }
}
