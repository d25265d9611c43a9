using TorchAlign.Checkpoints;
using TorchAlign.Fields;
using TorchAlign.States;

namespace TorchAlign.Dynamics;

/// <summary>
/// Dormand-Prince 5(4): explicit, seven stages, the last one the first of the next step.
/// J. R. Dormand, P. J. Prince, A family of embedded Runge-Kutta formulae, J. Comp. Appl. Math. 6 (1980) 19-26, table
/// 2; step size by the PI controller of Hairer, Norsett, Wanner I, section IV.2 (as in DOPRI5: beta = 0.04). Late in
/// a run the flow is stiff and steps stay of the size stability allows: the independent check, not the way to the
/// limit.
/// </summary>
public sealed class DormandPrince54 : IStepper, IResumable, IDisposable
{
    /// <summary>Local error relative to ||W||: in a study 1e-9 of W after s = 1000.</summary>
    public const double DefaultTolerance = 1e-8;

    /// <summary>Where nothing tells a first step: at W = 0, or without a direction.</summary>
    internal const double SmallStep = 1e-6;

    /// <summary>What Hairer, Norsett, Wanner take as the error of a step before the first.</summary>
    internal const double FirstError = 1e-4;

    internal const double Safety = 0.9;
    internal const double NonFiniteFactor = 0.1;
    internal const double SmallestFactor = 0.2;
    internal const double LargestFactor = 5;
    internal const double Beta = 0.04;
    internal const double Alpha = 0.2 - 0.75 * Beta;

    private readonly ErrorControl _control;
    private readonly double[] _coefficients = new double[Tableau.Nodes.Length];
    private readonly double[] _logRates = new double[Tableau.Nodes.Length];
    private StateVector[] _k = [];
    private StateVector? _trial, _error, _zero;
    private FlowSystem? _system;
    private double _h, _previousError;

    /// <param name="tolerance">rtol: the local error allowed relative to ||W||.</param>
    /// <exception cref="ArgumentOutOfRangeException">A tolerance outside (1e-15, 1).</exception>
    public DormandPrince54(double tolerance = DefaultTolerance) => _control = new ErrorControl(Checked(tolerance));

    public static ButcherTableau Tableau { get; } = new(
        "Dormand-Prince 5(4)",
        nodes: [0, 1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1, 1],
        stages:
        [
            [],
            [1.0 / 5],
            [3.0 / 40, 9.0 / 40],
            [44.0 / 45, -56.0 / 15, 32.0 / 9],
            [19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729],
            [9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656],
            [35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84],
        ],
        weights: [35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84, 0],
        embedded: [5179.0 / 57600, 0, 7571.0 / 16695, 393.0 / 640, -92097.0 / 339200, 187.0 / 2100, 1.0 / 40],
        order: 5, embeddedOrder: 4);

    public string Name => "dopri5";

    /// <summary>The step size the next call will try first.</summary>
    public double StepSize => _h;

    public void Start(FlowSystem system, TrajectoryPoint point)
    {
        _system = system;
        if (_k.Length == 0 || _k[0].GetType() != point.W.GetType() || _k[0].Length != point.W.Length)
        {
            Dispose();
            _k = [.. Tableau.Nodes.Select(_ => point.W.NewLike())];
            (_trial, _error, _zero) = (point.W.NewLike(), point.W.NewLike(), point.W.NewLike());
        }
        var before = system.Evaluations;
        point.ClockIsTime = system.Clock == Clock.Time;
        system.Evaluate(point.W, _k[0]);
        _h = FirstStep(system, point.W);
        // Again, so that the margins the field holds are those of the point.
        var rate = system.Evaluate(point.W, _k[0]);
        _logRates[0] = rate.LogTimeRate;
        point.SetValue(rate.Value, rate.DirectionNorm);
        _previousError = FirstError;
        point.Evaluations += system.Evaluations - before;
    }

    public StepOutcome Step(TrajectoryPoint point, double clockLimit = double.PositiveInfinity)
    {
        var system = _system ?? throw new InvalidOperationException("Call Start before Step.");
        if (!(clockLimit > point.Clock))
            throw new ArgumentOutOfRangeException(
                nameof(clockLimit), clockLimit, $"The clock already stands at {point.Clock:R}; the limit must lie beyond it.");
        if (system.Field is IMarginField field && _control.IsExhausted(field.Margins)) return StepOutcome.Float64Exhausted;
        var before = system.Evaluations;
        var outcome = Advance(system, point, clockLimit);
        // The margins the field holds are always those of the point.
        if (outcome != StepOutcome.Advanced) system.Evaluate(point.W, _k[0]);
        point.Evaluations += system.Evaluations - before;
        return outcome;
    }

    /// <summary>The controller; the first stage is that of the point.</summary>
    public void Save(Snapshot memory)
    {
        memory.Write("step_size", _h);
        memory.Write("previous_error", _previousError);
    }

    public void Restore(Snapshot memory) =>
        (_h, _previousError) = (memory.ReadDouble("step_size"), memory.ReadDouble("previous_error"));

    /// <summary>Frees the stages; the stepper may be started again.</summary>
    public void Dispose()
    {
        foreach (var state in (StateVector?[])[.. _k, _trial, _error, _zero]) state?.Dispose();
        _k = [];
    }

    /// <exception cref="ArgumentOutOfRangeException">Outside (1e-15, 1).</exception>
    internal static double Checked(double tolerance) => tolerance > 1e-15 && tolerance < 1
        ? tolerance
        : throw new ArgumentOutOfRangeException(nameof(tolerance), tolerance, "rtol must lie between 1e-15 and 1.");

    private StepOutcome Advance(FlowSystem system, TrajectoryPoint point, double clockLimit)
    {
        var (rejected, finite) = (false, true);
        while (true)
        {
            var left = clockLimit - point.Clock;
            // A last step that would be tiny is shared with the one before it.
            var h = _h >= left ? left : _h > left / 2 ? left / 2 : _h;
            var clock = h == left ? clockLimit : point.Clock + h;
            if (double.IsNegativeInfinity(point.Value.LogRisk)) return StepOutcome.RiskZero;
            if (!double.IsFinite(point.Value.LogRisk)) return StepOutcome.NonFinite;
            // t itself overflows long before the risk: the time clock ends there.
            if (!double.IsFinite(clock)) return StepOutcome.Float64Exhausted;
            if (clock == point.Clock) return finite ? StepOutcome.StepTooSmall : StepOutcome.NonFinite;
            var last = Try(system, point.W, h);
            var error = double.NaN;
            if (last is { } rate)
            {
                var norm = Math.Max(point.W.Norm(), _trial!.Norm());
                error = _control.Measure(system, _trial, norm, _error!);
                if (error <= 1)
                {
                    point.W.CopyFrom(_trial);
                    point.Clock = clock;
                    point.AddTime(DormandPrinceTime.LogIncrement(_logRates, h));
                    point.Steps++;
                    point.SetValue(rate.Value, rate.DirectionNorm);
                    (_k[0], _k[^1]) = (_k[^1], _k[0]);
                    _logRates[0] = _logRates[^1];
                    // A step cut short by the limit says nothing against the size planned before.
                    var next = h * Factor(error, rejected);
                    _h = h < _h ? Math.Max(next, _h) : next;
                    _previousError = Math.Max(error, FirstError);
                    return StepOutcome.Advanced;
                }
            }
            point.Rejected++;
            rejected = true;
            finite = double.IsFinite(error);
            _h = h * (finite ? Math.Max(SmallestFactor, Safety * Math.Pow(error, -Alpha)) : NonFiniteFactor);
        }
    }

    private double Factor(double error, bool rejected)
    {
        var factor = Safety * Math.Pow(Math.Max(error, 1e-10), -Alpha) * Math.Pow(_previousError, Beta);
        return Math.Clamp(factor, SmallestFactor, rejected ? 1 : LargestFactor);
    }

    /// <summary>Stages 2 to 7 and the error estimate; null as soon as a stage is not finite.</summary>
    private FlowRate? Try(FlowSystem system, StateVector w, double h)
    {
        FlowRate rate = default;
        for (var stage = 1; stage < _k.Length; stage++)
        {
            var a = Tableau.Stages[stage];
            for (var j = 0; j < a.Length; j++) _coefficients[j] = h * a[j];
            _trial!.SetCombination(w, _coefficients.AsSpan(0, stage), _k.AsSpan(0, stage));
            rate = system.Evaluate(_trial, _k[stage]);
            if (!double.IsFinite(rate.DirectionNorm) || !(rate.Value.LogRisk < double.PositiveInfinity)) return null;
            // At a risk of 0 only plain time has a rate: the stage before it stands for it.
            _logRates[stage] = double.IsNegativeInfinity(rate.Value.LogRisk) ? _logRates[stage - 1] : rate.LogTimeRate;
        }
        for (var j = 0; j < _k.Length; j++) _coefficients[j] = h * Tableau.ErrorWeights[j];
        _error!.SetCombination(_zero!, _coefficients, _k);
        return rate;
    }

    /// <summary>
    /// The starting step of Hairer, Norsett, Wanner I, section II.4: one Euler step measures the second derivative.
    /// </summary>
    private double FirstStep(FlowSystem system, StateVector w)
    {
        var norm = w.Norm();
        var speed = _k[0].Norm();
        if (!(speed > 0) || !double.IsFinite(speed)) return SmallStep;
        var h = norm > 0 ? 0.01 * norm / speed : SmallStep;
        _trial!.CopyFrom(w);
        _trial.AddScaled(h, _k[0]);
        system.Evaluate(_trial, _k[1]);
        _k[1].AddScaled(-1, _k[0]);
        var scale = _control.Relative * (norm > 0 ? norm : h * speed);
        var derivative = Math.Max(speed, _k[1].Norm() / h) / scale;
        var guess = Math.Pow(0.01 / derivative, 0.2);
        return double.IsFinite(guess) && guess > 0 ? Math.Min(100 * h, guess) : h;
    }
}
