using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Alignment;

/// <summary>
/// Whether a run keeps the bases between its layers, Q_1, ..., Q_{L-1}, whatever becomes of V_1 and U_L: what alignment as an
/// invariant means [RNBU], where <see cref="Invariance"/> asks for all bases. With one output and an aligned start of rank one it
/// holds for any data and any loss of the product, although V_1 turns.
/// </summary>
public static class InnerInvariance
{
    /// <summary>
    /// Of an inner layer ||offdiag(Q_k^T W_k Q_{k-1})||_F / ||W_k||_F. The first layer may take any V_1, so that Q_1 is kept where
    /// Q_1^T W_1 W_1^T Q_1 is diagonal: ||offdiag(.)||_F / ||W_1 W_1^T||_F; of the last layer in the same way from W_L^T W_L. (L); 0
    /// for a network of one layer, which has no inner bases.
    /// </summary>
    public static double[] OffDiagonalShares(AlignedBases bases, ReadOnlySpan<double> state)
    {
        var (shape, last) = (bases.Shape, bases.Shape.Depth - 1);
        var shares = new double[shape.Depth];
        if (last == 0) return shares;
        for (var k = 0; k <= last; k++)
        {
            var matrix = k == 0
                ? Square(bases.Left(0).TransposedTimes(LinearProduct.Layer(shape, state, 0)))
                : k == last
                    ? Square((LinearProduct.Layer(shape, state, last) * bases.Right(last)).Transpose())
                    : bases.InBases(state, k);
            shares[k] = Orthogonal.OffDiagonalNorm(matrix) / matrix.FrobeniusNorm;
        }
        return shares;
    }

    /// <summary>M M^T.</summary>
    private static Matrix Square(Matrix m) => m.TimesTransposed(m);
}
