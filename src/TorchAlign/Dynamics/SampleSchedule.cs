using TorchAlign.Checkpoints;

namespace TorchAlign.Dynamics;

/// <summary>
/// When a run is looked at. It only reads the point: sampling never changes a step. One that plans ahead implements
/// <see cref="IResumable"/>.
/// </summary>
public abstract class SampleSchedule
{
    /// <summary>At every step.</summary>
    public static SampleSchedule EveryStep { get; } = new EverySchedule();

    /// <summary><paramref name="perDecade"/> samples a decade of the step count: 1, 2, 3, ... then log-spaced.</summary>
    public static SampleSchedule LogSpacedSteps(int perDecade) => new LogSteps(perDecade);

    /// <summary>
    /// At the multiples of <paramref name="steps"/>, and before the first of them log-spaced (0, 1, 2, ..., ten a decade), since most
    /// happens early.
    /// </summary>
    public static SampleSchedule Multiples(long steps) => new MultipleSteps(steps);

    /// <summary><paramref name="perDecade"/> samples a decade of the clock, from the first step on.</summary>
    public static SampleSchedule LogSpacedClock(int perDecade) => new LogClock(perDecade);

    /// <summary>Forgets earlier runs.</summary>
    public abstract void Start();

    /// <summary>Whether the point is due; if so, the next one is planned.</summary>
    public abstract bool IsDue(TrajectoryPoint point);

    /// <summary>Steps from the point to the next due one; 1 where that cannot be known before.</summary>
    public virtual long StepsUntilDue(TrajectoryPoint point) => 1;

    /// <summary>The clock value from which on a point is due, where that alone decides; else null.</summary>
    public virtual double? DueClock => null;

    private static double Ratio(int perDecade)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perDecade, 1);
        return Math.Pow(10, 1.0 / perDecade);
    }

    private sealed class EverySchedule : SampleSchedule
    {
        public override void Start()
        {
        }

        public override bool IsDue(TrajectoryPoint point) => true;
    }

    private sealed class LogSteps(int perDecade) : SampleSchedule, IResumable
    {
        private readonly double _ratio = Ratio(perDecade);
        private long _next;

        public override void Start() => _next = 0;

        public override bool IsDue(TrajectoryPoint point)
        {
            if (point.Steps < _next) return false;
            _next = Math.Max(point.Steps + 1, (long)Math.Min(point.Steps * _ratio, long.MaxValue / 2));
            return true;
        }

        public override long StepsUntilDue(TrajectoryPoint point) => Math.Max(1, _next - point.Steps);

        public void Save(Snapshot memory) => memory.Write("next", _next);

        public void Restore(Snapshot memory) => _next = memory.ReadInt64("next");
    }

    private sealed class MultipleSteps(long steps) : SampleSchedule, IResumable
    {
        private const double EarlyRatio = 1.2589254117941673; // 10^(1/10)

        private readonly long _steps = steps >= 1
            ? steps
            : throw new ArgumentOutOfRangeException(nameof(steps), steps, "Samples are at least one step apart.");

        private long _next;

        public override void Start() => _next = 0;

        public override bool IsDue(TrajectoryPoint point)
        {
            if (point.Steps < _next) return false;
            var multiple = (point.Steps / _steps + 1) * _steps;
            _next = point.Steps >= _steps ? multiple : Math.Min(multiple, Math.Max(point.Steps + 1, (long)(point.Steps * EarlyRatio)));
            return true;
        }

        public override long StepsUntilDue(TrajectoryPoint point) => Math.Max(1, _next - point.Steps);

        public void Save(Snapshot memory) => memory.Write("next", _next);

        public void Restore(Snapshot memory) => _next = memory.ReadInt64("next");
    }

    private sealed class LogClock(int perDecade) : SampleSchedule, IResumable
    {
        private readonly double _ratio = Ratio(perDecade);
        private double _next;

        public override double? DueClock => _next;

        public override void Start() => _next = 0;

        public override bool IsDue(TrajectoryPoint point)
        {
            if (point.Clock < _next) return false;
            _next = point.Clock * _ratio;
            return true;
        }

        public void Save(Snapshot memory) => memory.Write("next", _next);

        public void Restore(Snapshot memory) => _next = memory.ReadDouble("next");
    }
}
