using TorchAlign.Dynamics;

namespace TorchAlign.Tests.Devices;

/// <summary>
/// Notes the step at which log R first is at most a bound, and ends nothing; a run that does not get beyond it is broken off.
/// </summary>
internal sealed class Milestone(double logRisk) : IStop
{
    private const int Patience = 10_000;

    private int _asked;

    public long? First { get; private set; }

    public double LogRiskBound => logRisk;

    public RunEnd? Check(TrajectoryPoint point)
    {
        if (point.Value.LogRisk <= logRisk) First ??= point.Steps;
        return ++_asked > Patience ? new RunEnd("stuck", false, $"Asked {_asked} times, now at step {point.Steps}.") : null;
    }
}
