using TorchAlign.Dynamics;

namespace TorchAlign.Experiments.Papers;

/// <summary>Tells now and then what share of its steps a descent has made, and ends none.</summary>
/// <param name="steps">Of the whole run.</param>
/// <param name="progress">Told the share.</param>
internal sealed class StepProgress(long steps, Action<double> progress) : IStop
{
    private const long Interval = 1024;

    public RunEnd? Check(TrajectoryPoint point)
    {
        if (point.Steps % Interval == 0) progress((double)point.Steps / steps);
        return null;
    }

    public long StepsUntilCheck(TrajectoryPoint point) => Interval - point.Steps % Interval;
}
