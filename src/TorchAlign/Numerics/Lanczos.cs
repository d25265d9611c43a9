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

    private const double Rounding = 1e-14;

    /// <param name="size">Dimension of the operator.</param>
    /// <param name="multiply">A v, symmetric.</param>
    /// <param name="tolerance">Both residuals, relative to the largest |theta|; at rounding, 1e-14, the method ends anyway.</param>
    /// <param name="maxProducts">An end: the residuals then say how good the numbers are.</param>
    /// <param name="random">Of the first vector.</param>
    public static SpectrumEnds Ends(
        int size, Func<double[], double[]> multiply, double tolerance, int maxProducts, RandomStream random)
    {
        var basis = new OrthonormalBasis();
        var (alpha, beta) = (new List<double>(), new List<double>());
        var vector = new double[size];
        random.FillGaussian(vector);
        var norm = TensorPrimitives.Norm<double>(vector);
        while (true)
        {
            basis.Append(vector, norm);
            var next = multiply(basis.Vectors[^1]);
            alpha.Add(TensorPrimitives.Dot<double>(next, basis.Vectors[^1]));
            norm = basis.Reject(next);
            var last = basis.Count == size || basis.Count == maxProducts;
            // What is left of an invariant subspace is rounding; no alpha is above the largest |theta|.
            var exhausted = norm <= Rounding * alpha.Max(Math.Abs);
            if (last || basis.Count % Interval == 0 || exhausted)
            {
                var ends = Decompose(alpha, beta, norm);
                var scale = Math.Max(Math.Abs(ends.Least), Math.Abs(ends.Largest));
                var residual = Math.Max(ends.LeastResidual, ends.LargestResidual);
                if (last || exhausted || norm <= Rounding * scale || residual <= tolerance * scale) return ends;
            }
            beta.Add(norm);
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
