using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.States;

namespace TorchAlign.Dynamics;

/// <summary>
/// The extrapolation table of <see cref="Seulex"/> for one step from a base point. Row k takes k substeps
/// y_{m+1} = y_m + (I - h A)^{-1} h f(y_m), h = H / k; then T_{k,i+1} = T_{k,i} + (T_{k,i} - T_{k-1,i}) / (k / (k -
/// i) - 1). Beside W the table holds log of integral dt/ds: over a substep dt/ds is taken to grow from its value at
/// y_m at the rate it has at the base point, which is an integral of order 1 with the same expansion in h, so that
/// extrapolation lifts it to order k too.
/// </summary>
internal sealed class SeulexTable(FusedField field)
{
    private readonly ManagedState[] _rows =
        [.. Enumerable.Range(0, SeulexPlan.Columns).Select(_ => (ManagedState)field.NewState())];

    private readonly double[] _logTimes = new double[SeulexPlan.Columns];
    private readonly SeulexJacobian _jacobian = new(field);
    private readonly SeulexPlace _substep = new(field);
    private FlowSystem _system = null!;
    private NormClock _clock = null!;
    private SeulexPlace _base = null!;

    /// <summary>T_{k,k} after <see cref="Fill"/>.</summary>
    internal ManagedState Result => _rows[0];

    /// <summary>T_{k,k} - T_{k,k-1}.</summary>
    internal ManagedState Error { get; } = (ManagedState)field.NewState();

    /// <summary>log of the t that passes in the step, and the difference to the column before.</summary>
    internal double LogTime => _logTimes[0];

    internal double LogTimeError => Math.Abs(_logTimes[0] - _logTimes[1]);

    /// <summary>Builds the Jacobian at the place of the state, which is read until the next call.</summary>
    internal void SetBase(ManagedState state, FlowSystem system, NormClock clock, SeulexPlace place)
    {
        (_system, _clock, _base) = (system, clock, place);
        // In plain time the speed of the curve itself relaxes: there the Jacobian is that of grad R, not of grad log R.
        _jacobian.Build(place.At, state.Buffer, centred: clock != Clock.Time);
    }

    /// <summary>How far the error moves the margins at the base point.</summary>
    internal double ErrorInMargins() => _jacobian.MarginSpaceNorm(Error.Buffer);

    /// <summary>Adds row k to a table of k - 1 rows, for a step of size h; false if a substep leaves float64.</summary>
    internal bool Fill(int k, ManagedState state, double h)
    {
        if (!Substeps(k, state, h)) return false;
        for (var i = k - 2; i >= 0; i--)
        {
            var weight = 1 / ((double)k / (i + 1) - 1);
            FusedFieldKernels.Extrapolate(_rows[i + 1].Buffer, _rows[i].Buffer, weight);
            _logTimes[i] = _logTimes[i + 1] + weight * (_logTimes[i + 1] - _logTimes[i]);
        }
        if (k == 1) return true;
        Error.CopyFrom(_rows[0]);
        Error.AddScaled(-1, _rows[1]);
        return true;
    }

    private bool Substeps(int k, ManagedState state, double h)
    {
        // T_{k,1} goes to the place k - 1, which extrapolation has not used yet.
        var row = _rows[k - 1];
        var substep = h / k;
        var kappa = substep * Math.Exp(_base.LogSpeed);
        if (!_jacobian.Factor(kappa)) return false;
        _jacobian.AddSolution(_base.At, state.Buffer, row.Buffer, kappa, kappa);
        var logTime = _base.LogRate;
        for (var m = 1; m < k; m++)
        {
            _substep.Evaluate(_system, _clock, row);
            var scale = substep * Math.Exp(_substep.LogSpeed);
            if (!double.IsFinite(scale) || !double.IsFinite(_substep.Value.LogRisk)) return false;
            _jacobian.AddSolution(_substep.At, row.Buffer, row.Buffer, scale, kappa);
            logTime = LogDomain.LogAddExp(logTime, _substep.LogRate);
        }
        var growth = _base.RateSlope * substep;
        _logTimes[k - 1] = logTime + Math.Log(substep * (growth == 0 ? 1 : LogDomain.Expm1(growth) / growth));
        return true;
    }
}
