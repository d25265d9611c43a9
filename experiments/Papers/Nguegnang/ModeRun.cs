using TorchAlign.Dynamics;
using TorchAlign.Losses;
using TorchAlign.Networks;

namespace TorchAlign.Experiments.Papers;

/// <summary>The modes of the product along a run.</summary>
/// <param name="Step">k.</param>
/// <param name="Time">t.</param>
/// <param name="Loss">L.</param>
/// <param name="Strengths">u_i^T W_N ... W_1 v_i for each mode of the target.</param>
internal sealed record ModeSample(long Step, double Time, double Loss, double[] Strengths);

/// <summary>A run seen in the singular vectors of the target.</summary>
internal sealed record ModeRun(RunEnd End, IReadOnlyList<ModeSample> Samples, double LargestRise)
{
    /// <summary>Between them times are interpolated.</summary>
    private const int DescentSamples = 2000;

    private const long MostFlowSteps = 1_000_000;

    public static ModeRun Descent(
        GradientSource gradients, SaddleNetwork network, SquaredLoss loss, SaddleTarget target, int modes, Action<double> progress,
        CancellationToken cancellation) =>
        Follow(gradients, network, loss, target, modes, gradients.Descent(new ConstantStep(network.Step)), network.Steps,
            new EveryNth(Math.Max(1, network.Steps / DescentSamples)), double.PositiveInfinity, progress, cancellation);

    /// <summary>The flow for as long a time as descent takes.</summary>
    public static ModeRun Flow(
        GradientSource gradients, SaddleNetwork network, SquaredLoss loss, SaddleTarget target, int modes, double tolerance,
        CancellationToken cancellation) =>
        Follow(gradients, network, loss, target, modes, new DormandPrince54(tolerance), MostFlowSteps, SampleSchedule.EveryStep,
            network.Step * network.Steps, _ => { }, cancellation);

    /// <summary>When a mode first reaches a strength, linearly between samples; NaN if it does not.</summary>
    public double TimeTo(int mode, double strength)
    {
        for (var i = 1; i < Samples.Count; i++)
        {
            var (before, after) = (Samples[i - 1], Samples[i]);
            if (after.Strengths[mode] < strength) continue;
            var share = (strength - before.Strengths[mode]) / (after.Strengths[mode] - before.Strengths[mode]);
            return before.Time + share * (after.Time - before.Time);
        }
        return double.NaN;
    }

    private static ModeRun Follow(
        GradientSource gradients, SaddleNetwork network, SquaredLoss loss, SaddleTarget target, int modes, IStepper stepper, long steps,
        SampleSchedule schedule, double clockLimit, Action<double> progress, CancellationToken cancellation)
    {
        var samples = new List<ModeSample>();
        var watch = new DescentWatch();
        var path = GradientSource.Follow(gradients.OfProduct(network.Shape, loss), network.Start, stepper, new RunPlan
        {
            Stops = [watch, new StepProgress(steps, progress), Stops.StepLimit(steps)],
            Schedule = schedule,
            ClockLimit = clockLimit,
            OnSample = at =>
            {
                var product = LinearProduct.Matrix(network.Shape, at.W.ToArray());
                // u_i^T P v_i for every i.
                var inside = target.Left.TransposedTimes(product * target.Right);
                samples.Add(new ModeSample(at.Steps, at.Clock, Math.Exp(at.Value.LogRisk),
                    [.. Enumerable.Range(0, modes).Select(i => inside[i, i])]));
                return null;
            },
            Cancellation = cancellation,
        });
        return new ModeRun(path.End, samples, watch.LargestRise);
    }
}

/// <summary>Samples at every n-th step.</summary>
internal sealed class EveryNth(long n) : SampleSchedule
{
    public override void Start()
    {
    }

    public override bool IsDue(TrajectoryPoint point) => point.Steps % n == 0;

    public override long StepsUntilDue(TrajectoryPoint point) => n - point.Steps % n;
}
