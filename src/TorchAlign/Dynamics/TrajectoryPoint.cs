using TorchAlign.Checkpoints;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.States;

namespace TorchAlign.Dynamics;

/// <summary>
/// Where a run stands. Steppers advance it in place; <see cref="Value"/> and <see cref="DirectionNorm"/> always belong to
/// <see cref="W"/>, so that stops and observers never evaluate the field again. It belongs to the thread that steps;
/// <see cref="Progress"/> alone is for others.
/// </summary>
public sealed class TrajectoryPoint(StateVector w) : IResumable
{
    private StateVector _w = w;
    private Action? _fetch;
    private double _logTime = double.NegativeInfinity;
    private double _directionNorm, _logRisk, _logScale, _clock;
    private StateVector? _direction;
    private FusedLinearisation? _factors;
    private long _steps;

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

    public FieldValue Value => new(_logRisk, _logScale);

    /// <summary>||direction||; ||grad R|| = exp(Value.LogScale) * DirectionNorm.</summary>
    public double DirectionNorm
    {
        get
        {
            if (_direction is not null) _directionNorm = _direction.Norm();
            else if (_factors is not null) _directionNorm = _factors.DirectionNorm();
            (_direction, _factors) = (null, null);
            return _directionNorm;
        }
    }

    /// <summary>The clock s of a flow; for descent the sum of the step factors, which is t when <see cref="ClockIsTime"/>.</summary>
    public double Clock
    {
        get => _clock;
        set => _clock = value;
    }

    /// <summary>The clock is t itself, so that log t need not be accumulated.</summary>
    public bool ClockIsTime { get; set; }

    /// <summary>log t, t the time of dW/dt = -grad R; minus infinity at the start.</summary>
    public double LogTime => ClockIsTime ? Math.Log(Clock) : _logTime;

    /// <summary>Accepted steps.</summary>
    public long Steps
    {
        get => _steps;
        set => _steps = value;
    }

    /// <summary>
    /// How far the run is, for showing it from any thread while the run goes on. Each number is whole; they may be those of
    /// neighbouring steps.
    /// </summary>
    public TrajectoryProgress Progress =>
        new(Volatile.Read(ref _steps), Volatile.Read(ref _clock), Volatile.Read(ref _logRisk));

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
        (_logRisk, _logScale) = (value.LogRisk, value.LogScale);
        (_directionNorm, _direction, _factors) = (directionNorm, null, null);
    }

    /// <summary>The field's value at W; the norm is taken from the direction only when somebody asks for it.</summary>
    public void SetValue(in FieldValue value, StateVector direction)
    {
        (_logRisk, _logScale) = (value.LogRisk, value.LogScale);
        (_direction, _factors) = (direction, null);
    }

    /// <summary>The same where the direction exists in its factors alone.</summary>
    internal void SetValue(in FieldValue value, FusedLinearisation factors)
    {
        (_logRisk, _logScale) = (value.LogRisk, value.LogScale);
        (_direction, _factors) = (null, factors);
    }
}

/// <summary>How far a run is.</summary>
/// <param name="Steps">Accepted steps.</param>
/// <param name="Clock">The clock s.</param>
/// <param name="LogRisk">log R.</param>
public readonly record struct TrajectoryProgress(long Steps, double Clock, double LogRisk);
