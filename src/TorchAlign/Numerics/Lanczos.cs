using System.Numerics.Tensors;

namespace TorchAlign.Numerics;

/// <summary>The two ends of the spectrum of a symmetric operator, with the residual ||A x - theta x|| of each Ritz pair.</summary>
/// <param name="Least">Never below the least eigenvalue; an eigenvalue lies within the residual.</param>
/// <param name="Largest">Never above the largest eigenvalue.</param>
/// <param name="LeastResidual">Of the pair of <paramref name="Least"/>.</param>
/// <param name="LargestResidual">Of the pair of <paramref name="Largest"/>.</param>
/// <param name="Products">How many products with the operator it took.</param>
public sealed record SpectrumEnds(double Least, double Largest, double LeastResidual, double LargestResidual, int Products);

/// <summary>
/// The Lanczos method with full reorthogonalisation, twice (B. N. Parlett, The Symmetric Eigenvalue Problem, chapter 13): the ends of a
/// spectrum from products with vectors alone. From a random start no end is missed but with probability 0.
/// </summary>
public static class Lanczos
{
    /// <summary>The tridiagonal matrix is decomposed after so many steps each.</summary>
    private const int Interval = 10;

    /// <param name="size">Dimension of the operator.</param>
    /// <param name="multiply">A v, symmetric.</param>
    /// <param name="tolerance">Both residuals, relative to the largest |theta|; at rounding, 1e-14, the method ends anyway.</param>
    /// <param name="maxProducts">An end: the residuals then say how good the numbers are.</param>
    /// <param name="random">Of the first vector.</param>
    public static SpectrumEnds Ends(
        int size, Func<double[], double[]> multiply, double tolerance, int maxProducts, RandomStream random)
    {
        var basis = new List<double[]>();
        var (alpha, beta) = (new List<double>(), new List<double>());
        var vector = new double[size];
        random.FillGaussian(vector);
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<double>(vector), vector);
        while (true)
        {
            basis.Add(vector);
            var next = multiply(vector);
            alpha.Add(TensorPrimitives.Dot<double>(next, vector));
            for (var pass = 0; pass < 2; pass++)
                foreach (var q in basis) TensorPrimitives.MultiplyAdd(q, -TensorPrimitives.Dot<double>(q, next), next, next);
            var norm = TensorPrimitives.Norm<double>(next);
            var last = basis.Count == size || basis.Count == maxProducts;
            // An invariant subspace: what is left is rounding. No |alpha| exceeds the largest |theta|.
            var exhausted = norm <= 1e-14 * alpha.Max(Math.Abs);
            if (last || basis.Count % Interval == 0 || exhausted)
            {
                var ends = Decompose(alpha, beta, norm);
                var scale = Math.Max(Math.Abs(ends.Least), Math.Abs(ends.Largest));
                exhausted |= norm <= 1e-14 * scale;
                if (last || exhausted || Math.Max(ends.LeastResidual, ends.LargestResidual) <= tolerance * scale) return ends;
            }
            beta.Add(norm);
            TensorPrimitives.Divide(next, norm, next);
            vector = next;
        }
    }

    private static SpectrumEnds Decompose(List<double> alpha, List<double> beta, double norm)
    {
        var size = alpha.Count;
        var tridiagonal = new Matrix(size, size);
        for (var i = 0; i < size; i++)
        {
            tridiagonal[i, i] = alpha[i];
            if (i > 0) tridiagonal[i, i - 1] = tridiagonal[i - 1, i] = beta[i - 1];
        }
        var eigen = SymmetricEigen.Of(tridiagonal);
        return new SpectrumEnds(eigen.Values[0], eigen.Values[^1],
            norm * Math.Abs(eigen.Vectors[size - 1, 0]), norm * Math.Abs(eigen.Vectors[size - 1, size - 1]), size);
    }
}
