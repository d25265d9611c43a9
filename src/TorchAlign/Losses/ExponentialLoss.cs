using System.Numerics;
using System.Numerics.Tensors;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TorchAlign.Losses;

/// <summary>loss(m) = exp(-m). Neither smooth nor Lipschitz: [JT] Assumption 4 fails.</summary>
internal sealed class ExponentialLoss : MarginLoss
{
    public override string Name => "exponential";

    public override double? Smoothness => null;

    public override double? Lipschitz => null;

    public override double LogValue(double margin) => -margin;

    public override double LogSlope(double margin) => -margin;

    public override double ShiftedSlopes(ReadOnlySpan<double> margins, Span<double> slopes, out double shift)
    {
        shift = TensorPrimitives.Min(margins);
        var width = Vector<double>.Count;
        var smallest = new Vector<double>(shift);
        var sums = Vector<double>.Zero;
        var i = 0;
        for (; i <= margins.Length - width; i += width)
        {
            var slope = LogDomain.ExpOrZero(smallest - new Vector<double>(margins[i..]));
            sums += slope;
            slope.CopyTo(slopes[i..]);
        }
        var sum = Vector.Sum(sums);
        if (i == margins.Length) return sum;
        // The rest goes through the same vector function, so that a margin's slope does not depend on its place.
        Span<double> rest = stackalloc double[width];
        margins[i..].CopyTo(rest);
        var last = LogDomain.ExpOrZero(smallest - new Vector<double>(rest));
        for (var lane = 0; i + lane < margins.Length; lane++) sum += slopes[i + lane] = last[lane];
        return sum;
    }

    public override void Curvatures(ReadOnlySpan<double> margins, ReadOnlySpan<double> weights, Span<double> curvatures) =>
        weights.CopyTo(curvatures);

    public override Tensor LogRisk(Tensor margins)
    {
        using var scope = NewDisposeScope();
        return LogMeanExp(-margins).MoveToOuterDisposeScope();
    }

    public override (Tensor LogRisk, Tensor Weights) LogRiskAndWeights(Tensor margins)
    {
        using var scope = NewDisposeScope();
        var shift = margins.amin([-1], keepdim: true);
        var weights = (shift - margins).exp_();
        var sum = weights.sum(-1, keepdim: true);
        var logRisk = (sum / margins.shape[^1]).log_().sub_(shift).squeeze(-1);
        return (logRisk.MoveToOuterDisposeScope(), weights.div_(sum).MoveToOuterDisposeScope());
    }
}
