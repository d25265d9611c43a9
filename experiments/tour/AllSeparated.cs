using TorchAlign.Dynamics;
using TorchAlign.Losses;

namespace Tour;

/// <summary>
/// An own event: R &lt; loss(0) / n proves that every margin is positive, because a single point on the wrong side
/// would cost that much. It reads one number, so it may be asked at every step.
/// </summary>
internal sealed class AllSeparated(MarginLoss loss, int points) : IStop
{
    private readonly double logBound = loss.LogValue(0) - Math.Log(points);
    private readonly RunEnd end =
        new("all-separated", true, $"The risk proves that all {points} points are separated.");

    public RunEnd? Check(TrajectoryPoint point) => point.Value.LogRisk < logBound ? end : null;
}
