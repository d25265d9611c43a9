using System.Numerics.Tensors;

namespace TorchAlign.Numerics;

/// <summary>Proved bounds on the ends of the singular values of a matrix (m, n): of the first and of the min(m, n)-th.</summary>
/// <param name="Least">At most the least singular value; 0 where none above it is proved.</param>
/// <param name="Largest">At least the largest.</param>
/// <remarks>
/// A decomposition U S V^T from anywhere proves them (S. M. Rump, <i>Verified bounds for singular values</i>, BIT 51, 2011): singular
/// values of U S V^T lie within sqrt((1 -+ ||U^T U - I||) (1 -+ ||V^T V - I||)) of S, and those of A within ||A - U S V^T|| of
/// them. The norms are Frobenius', with what rounding can have taken from them added.
/// </remarks>
public sealed record SingularValueBounds(double Least, double Largest)
{
    /// <summary>2^-53.</summary>
    private const double UnitRoundoff = 1.0 / (1L << 53);

    /// <summary>Far above what underflows in a matrix whose largest entry is near 1.</summary>
    private const double Underflow = 1e-250;

    /// <summary>Of any matrix, O(m n min(m, n)); its entries are finite.</summary>
    public static SingularValueBounds Of(Matrix a)
    {
        var largest = TensorPrimitives.MaxMagnitude<double>(a.Values);
        if (largest == 0) return new SingularValueBounds(0, 0);
        // A power of two brings the entries near 1: products neither overflow nor vanish where that matters.
        var exponent = Math.ILogB(largest);
        var scaled = new Matrix(a.Rows, a.Columns, [.. a.Values.ToArray().Select(x => Math.ScaleB(x, -exponent))]);
        var (u, s, v) = Svd.Of(scaled);
        var stretched = u.Copy();
        for (var i = 0; i < u.Rows; i++) TensorPrimitives.Multiply(u.Row(i), s, stretched.Row(i));
        var residual = scaled - stretched.TimesTransposed(v);
        // Sums of s.Length products, the scaling by S and the difference round; each a little outward.
        var distance = NormAbove(residual)
            + 2 * (s.Length + 4) * UnitRoundoff * (NormAbove(stretched) * NormAbove(v) + NormAbove(scaled)) + Underflow;
        var (ofU, ofV) = (OrthogonalityAbove(u), OrthogonalityAbove(v));
        // Four roundings, of which the factors are more than enough.
        var least = s[^1] * Math.Sqrt(Math.Max(0, (1 - ofU) * (1 - ofV))) * (1 - 8 * UnitRoundoff) - distance * (1 + 8 * UnitRoundoff);
        var most = (s[0] * Math.Sqrt((1 + ofU) * (1 + ofV)) + distance) * (1 + 8 * UnitRoundoff);
        return new SingularValueBounds(
            Math.Max(0, Math.BitDecrement(Math.ScaleB(least, exponent))), Math.BitIncrement(Math.ScaleB(most, exponent)));
    }

    /// <summary>At least ||A||_F of a matrix whose squares do not overflow.</summary>
    internal static double NormAbove(Matrix a) => a.FrobeniusNorm * (1 + (a.Values.Length + 8) * UnitRoundoff) + Underflow;

    /// <summary>At least ||Q^T Q - I||_F.</summary>
    private static double OrthogonalityAbove(Matrix q)
    {
        var norm = NormAbove(q);
        return NormAbove(q.TransposedTimes(q) - Matrix.Identity(q.Columns)) + 2 * (q.Rows + 2) * UnitRoundoff * norm * norm;
    }
}
