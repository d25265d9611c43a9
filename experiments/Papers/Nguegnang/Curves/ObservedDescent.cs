using TorchAlign.Dynamics;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Experiments.Papers;

/// <summary>A state of a descent as [NRT] looks at it. All norms but the gradient's are spectral.</summary>
/// <param name="Step">k.</param>
/// <param name="Time">sum of eta_i, i &lt; k.</param>
/// <param name="Loss">L(W(k)).</param>
/// <param name="GradientNorm">||grad L||.</param>
/// <param name="LayerNorms">||W_j||_2, j = 1 .. N.</param>
/// <param name="ProductNorm">||W_N ... W_1||_2.</param>
/// <param name="Defect">max_j ||W_{j+1}^T W_{j+1} - W_j W_j^T||_2.</param>
internal sealed record LossSample(
    long Step, double Time, double Loss, double GradientNorm, double[] LayerNorms, double ProductNorm, double Defect);

/// <summary>A descent with what was seen along the way.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Samples">Log-spaced in the steps, first and last included.</param>
/// <param name="LargestRise">As <see cref="DescentWatch"/> saw it at every step.</param>
/// <param name="LeastShare">The same.</param>
/// <param name="Final">The last state (P).</param>
/// <param name="Steps">Taken.</param>
internal sealed record ObservedDescent(
    RunEnd End, IReadOnlyList<LossSample> Samples, double LargestRise, double LeastShare, double[] Final, long Steps)
{
    /// <summary>Follows descent on a loss of the product from a start.</summary>
    public static ObservedDescent Follow(
        GradientSource gradients, NetworkShape shape, IProductLoss loss, ReadOnlySpan<double> start, IStepRule rule, long steps,
        int samplesPerDecade, JobRun at)
    {
        var watch = new DescentWatch();
        var path = at.Follow(gradients.OfProduct(shape, loss), start, gradients.Descent(rule), new RunPlan
        {
            Stops = [watch, new StepProgress(steps, at.Tell), Stops.StepLimit(steps)],
            Schedule = SampleSchedule.LogSpacedSteps(samplesPerDecade),
        }, here => Look(shape, here));
        return new ObservedDescent(path.End, path.Samples, watch.LargestRise, watch.LeastShare, path.Final, path.Steps);
    }

    private static LossSample Look(NetworkShape shape, TrajectoryPoint point)
    {
        var state = point.W.ToArray();
        var layers = new double[shape.Depth];
        for (var k = 0; k < layers.Length; k++) layers[k] = SpectralNorm(LinearProduct.Layer(shape, state, k));
        return new LossSample(point.Steps, point.Clock, Math.Exp(point.Value.LogRisk),
            Math.Exp(point.Value.LogScale) * point.DirectionNorm, layers,
            SpectralNorm(LinearProduct.Matrix(shape, state)), Balancedness.Defect(shape, state));
    }

    private static double SpectralNorm(Matrix matrix)
    {
        using var scope = NewDisposeScope();
        return linalg.svdvals(matrix.ToTensor()).max().item<double>();
    }
}
