using TorchAlign.Dynamics;
using TorchAlign.States;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchAlign.Optimizers;

/// <summary>
/// A stepper of <see cref="Dynamics"/> as a torch optimiser. <c>step(closure)</c> makes one accepted step; the closure zeroes the
/// gradients, evaluates the risk on all data, calls backward and returns the risk, and must stay the same from step to step:
/// it is called at trial points too, and its last gradient is used again for the next step.
/// </summary>
public abstract class TrajectoryOptimizer : OptimizerHelper
{
    private readonly Parameter[] _parameters;
    private readonly ClosureField _field;
    private readonly FlowSystem _system;
    private readonly IStepper _stepper;
    private TorchState _current;
    private bool _started;

    private protected TrajectoryOptimizer(IEnumerable<Parameter> parameters, IStepper stepper, Clock clock)
    {
        _parameters = [.. parameters];
        _field = new ClosureField(_parameters);
        _system = new FlowSystem(_field, clock);
        _stepper = stepper;
        _current = (TorchState)_field.NewState();
        Point = new TrajectoryPoint(_current);
    }

    /// <summary>Where the trajectory stands: log risk, log t, clock, steps, evaluations.</summary>
    public TrajectoryPoint Point { get; private set; }

    /// <summary>The clock value up to which one call of step may go.</summary>
    private protected virtual double ClockLimit => double.PositiveInfinity;

    /// <summary>One accepted step. Returns the risk before it, a scalar.</summary>
    /// <exception cref="ArgumentNullException">No closure: the flow needs the risk at points of its own choice.</exception>
    /// <exception cref="InvalidOperationException">The step could not be made; the parameters are those before it, as they are
    /// where the closure throws.</exception>
    public override Tensor step(Func<Tensor>? closure = null)
    {
        ArgumentNullException.ThrowIfNull(closure);
        _field.Closure = closure;
        using (enable_grad())
        {
            if (!_started) Start();
            var logRisk = Point.Value.LogRisk;
            var outcome = StepOutcome.NonFinite;
            try
            {
                outcome = Advance();
            }
            finally
            {
                _field.Write((TorchState)Point.W);
            }
            if (outcome is not (StepOutcome.Advanced or StepOutcome.RiskZero))
                throw new InvalidOperationException(RunEnd.Of(outcome).Message);
            return tensor(Math.Exp(logRisk), dtype: float64, device: CPU);
        }
    }

    public override IEnumerable<Parameter> parameters() => _parameters;

    public override void zero_grad()
    {
        using var scope = NewDisposeScope();
        using (no_grad())
            foreach (var parameter in _parameters) parameter.grad?.fill_(0);
    }

    /// <summary>
    /// Starts a new trajectory from the parameters' present values: call it after changing them, or the risk, from outside.
    /// </summary>
    public void Restart() => _started = false;

    private protected virtual StepOutcome Advance() => _stepper.Step(Point, ClockLimit);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            (_stepper as IDisposable)?.Dispose();
            _current.Dispose();
        }
        base.Dispose(disposing);
    }

    private void Start()
    {
        var next = _field.Read();
        var point = new TrajectoryPoint(next);
        try
        {
            _stepper.Start(_system, point);
            if (double.IsNaN(point.Value.LogRisk))
                throw new InvalidOperationException(
                    "The closure returned NaN at the parameters' present values: there is no step from there.");
        }
        catch
        {
            // The closure may have thrown at a trial point.
            _field.Write(next);
            next.Dispose();
            throw;
        }
        _current.Dispose();
        (_current, Point, _started) = (next, point, true);
    }
}
