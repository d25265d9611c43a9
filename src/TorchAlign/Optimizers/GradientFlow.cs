using TorchAlign.Dynamics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchAlign.Optimizers;

/// <summary>
/// Gradient flow dW/dt = -grad R as a torch optimiser, for any module: one adaptive Dormand-Prince 5(4) step a call, or as
/// many as an interval of the clock needs. At the kinks of a ReLU the error control takes small steps: 1e-4 is a tolerance there.
/// <code>
/// var flow = new GradientFlow(module.parameters(), Clock.LogRisk, rtol: 1e-8);
/// for (var i = 0; i &lt; 100; i++) flow.step(() =&gt; { flow.zero_grad(); var risk = Risk(); risk.backward(); return risk; });
/// </code>
/// </summary>
public sealed class GradientFlow : TrajectoryOptimizer
{
    /// <summary>Steps within one interval before it is given up: a flow caught on a kink of the risk would go on for ever.</summary>
    private const int MostSteps = 100_000;

    private readonly double? _interval;
    private double _target;

    /// <param name="parameters">The module's parameters.</param>
    /// <param name="clock">
    /// The speed at which the curve is run through; <see cref="Clock.LogRisk"/> gets far, <see cref="Clock.Time"/> is plain t.
    /// </param>
    /// <param name="rtol">Local error relative to the norm of all parameters.</param>
    /// <param name="interval">Advance the clock by exactly this much a call; null for one accepted step a call.</param>
    public GradientFlow(IEnumerable<Parameter> parameters, Clock clock, double rtol, double? interval = null)
        : base(parameters, new DormandPrince54(rtol), clock)
    {
        if (interval is { } given && !(given > 0 && double.IsFinite(given)))
            throw new ArgumentOutOfRangeException(nameof(interval), given, "The interval must be positive and finite.");
        _interval = interval;
    }

    private protected override double ClockLimit => _interval is null ? double.PositiveInfinity : _target;

    private protected override StepOutcome Advance()
    {
        if (_interval is not { } interval) return base.Advance();
        _target = Point.Clock + interval;
        for (var steps = 0; Point.Clock < _target; steps++)
        {
            if (steps == MostSteps) return StepOutcome.StepTooSmall;
            if (base.Advance() is var outcome && outcome != StepOutcome.Advanced) return outcome;
        }
        return StepOutcome.Advanced;
    }
}
