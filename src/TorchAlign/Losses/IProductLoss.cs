using TorchAlign.Numerics;

namespace TorchAlign.Losses;

/// <summary>A risk that depends on a linear network through its product P = W_L ... W_1 (d_L, d_0) alone.</summary>
public interface IProductLoss
{
    string Name { get; }

    /// <summary>d_0.</summary>
    int Inputs { get; }

    /// <summary>d_L.</summary>
    int Outputs { get; }

    /// <summary>R(P); writes dR/dP (d_L, d_0), row-major, into <paramref name="gradient"/>. Allocates nothing.</summary>
    double Evaluate(ReadOnlySpan<double> product, Span<double> gradient);
}

/// <summary>A risk that is quadratic in the product, so that its second derivative is the same at every P.</summary>
public interface IQuadraticLoss : IProductLoss
{
    /// <summary>The derivative of dR/dP along <paramref name="direction"/> (d_L, d_0).</summary>
    Matrix Curvature(Matrix direction);
}
