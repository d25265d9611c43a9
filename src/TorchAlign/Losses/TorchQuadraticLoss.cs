using TorchAlign.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Losses;

/// <summary>
/// min R + 1/2 tr((P - P*) H (P - P*)^T) on a torch device: from the minimiser on, so that no digits are lost where the loss is
/// small.
/// </summary>
public sealed class TorchQuadraticLoss : ITorchProductLoss
{
    private readonly double _least;
    private readonly Tensor _minimiser, _curvature;

    /// <param name="least">min R.</param>
    /// <param name="minimiser">P* (d_L, d_0).</param>
    /// <param name="curvature">H (d_0, d_0), symmetric: the second derivative in each row of P.</param>
    /// <param name="device">Where it is evaluated.</param>
    /// <param name="dtype">float64 or float32.</param>
    public TorchQuadraticLoss(double least, Matrix minimiser, Matrix curvature, Device device, ScalarType dtype) =>
        (_least, _minimiser, _curvature) = (least, minimiser.ToTensor(device, dtype), curvature.ToTensor(device, dtype));

    /// <summary>The same for a diagonal H: one product of matrices less.</summary>
    /// <param name="least">min R.</param>
    /// <param name="minimiser">P* (d_L, d_0).</param>
    /// <param name="curvatures">The diagonal of H (d_0).</param>
    /// <param name="device">Where it is evaluated.</param>
    /// <param name="dtype">float64 or float32.</param>
    public TorchQuadraticLoss(double least, Matrix minimiser, double[] curvatures, Device device, ScalarType dtype)
        : this(least, minimiser, new Matrix(1, curvatures.Length, curvatures), device, dtype) => IsDiagonal = true;

    /// <summary>H is kept as its diagonal (1, d_0).</summary>
    private bool IsDiagonal { get; }

    public (Tensor Risk, Tensor Gradient) Evaluate(Tensor product)
    {
        using var scope = NewDisposeScope();
        var difference = product - _minimiser;
        var gradient = IsDiagonal ? difference * _curvature : difference.mm(_curvature);
        var excess = difference.mul_(gradient).sum().mul_(0.5).clamp_min_(0);
        return (excess.add_(_least).MoveToOuterDisposeScope(), gradient.MoveToOuterDisposeScope());
    }

    public void Dispose()
    {
        _minimiser.Dispose();
        _curvature.Dispose();
    }
}
