using TorchAlign.Dynamics;
using TorchAlign.Networks;

namespace TorchAlign.Experiments.Papers;

/// <summary>The modes of the product along a run.</summary>
/// <param name="Step">k.</param>
/// <param name="Time">t.</param>
/// <param name="Loss">L.</param>
/// <param name="Strengths">u_i^T W_N ... W_1 v_i for each mode of the target.</param>
internal sealed record ModeSample(long Step, double Time, double Loss, double[] Strengths);

/// <summary>A run seen in the singular vectors of the target.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Samples">In order; first and last point included.</param>
/// <param name="LargestRise">The largest relative rise of the loss in a step of descent.</param>
internal sealed record ModeRun(RunEnd End, IReadOnlyList<ModeSample> Samples, double LargestRise)
{
    /// <summary>Between them times are interpolated.</summary>
    private const int DescentSamples = 2000;

    private const long MostFlowSteps = 1_000_000;

    public static ModeRun Descent(GradientSource gradients, SaddleNetwork network, SaddleTarget target, JobRun at)
    {
        // The rest of the job takes about as long again.
        var watch = new DescentWatch();
        var path = Follow(gradients, network, target, "descent", gradients.Descent(new ConstantStep(network.Step)), new RunPlan
        {
            Stops = [watch, new StepProgress(network.Steps, share => at.Tell(0.6 * share)), Stops.StepLimit(network.Steps)],
            Schedule = SampleSchedule.Multiples(Math.Max(1, network.Steps / DescentSamples)),
        }, at);
        return new ModeRun(path.End, path.Samples, watch.LargestRise);
    }

    /// <summary>The flow for as long a time as descent takes.</summary>
    public static ModeRun Flow(GradientSource gradients, SaddleNetwork network, SaddleTarget target, double tolerance, JobRun at)
    {
        var path = Follow(gradients, network, target, "flow", new DormandPrince54(tolerance), new RunPlan
        {
            Stops = [Stops.StepLimit(MostFlowSteps)],
            Schedule = SampleSchedule.EveryStep,
            ClockLimit = network.Step * network.Steps,
        }, at);
        return new ModeRun(path.End, path.Samples, 0);
    }

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

    private static FollowedPath<ModeSample> Follow(
        GradientSource gradients, SaddleNetwork network, SaddleTarget target, string name, IStepper stepper, RunPlan plan, JobRun at) =>
        at.Follow(gradients.OfProduct(network.Shape, target.Problem.NewLoss()), network.Start, stepper, plan, here => new ModeSample(
            here.Steps, here.Clock, Math.Exp(here.Value.LogRisk),
            target.Strengths(LinearProduct.Matrix(network.Shape, here.W.ToArray()))), name);
}
