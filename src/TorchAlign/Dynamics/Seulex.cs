namespace TorchAlign.Dynamics;

/// <summary>How closely <see cref="Seulex"/> follows the flow.</summary>
public enum StiffAccuracy
{
    /// <summary>rtol 1e-9: in a planar problem invariants within 1e-10 ||W||^2 and v within 1e-6 at 1 - cos = 1e-15.</summary>
    Accurate,

    /// <summary>rtol 1e-5.</summary>
    Fast,
}

/// <summary>
/// The stiff method: extrapolated linearly implicit Euler, order and step size chosen together. Row j of the table takes n_j
/// substeps y_{m+1} = y_m + (I - h A)^{-1} h f(y_m), h = H / n_j, n_j = 1, 2, 3, ...; Aitken-Neville extrapolation
///   T_{j,k+1} = T_{j,k} + (T_{j,k} - T_{j-1,k}) / (n_j / n_{j-k} - 1)
/// has order k in column k for any A (a W-method), which is what allows A = -c J^T C J, low rank and symmetric
/// (<see cref="SeulexJacobian"/>), in place of the Jacobian.
/// P. Deuflhard, SIAM Review 27 (1985) 505-535; E. Hairer, G. Wanner, Solving Ordinary Differential Equations II, section IV.9
/// (order and step control of SEULEX).
/// It needs the factors of <see cref="FusedField"/> and works with any clock; it is meant for <see cref="Clock.LogRisk"/>.
/// log t is the integral of dt/ds with log dt/ds interpolated to degree 5 (<see cref="LogTimeIntegral"/>).
/// </summary>
public sealed class Seulex : IStepper
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

    /// <summary>Few large steps leave rounding no time to relax: with the 200 of small steps v was off by 5 percent at 1e-24.</summary>
    private const double LooseMarginRounding = 60;

    private const int Columns = 8;

    /// <summary>Even where rounding matters some extrapolation is left; three columns amplify it ninefold.</summary>
    private const int FewestColumns = 3;

    private const double Safety = 0.94;
    private const double ErrorShare = 0.65;
    private const double LargestGrowth = 8;
    private const double SmallestGrowth = 0.1;

    private static readonly double[] Amplification = Amplifications();

    private readonly ErrorControl _control;
    private readonly double[] _error = new double[Columns + 1];
    private readonly double[] _proposed = new double[Columns + 1];
    private readonly double[] _cost = new double[Columns + 1];
    private readonly LogTimeIntegral _time = new();
    private FusedField? _field;
    private FlowSystem? _system;
    private SeulexJacobian? _jacobian;
    private ManagedState[] _table = [];
    private ManagedState? _work;
    private double[] _curvatures = [];
    private double _h, _logSpeed, _norm, _allowedInMargins;
    private int _target, _columns;

    public Seulex(StiffAccuracy accuracy = StiffAccuracy.Accurate)
        : this(accuracy == StiffAccuracy.Fast ? FastTolerance : AccurateTolerance)
    {
    }

    /// <param name="tolerance">rtol: the local error allowed relative to ||W||.</param>
    /// <exception cref="ArgumentOutOfRangeException">A tolerance outside (1e-13, 1): extrapolation amplifies rounding.</exception>
    public Seulex(double tolerance)
    {
        if (!(tolerance > 1e-13 && tolerance < 1))
            throw new ArgumentOutOfRangeException(nameof(tolerance), tolerance, "rtol must lie between 1e-13 and 1.");
        _control = new ErrorControl(
            tolerance, MarginTolerance, tolerance < 1e-7 ? ErrorControl.MarginRounding : LooseMarginRounding);
    }

    public string Name => "seulex";

    /// <summary>The step size the next call will try first.</summary>
    public double StepSize => _h;

    /// <summary>The column, that is the order, the next call aims at.</summary>
    public int Order => _target;

    public void Start(FlowSystem system, TrajectoryPoint point)
    {
        if (system.Field is not FusedField field)
            throw new ArgumentException(
                $"Seulex needs the closed form of FusedField; the field is a {system.Field.GetType().Name}. " +
                "Use DormandPrince54 with it.", nameof(system));
        _system = system;
        if (_field != field)
        {
            _field = field;
            _jacobian = new SeulexJacobian(field);
            _table = [.. Enumerable.Range(0, Columns).Select(_ => (ManagedState)field.NewState())];
            _work = (ManagedState)field.NewState();
            _curvatures = new double[field.Count];
        }
        // Substeps cost what evaluations cost; the Jacobian and the first evaluation about two of them.
        _cost[0] = 2;
        for (var k = 1; k <= Columns; k++) _cost[k] = _cost[k - 1] + k;
        _target = _control.Relative < 1e-6 ? 4 : 3;
        var before = system.Evaluations;
        Accept(point, Evaluate((ManagedState)point.W));
        point.Evaluations += system.Evaluations - before;
        _h = _norm > 0 ? 0.01 * _norm / (Math.Exp(_logSpeed) * point.DirectionNorm) : 0.01;
        if (!(_h > 0) || !double.IsFinite(_h)) _h = 1e-6;
        _time.Start(point.Clock, _logSpeed - point.Value.LogScale, RateSlope(point));
    }

    public StepOutcome Step(TrajectoryPoint point, double clockLimit = double.PositiveInfinity)
    {
        if (_system is null || _field is null || _jacobian is null)
            throw new InvalidOperationException("Call Start before Step.");
        if (!(clockLimit > point.Clock))
            throw new ArgumentOutOfRangeException(
                nameof(clockLimit), clockLimit, $"The clock already stands at {point.Clock:R}; the limit must lie beyond it.");
        if (ErrorControl.IsExhausted(_system)) return StepOutcome.Float64Exhausted;
        var before = _system.Evaluations;
        var outcome = Advance((ManagedState)point.W, point, clockLimit);
        // The margins the field holds are always those of the point.
        if (outcome != StepOutcome.Advanced) Evaluate((ManagedState)point.W);
        point.Evaluations += _system.Evaluations - before;
        return outcome;
    }

    private StepOutcome Advance(ManagedState state, TrajectoryPoint point, double clockLimit)
    {
        if (!double.IsFinite(point.Value.LogRisk)) return StepOutcome.NonFinite;
        _jacobian!.Build(state.Buffer, centred: _system!.Clock != Clock.Time);
        _allowedInMargins = _control.AllowedInMargins(_field!);
        _columns = UsefulColumns();
        if (_target > _columns - 1)
        {
            _target = _columns - 1;
            _h = Math.Min(_h, _proposed[_target]);
        }
        var (rejected, finite) = (false, true);
        while (true)
        {
            var left = clockLimit - point.Clock;
            // A last step that would be tiny is shared with the one before it.
            var h = _h >= left ? left : _h > left / 2 ? left / 2 : _h;
            var clock = h == left ? clockLimit : point.Clock + h;
            if (!double.IsFinite(clock)) return StepOutcome.NonFinite;
            if (clock == point.Clock) return finite ? StepOutcome.StepTooSmall : StepOutcome.NonFinite;
            var column = Extrapolate(state, h, point);
            if (column > 0 && Lands(column, h, point) is { } value)
            {
                state.CopyFrom(_table[0]);
                point.Clock = clock;
                point.Steps++;
                Accept(point, value);
                point.AddTime(_time.Advance(clock, _logSpeed - value.LogScale, RateSlope(point)));
                var planned = _h;
                PlanAfter(column, h, rejected);
                // A step cut short by the limit says nothing against the size planned before.
                if (h < planned && !rejected) _h = Math.Max(_h, planned);
                return StepOutcome.Advanced;
            }
            point.Rejected++;
            rejected = true;
            column = Math.Abs(column);
            finite = double.IsFinite(_error[column]);
            Replan(column, h, finite);
        }
    }

    /// <summary>
    /// Extrapolation amplifies the rounding of margins by sum_j j^k / (j! (k - j)!) in column k (28 for k = 4, 302 for 6, 3400
    /// for 8): columns in which that alone would take half of the allowed error are left out.
    /// </summary>
    private int UsefulColumns()
    {
        var rounding = ErrorControl.Rounding(_field!);
        for (var k = Columns; k > FewestColumns; k--)
            if (Amplification[k] * rounding <= 0.5 * _allowedInMargins) return k;
        return FewestColumns;
    }

    private static double[] Amplifications()
    {
        var result = new double[Columns + 1];
        for (var k = 1; k <= Columns; k++)
            for (var j = 1; j <= k; j++)
            {
                var term = Math.Pow(j, k);
                for (var factor = 2; factor <= j; factor++) term /= factor;
                for (var factor = 2; factor <= k - j; factor++) term /= factor;
                result[k] += term;
            }
        return result;
    }

    /// <summary>
    /// Fills the table row by row until an error is small enough, and returns that column; or minus the column at which
    /// the step was given up.
    /// </summary>
    private int Extrapolate(ManagedState state, double h, TrajectoryPoint point)
    {
        for (var k = 1; k <= _target + 1; k++)
        {
            if (!Row(state, k, h, point))
            {
                _error[k] = double.NaN;
                return -k;
            }
            if (k == 1) continue;
            _error[k] = Combine(k, state);
            _proposed[k] = Proposal(k, h);
            if (!double.IsFinite(_error[k])) return -k;
            if (k < _target - 1) continue;
            if (_error[k] <= 1) return k;
            if (_error[k] * Math.Pow(Reduction(k), _target + 1 - k) > 1) return -k;
        }
        return -(_target + 1);
    }

    /// <summary>What a further column is expected to multiply the error by: what the last one did, at least 1 / (k + 1).</summary>
    private double Reduction(int k) => k == 2 ? 1.0 / 3 : Math.Min(_error[k] / _error[k - 1], 1.0 / (k + 1));

    /// <summary>T_{k,1}: k substeps of size h / k; false if the state left float64.</summary>
    private bool Row(ManagedState state, int k, double h, TrajectoryPoint point)
    {
        // T_{k,1} goes to the place k - 1 of the table, which extrapolation has not used yet.
        var target = _table[k - 1].Buffer;
        var substep = h / k;
        var kappa = substep * Math.Exp(_logSpeed);
        if (!_jacobian!.Factor(kappa)) return false;
        _jacobian.AddSolution(state.Buffer, target, kappa, kappa, fromBase: true);
        for (var m = 1; m < k; m++)
        {
            _system!.Evaluations++;
            var logRisk = _field!.EvaluateFactors(target);
            var logSpeed = _system.Clock.LogSpeed(
                new FieldValue(logRisk, logRisk), _field.DirectionNorm(), _table[k - 1].Norm());
            var scale = substep * Math.Exp(logSpeed);
            if (!double.IsFinite(scale) || !double.IsFinite(logRisk)) return false;
            _jacobian.AddSolution(target, target, scale, kappa, fromBase: false);
        }
        return true;
    }

    /// <summary>Aitken-Neville: place 0 holds T_{k,k} afterwards, place 1 T_{k,k-1}; returns the measure of their difference.</summary>
    private double Combine(int k, ManagedState state)
    {
        for (var i = k - 2; i >= 0; i--)
            FusedFieldKernels.Extrapolate(_table[i + 1].Buffer, _table[i].Buffer, 1 / ((double)k / (i + 1) - 1));
        _work!.CopyFrom(_table[0]);
        _work.AddScaled(-1, _table[1]);
        var relative = _work.Norm() / (_control.Relative * Math.Max(state.Norm(), _table[0].Norm()));
        return relative <= 1 ? Math.Max(relative, _jacobian!.MarginSpaceNorm(_work.Buffer) / _allowedInMargins) : relative;
    }

    /// <summary>
    /// Evaluates where the step has led and judges the error once more with the weights there: a point that has become a
    /// support vector within the step was not one at its start. Null, and the error of the column raised, if that fails.
    /// </summary>
    private FieldValue? Lands(int column, double h, TrajectoryPoint point)
    {
        var (logSpeed, norm) = (_logSpeed, _norm);
        var value = Evaluate(_table[0]);
        var error = _control.Measure(_system!, _table[0], _norm, _work!);
        // Along the flow the risk falls.
        if (!(value.LogRisk <= point.Value.LogRisk + _allowedInMargins)) error = double.NaN;
        if (error <= 1) return value;
        (_logSpeed, _norm) = (logSpeed, norm);
        _error[column] = error;
        _proposed[column] = Math.Min(0.7 * h, Proposal(column, h));
        return null;
    }

    private FieldValue Evaluate(ManagedState state)
    {
        _system!.Evaluations++;
        var logRisk = _field!.EvaluateFactors(state.Buffer);
        var value = new FieldValue(logRisk, logRisk);
        _norm = state.Norm();
        _logSpeed = _system.Clock.LogSpeed(value, _field.DirectionNorm(), _norm);
        return value;
    }

    private void Accept(TrajectoryPoint point, FieldValue value)
    {
        point.Value = value;
        point.DirectionNorm = _field!.DirectionNorm();
    }

    private double Work(int column) => _cost[column] / _proposed[column];

    /// <summary>Order and size after an accepted step: the column that promises the least work for a unit of the clock.</summary>
    private void PlanAfter(int column, double h, bool rejected)
    {
        int next;
        if (column <= _target)
        {
            next = column;
            if (column > 2 && Work(column - 1) < 0.8 * Work(column)) next = column - 1;
            else if (column == 2 || Work(column) < 0.9 * Work(column - 1)) next = column + 1;
        }
        else
        {
            next = column - 1;
            if (column > 3 && Work(column - 2) < 0.8 * Work(column - 1)) next = column - 2;
            if (Work(column) < 0.9 * Work(next)) next = column;
        }
        next = Math.Clamp(next, 2, _columns - 1);
        if (rejected)
        {
            next = Math.Min(next, Math.Max(column, 2));
            _h = Math.Min(h, _proposed[next]);
        }
        else
        {
            // A column not computed yet is expected to do the same work for a unit of the clock as the last one.
            _h = next <= column ? _proposed[next] : _proposed[column] * _cost[next] / _cost[column];
        }
        _target = next;
    }

    /// <summary>After a step that was given up in a column: the size at which the target column should do.</summary>
    private void Replan(int column, double h, bool finite)
    {
        if (!finite)
        {
            _h = h * SmallestGrowth;
            _target = Math.Max(2, _target - 1);
            return;
        }
        for (var k = column + 1; k <= _target; k++)
        {
            _error[k] = _error[k - 1] * Reduction(k - 1);
            _proposed[k] = Proposal(k, h);
        }
        if (_target > 2 && Work(_target - 1) < 0.8 * Work(_target)) _target--;
        _h = Math.Min(0.9 * h, _proposed[_target]);
    }

    private double Proposal(int k, double h) => h * Math.Clamp(
        Safety * Math.Pow(ErrorShare / Math.Max(_error[k], 1e-10), 1.0 / k), SmallestGrowth, LargestGrowth);

    /// <summary>
    /// d log(dt/ds) / ds at the point: with ||F||' = c F^T F' F / ||F||, ||W||' = c F^T W / ||W|| (F^T W = L g^T w_prod, Euler's
    /// identity) and (log R)' = -c ||F||^2; the clock's own formula is differentiated along these by a central difference.
    /// </summary>
    private double RateSlope(TrajectoryPoint point)
    {
        var (field, clock) = (_field!, _system!.Clock);
        var (speed, direction) = (Math.Exp(_logSpeed), point.DirectionNorm);
        var directionSlope = speed * field.DirectionCurvature(((ManagedState)point.W).Buffer, _curvatures) / direction;
        var along = field.Shape.Depth * System.Numerics.Tensors.TensorPrimitives.Dot(field.ProductGradient, field.Product);
        var normSlope = _norm > 0 ? speed * along / _norm : speed * direction;
        var riskSlope = -speed * direction * direction;
        var rate = Math.Max(Math.Abs(directionSlope) / direction, Math.Abs(normSlope) / Math.Max(_norm, direction));
        var step = rate > 0 ? 1e-4 / rate : 1;
        var logSpeedSlope = (At(step) - At(-step)) / (2 * step);
        return logSpeedSlope - riskSlope;

        double At(double x) => clock.LogSpeed(
            new FieldValue(point.Value.LogRisk + x * riskSlope, point.Value.LogScale + x * riskSlope),
            direction + x * directionSlope, _norm + x * normSlope);
    }
}
