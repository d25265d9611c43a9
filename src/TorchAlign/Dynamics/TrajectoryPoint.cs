using TorchAlign.Checkpoints;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.States;

namespace TorchAlign.Dynamics;

/// <summary>
/// Where a run stands. Steppers advance it in place; <see cref="Value"/> and <see cref="DirectionNorm"/> always belong to
/// <see cref="W"/>, so that stops and observers never evaluate the field again.
/// </summary>
public sealed class TrajectoryPoint(StateVector w) : IResumable
{
    private StateVector _w = w;
    private Action? _fetch;
    private double _logTime = double.NegativeInfinity;
    private double _directionNorm;
    private StateVector? _direction;
    private FusedField? _factors;
    private long _version;

    /// <summary>The state. Steppers may exchange it for another vector of the same kind; do not keep the reference.</summary>
    public StateVector W
    {
        get
        {
            if (_fetch is { } fetch)
            {
                fetch();
                _fetch = null;
            }
            return _w;
        }
        set => (_w, _fetch) = (value, null);
    }

    public FieldValue Value { get; private set; }

    /// <summary>||direction||; ||grad R|| = exp(Value.LogScale) * DirectionNorm.</summary>
    public double DirectionNorm
    {
        get
        {
            if (_direction is not null) _directionNorm = _direction.Norm();
            else if (_factors is not null)
            {
                // Somebody looked at the field elsewhere in between.
                if (_factors.Version != _version) _factors.EvaluateFactors(((ManagedState)W).Buffer);
                _directionNorm = _factors.DirectionNorm();
            }
            (_direction, _factors) = (null, null);
            return _directionNorm;
        }
    }

    /// <summary>The clock s of a flow; for descent the sum of the step factors, which is t when <see cref="ClockIsTime"/>.</summary>
    public double Clock { get; set; }

    /// <summary>The clock is t itself, so that log t need not be accumulated.</summary>
    public bool ClockIsTime { get; set; }

    /// <summary>log t, t the time of dW/dt = -grad R; minus infinity at the start.</summary>
    public double LogTime => ClockIsTime ? Math.Log(Clock) : _logTime;

    /// <summary>Accepted steps.</summary>
    public long Steps { get; set; }

    /// <summary>Steps tried and taken back.</summary>
    public long Rejected { get; set; }

    /// <summary>Evaluations of the field.</summary>
    public long Evaluations { get; set; }

    /// <summary>State, clock, log t and counts; the value at the state is the stepper's to find again.</summary>
    public void Save(Snapshot memory)
    {
        memory.Write("w", W.ToArray());
        memory.Write("clock", Clock);
        memory.Write("log_t", _logTime);
        memory.Write("counts", [Steps, Rejected, Evaluations]);
    }

    public void Restore(Snapshot memory)
    {
        W.CopyFrom(memory.ReadDoubles("w", W.Length));
        (Clock, _logTime) = (memory.ReadDouble("clock"), memory.ReadDouble("log_t"));
        var counts = memory.ReadInt64s("counts", 3);
        (Steps, Rejected, Evaluations) = (counts[0], counts[1], counts[2]);
    }

    /// <summary>Adds exp(logIncrement) to t.</summary>
    public void AddTime(double logIncrement) => _logTime = LogDomain.LogAddExp(_logTime, logIncrement);

    /// <summary>Sets log t where it was accumulated elsewhere.</summary>
    internal void SetLogTime(double logTime) => _logTime = logTime;

    /// <summary>The state has moved elsewhere: <paramref name="fetch"/> brings it here when somebody first asks for it.</summary>
    internal void FetchStateBy(Action? fetch) => _fetch = fetch;

    /// <summary>The field's value at W, with the norm of the direction.</summary>
    public void SetValue(in FieldValue value, double directionNorm)
    {
        Value = value;
        _directionNorm = directionNorm;
        (_direction, _factors) = (null, null);
    }

    /// <summary>The field's value at W; the norm is taken from the direction only when somebody asks for it.</summary>
    public void SetValue(in FieldValue value, StateVector direction)
    {
        Value = value;
        (_direction, _factors) = (direction, null);
    }

    /// <summary>The same where the direction exists in the factors of the field alone, which stands at W.</summary>
    internal void SetValue(in FieldValue value, FusedField field)
    {
        Value = value;
        (_direction, _factors, _version) = (null, field, field.Version);
    }
}
