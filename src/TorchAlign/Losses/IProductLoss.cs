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
