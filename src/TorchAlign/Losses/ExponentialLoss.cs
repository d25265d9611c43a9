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
        TensorPrimitives.Subtract(shift, margins, slopes);
        TensorPrimitives.Exp(slopes, slopes);
        return TensorPrimitives.Sum<double>(slopes);
    }

    public override void Curvatures(ReadOnlySpan<double> margins, ReadOnlySpan<double> weights, Span<double> curvatures) =>
        weights.CopyTo(curvatures);

    public override Tensor LogRisk(Tensor margins)
    {
        using var scope = NewDisposeScope();
        return LogMeanExp(-margins).MoveToOuterDisposeScope();
    }
}
