using TorchAlign.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Losses;

/// <summary>A risk that depends on a linear network through its product P = W_L ... W_1 (d_L, d_0) alone.</summary>
public interface IProductLoss
{
    string Name { get; }

    /// <summary>d_0.</summary>
    int Inputs { get; }

    /// <summary>d_L.</summary>
    int Outputs { get; }

    /// <summary>
    /// Numbers that <see cref="On"/> keeps, with those that an evaluation there holds at once: for estimates of memory and work. Unless
    /// the loss says otherwise, a target, the difference from it and the gradient.
    /// </summary>
    double TensorNumbers => 3.0 * Inputs * Outputs;

    /// <summary>R(P); writes dR/dP (d_L, d_0), row-major, into <paramref name="gradient"/>. Allocates nothing.</summary>
    double Evaluate(ReadOnlySpan<double> product, Span<double> gradient);

    /// <summary>The same loss on tensors of any device, in float64 or float32.</summary>
    /// <exception cref="NotSupportedException">The loss has a form for managed memory alone.</exception>
    ITorchProductLoss On(Device device, ScalarType dtype = ScalarType.Float64) => throw new NotSupportedException(
        $"The loss '{Name}' ({GetType().Name}) has no form on tensors: let it implement On, or use ProductField.");
}

/// <summary>A risk that is quadratic in the product, so that its second derivative is the same at every P.</summary>
public interface IQuadraticLoss : IProductLoss
{
    /// <summary>The derivative of dR/dP along <paramref name="direction"/> (d_L, d_0).</summary>
    Matrix Curvature(Matrix direction);
}
