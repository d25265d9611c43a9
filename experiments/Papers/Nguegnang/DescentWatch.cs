using TorchAlign.Checkpoints;
using TorchAlign.Dynamics;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// Looks at every step of a descent and ends none: whether the loss ever rose, and the least of
/// (L(k) - L(k+1)) / (eta_k ||grad L(k)||^2), which the theorem keeps at sigma or above [NRT].
/// </summary>
/// <param name="steps">Of the whole run, for <paramref name="progress"/>.</param>
/// <param name="progress">Told the share of the run that is done, now and then.</param>
internal sealed class DescentWatch(long steps, Action<double> progress) : IStop, IResumable
{
    /// <summary>Decreases below this share of the loss are mostly rounding and say nothing about their size.</summary>
    private const double Resolution = 1e-9;

    private readonly StepProgress _progress = new(steps, progress);
    private double _loss = double.NaN;
    private double _squaredGradient;
    private double _clock;

    /// <summary>max_k (L(k+1) - L(k)) / L(k); rounding where the loss stands still, and 0 if it never rose.</summary>
    public double LargestRise { get; private set; }

    /// <summary>
    /// The least share of eta_k ||grad||^2 by which the loss fell, over the steps where this is resolved; NaN if there is none.
    /// </summary>
    public double LeastShare { get; private set; } = double.NaN;

    public RunEnd? Check(TrajectoryPoint point)
    {
        var loss = Math.Exp(point.Value.LogRisk);
        if (loss > _loss) LargestRise = Math.Max(LargestRise, (loss - _loss) / _loss);
        var predicted = (point.Clock - _clock) * _squaredGradient;
        if (predicted > Resolution * _loss) LeastShare = Math.Min(double.IsNaN(LeastShare) ? 1 : LeastShare, (_loss - loss) / predicted);
        var gradient = Math.Exp(point.Value.LogScale) * point.DirectionNorm;
        (_loss, _squaredGradient, _clock) = (loss, gradient * gradient, point.Clock);
        return _progress.Check(point);
    }

    /// <summary>
    /// At every step: a share of a decrease needs the loss before and after, and a rise may last no longer. On a device that is one
    /// read-back a step, of loss and gradient norm, and no chunks.
    /// </summary>
    public long StepsUntilCheck(TrajectoryPoint point) => 1;

    public void Save(Snapshot memory) => memory.Write("watch", [_loss, _squaredGradient, _clock, LargestRise, LeastShare]);

    public void Restore(Snapshot memory)
    {
        var kept = memory.ReadDoubles("watch", 5);
        (_loss, _squaredGradient, _clock, LargestRise, LeastShare) = (kept[0], kept[1], kept[2], kept[3], kept[4]);
    }
}
