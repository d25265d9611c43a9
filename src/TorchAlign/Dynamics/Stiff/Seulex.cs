using TorchAlign.Checkpoints;
using TorchAlign.Fields;
using TorchAlign.States;

namespace TorchAlign.Dynamics;

/// <summary>How closely <see cref="Seulex"/> follows the flow.</summary>
public enum StiffAccuracy
{
    /// <summary>
    /// rtol 1e-9: in a planar problem invariants within 1e-10 ||W||^2 and v within 1e-5 at 1 - cos = 1e-15.
    /// </summary>
    Accurate,

    /// <summary>rtol 1e-5: a quarter of the evaluations, invariants within 1e-5 ||W||^2, v within 1 percent.</summary>
    Fast,
}

/// <summary>
/// The stiff method: extrapolated linearly implicit Euler, order and step size chosen together. Row j of the table
/// takes n_j substeps y_{m+1} = y_m + (I - h A)^{-1} h f(y_m), h = H / n_j, n_j = 1, 2, 3, ...; Aitken-Neville
/// extrapolation
///   T_{j,k+1} = T_{j,k} + (T_{j,k} - T_{j-1,k}) / (n_j / n_{j-k} - 1)
/// has order k in column k for any A (a W-method), which is what allows A = -c J^T C J, low rank and symmetric
/// (<see cref="SeulexJacobian"/>), in place of the Jacobian.
/// P. Deuflhard, SIAM Review 27 (1985) 505-535; E. Hairer, G. Wanner, Solving Ordinary Differential Equations II,
/// section IV.9.
/// It needs the factors of <see cref="FusedField"/> and a <see cref="NormClock"/>; it is meant for
/// <see cref="Clock.LogRisk"/>. log t comes by the same extrapolation (<see cref="SeulexTable"/>); in the long steps
/// late in a run, where dt/ds grows by e^100,000 and only the end of a step counts, from log dt/ds interpolated to
/// degree 5 (<see cref="LogTimeIntegral"/>). At a given risk t is good to 1e-5 of itself (rtol 1e-9; mostly 1e-7),
/// early and late.
/// </summary>
public sealed class Seulex : IStepper, IResumable
{
    /// <summary>rtol of <see cref="StiffAccuracy.Accurate"/>.</summary>
    public const double AccurateTolerance = 1e-9;

    /// <summary>rtol of <see cref="StiffAccuracy.Fast"/>.</summary>
    public const double FastTolerance = 1e-5;

    /// <summary>
    /// With large smooth steps the errors of the weights have one sign for many steps and v keeps them: a tenth of what
    /// is allowed to an explicit method.
    /// </summary>
    private const double MarginTolerance = 0.1 * ErrorControl.MarginTolerance;

    /// <summary>
    /// rtol from which the two next constants hold. Few large steps leave rounding no time to relax: with the 200
    /// roundings of small steps v was off by 5 percent at 1 - cos = 1e-24.
    /// </summary>
    private const double Loose = 1e-7;

    private const double LooseMarginRounding = 60;
    private const double LooseLargestRounding = 2e-4;

    /// <summary>
    /// The extrapolated log t is taken where log dt/ds changes by no more than this in a step and its error estimate is
    /// small; else the interpolated one.
    /// </summary>
    private const double LargestTimeGrowth = 6;

    private const double LargestTimeError = 1e-4;

    /// <summary>
    /// The margin-space error sees the points that carry weight, at the start or at the landing. A step that hands all weight
    /// to one point which had none before is judged by neither: the weights may not change hands within one step.
    /// </summary>
    private const double LargestWeightShift = 0.5;

    private readonly ErrorControl _control;
    private readonly SeulexPlan _plan = new();
    private readonly LogTimeIntegral _time = new();
    private FusedField? _field;
    private FlowSystem? _system;
    private NormClock? _clock;
    private SeulexTable? _table;

    // Of the point, and of where the step that is tried leads.
    private SeulexPlace _here = null!, _there = null!;
    private double _allowedInMargins;

    public Seulex(StiffAccuracy accuracy = StiffAccuracy.Accurate)
        : this(accuracy == StiffAccuracy.Fast ? FastTolerance : AccurateTolerance)
    {
    }

    /// <param name="tolerance">rtol: the local error allowed relative to ||W||.</param>
    /// <exception cref="ArgumentOutOfRangeException">A tolerance outside (1e-13, 1): extrapolation amplifies
    /// rounding.</exception>
    public Seulex(double tolerance)
    {
        if (!(tolerance > 1e-13 && tolerance < 1))
            throw new ArgumentOutOfRangeException(nameof(tolerance), tolerance, "rtol must lie between 1e-13 and 1.");
        _control = tolerance < Loose
            ? new ErrorControl(tolerance, MarginTolerance)
            : new ErrorControl(tolerance, MarginTolerance, LooseMarginRounding, LooseLargestRounding);
    }

    public string Name => "seulex";

    /// <summary>The step size the next call will try first.</summary>
    public double StepSize => _plan.StepSize;

    /// <summary>The column, that is the order, the next call aims at.</summary>
    public int Order => _plan.Target;

    public void Start(FlowSystem system, TrajectoryPoint point)
    {
        if (system.Field is not FusedField field)
            throw new ArgumentException(
                $"Seulex needs the closed form of FusedField; the field is a {system.Field.GetType().Name}. " +
                "Use DormandPrince54 with it.", nameof(system));
        _clock = system.Clock as NormClock ?? throw new ArgumentException(
            $"Seulex differentiates its clock and knows only those of the norms, not '{system.Clock.Name}'. "
            + "Use DormandPrince54 with it.", nameof(system));
        _system = system;
        if (_field != field)
        {
            _field = field;
            _table = new SeulexTable(field);
            (_here, _there) = (new SeulexPlace(field), new SeulexPlace(field));
        }
        var before = system.Evaluations;
        var state = (ManagedState)point.W;
        _here.Evaluate(system, _clock, state);
        Accept(point, state);
        point.ClockIsTime = system.Clock == Clock.Time;
        point.Evaluations += system.Evaluations - before;
        var h = _here.StateNorm > 0 ? 0.01 * _here.StateNorm / (Math.Exp(_here.LogSpeed) * _here.DirectionNorm) : 0.01;
        _plan.Start(h > 0 && double.IsFinite(h) ? h : 1e-6, _control.Relative < 1e-6 ? 4 : 3);
        _time.Start(point.Clock, _here.LogRate, _here.RateSlope);
    }

    public StepOutcome Step(TrajectoryPoint point, double clockLimit = double.PositiveInfinity)
    {
        if (_system is null || _field is null || _table is null)
            throw new InvalidOperationException("Call Start before Step.");
        if (!(clockLimit > point.Clock))
            throw new ArgumentOutOfRangeException(
                nameof(clockLimit), clockLimit, $"The clock already stands at {point.Clock:R}; the limit must lie beyond it.");
        var before = _system.Evaluations;
        var outcome = _control.IsExhausted(_here.At.Margins)
            ? StepOutcome.Float64Exhausted
            : Advance(_system, _table, point, clockLimit);
        // Who reads the field's margins or product between two steps finds those of the point.
        _field.Show(_here.At);
        point.Evaluations += _system.Evaluations - before;
        return outcome;
    }

    /// <summary>Order, step size and errors of the last step, and what log t is interpolated from.</summary>
    public void Save(Snapshot memory)
    {
        _plan.Save(memory.Part("plan"));
        _time.Save(memory.Part("time"));
    }

    public void Restore(Snapshot memory)
    {
        _plan.Restore(memory.Part("plan"));
        _time.Restore(memory.Part("time"));
    }

    private StepOutcome Advance(FlowSystem system, SeulexTable table, TrajectoryPoint point, double clockLimit)
    {
        if (!double.IsFinite(point.Value.LogRisk)) return StepOutcome.NonFinite;
        var state = (ManagedState)point.W;
        table.SetBase(state, system, _clock!, _here);
        _allowedInMargins = _control.AllowedInMargins(_here.At.Margins);
        _plan.Limit(ErrorControl.Rounding(_here.At.Margins), _allowedInMargins);
        var (rejected, finite) = (false, true);
        while (true)
        {
            var left = clockLimit - point.Clock;
            // A last step that would be tiny is shared with the one before it.
            var h = _plan.StepSize >= left ? left : _plan.StepSize > left / 2 ? left / 2 : _plan.StepSize;
            var clock = h == left ? clockLimit : point.Clock + h;
            // t itself overflows long before the risk: the time clock ends there.
            if (!double.IsFinite(clock)) return StepOutcome.Float64Exhausted;
            if (clock == point.Clock) return finite ? StepOutcome.StepTooSmall : StepOutcome.NonFinite;
            if (Extrapolate(table, state, h, out var column) && Lands(system, table, column, h))
            {
                state.CopyFrom(table.Result);
                point.Clock = clock;
                point.Steps++;
                var extrapolated = table.LogTimeError <= LargestTimeError && Math.Abs(_here.RateSlope * h) <= LargestTimeGrowth;
                (_here, _there) = (_there, _here);
                Accept(point, state);
                var interpolated = _time.Advance(clock, _here.LogRate, _here.RateSlope);
                point.AddTime(extrapolated || !double.IsFinite(interpolated) ? table.LogTime : interpolated);
                _plan.Accepted(column, h, rejected);
                return StepOutcome.Advanced;
            }
            point.Rejected++;
            rejected = true;
            finite = _plan.IsFinite(column);
            _plan.Rejected(column, h);
        }
    }

    /// <summary>Fills the table until a column's error is small enough (true) or gives no more hope (false).</summary>
    private bool Extrapolate(SeulexTable table, ManagedState state, double h, out int column)
    {
        var target = _plan.Target;
        for (column = 1; column <= target + 1; column++)
        {
            var filled = table.Fill(column, state, h);
            if (filled && column == 1) continue;
            _plan.Record(column, filled ? ErrorOf(table, state) : double.NaN, h);
            if (!_plan.IsFinite(column)) return false;
            if (column < target - 1) continue;
            if (_plan.IsSmall(column)) return true;
            if (column == target + 1 || _plan.IsHopeless(column)) return false;
        }
        return false;
    }

    private double ErrorOf(SeulexTable table, ManagedState state)
    {
        var relative = table.Error.Norm() / (_control.Relative * Math.Max(state.Norm(), table.Result.Norm()));
        return relative <= 1 ? Math.Max(relative, table.ErrorInMargins() / _allowedInMargins) : relative;
    }

    /// <summary>
    /// Evaluates where the step has led and judges the error once more with the weights there: a point that has
    /// become a support vector within the step was not one at its start. If that fails, the error of the column is raised.
    /// </summary>
    private bool Lands(FlowSystem system, SeulexTable table, int column, double h)
    {
        _there.Evaluate(system, _clock!, table.Result);
        var error = table.Error.Norm() / (_control.Relative * _there.StateNorm);
        if (error <= 1)
        {
            var inMargins = _field!.MarginSpaceNorm(_there.At, table.Result, table.Error);
            error = Math.Max(error, inMargins / _control.AllowedInMargins(_there.At.Margins));
        }
        error = Math.Max(error, _there.WeightShift(_here) / LargestWeightShift);
        // Along the flow the risk falls.
        if (!(_there.Value.LogRisk <= _here.Value.LogRisk + _allowedInMargins)) error = double.NaN;
        if (error <= 1) return true;
        _plan.Record(column, error, h);
        return false;
    }

    /// <summary>The point stands at the place that is here now.</summary>
    private void Accept(TrajectoryPoint point, ManagedState state)
    {
        _here.Differentiate(_clock!, state);
        point.SetValue(_here.Value, _here.DirectionNorm);
    }

    /// <summary>
    /// T_{column,column} of one step of size h from the start, without error control: what the order is observed on.
    /// </summary>
    internal StateVector SingleStep(TrajectoryPoint start, double h, int column)
    {
        var state = (ManagedState)start.W;
        _table!.SetBase(state, _system!, _clock!, _here);
        for (var k = 1; k <= column; k++)
            if (!_table.Fill(k, state, h)) throw new InvalidOperationException("The step left float64.");
        return _table.Result;
    }
}
