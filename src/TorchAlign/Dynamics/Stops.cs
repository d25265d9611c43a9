using System.Globalization;
using TorchAlign.Checkpoints;

namespace TorchAlign.Dynamics;

/// <summary>
/// Ends a run at a step; asked at every step, so it must be cheap. One with a memory implements <see cref="IResumable"/>.
/// </summary>
public interface IStop
{
    /// <summary>The end, or null to go on.</summary>
    RunEnd? Check(TrajectoryPoint point);
}

/// <summary>The stops that need nothing but the point itself.</summary>
public static class Stops
{
    /// <summary>log10 R &lt;= <paramref name="log10Risk"/>.</summary>
    public static IStop RiskBelow(double log10Risk) => new Risk(log10Risk * Math.Log(10), log10Risk);

    /// <summary>No more than <paramref name="steps"/> steps.</summary>
    public static IStop StepLimit(long steps) => new Steps(steps);

    /// <summary>No more than <paramref name="limit"/> of wall time, from now; a run taken up again counts what it took before.</summary>
    public static IStop WallTime(TimeSpan limit) => new Wall(limit);

    /// <summary>t &gt;= <paramref name="time"/>.</summary>
    public static IStop TimeReached(double time) => new Time(time);

    /// <summary>
    /// The risk fell by less than the factor exp(-<paramref name="logDecrease"/>) while the number of steps doubled, from
    /// <paramref name="firstStep"/> on: scale-free, since every risk here falls like a power of the step count.
    /// </summary>
    public static IStop Stagnation(double logDecrease, long firstStep) => new Stagnant(logDecrease, firstStep);

    private static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);

    private sealed class Risk(double logRisk, double log10Risk) : IStop
    {
        private readonly RunEnd _end = new("risk-below", true, $"The risk fell below 10^{Text(log10Risk)}.");

        public RunEnd? Check(TrajectoryPoint point) => point.Value.LogRisk <= logRisk ? _end : null;
    }

    private sealed class Steps(long limit) : IStop
    {
        private readonly RunEnd _end = new("step-limit", false, $"The limit of {limit} steps was reached; raise it to go on.");

        public RunEnd? Check(TrajectoryPoint point) => point.Steps >= limit ? _end : null;
    }

    private sealed class Wall(TimeSpan limit) : IStop, IResumable
    {
        private readonly RunEnd _end =
            new("time-limit", false, $"The limit of {Text(limit.TotalSeconds)} s of wall time was reached; raise it to go on.");

        private long _until = Environment.TickCount64 + (long)limit.TotalMilliseconds;

        public RunEnd? Check(TrajectoryPoint point) => Environment.TickCount64 >= _until ? _end : null;

        public void Save(Snapshot memory) =>
            memory.Write("milliseconds", (long)limit.TotalMilliseconds - (_until - Environment.TickCount64));

        public void Restore(Snapshot memory) =>
            _until = Environment.TickCount64 + (long)limit.TotalMilliseconds - memory.ReadInt64("milliseconds");
    }

    private sealed class Time(double time) : IStop
    {
        private readonly double _logTime = Math.Log(time);
        private readonly RunEnd _end = new("time-reached", true, $"The time t = {Text(time)} was reached.");

        public RunEnd? Check(TrajectoryPoint point) =>
            (point.ClockIsTime ? point.Clock >= time : point.LogTime >= _logTime) ? _end : null;
    }

    private sealed class Stagnant(double logDecrease, long firstStep) : IStop, IResumable
    {
        private readonly RunEnd _end = new("stagnated", false,
            "The risk stopped falling: the run sits at a critical point, or its steps are too small.");

        private long _next = firstStep;
        private double _logRisk = double.PositiveInfinity;

        public RunEnd? Check(TrajectoryPoint point)
        {
            if (point.Steps < _next) return null;
            var fell = _logRisk - point.Value.LogRisk;
            _logRisk = point.Value.LogRisk;
            _next = 2 * point.Steps;
            return fell < logDecrease ? _end : null;
        }

        public void Save(Snapshot memory)
        {
            memory.Write("next", _next);
            memory.Write("log_risk", _logRisk);
        }

        public void Restore(Snapshot memory) => (_next, _logRisk) = (memory.ReadInt64("next"), memory.ReadDouble("log_risk"));
    }
}
