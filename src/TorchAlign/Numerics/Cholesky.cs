using System.Numerics.Tensors;

namespace TorchAlign.Numerics;

/// <summary>A = L L^T of a symmetric positive semidefinite matrix (n, n), row-major, of which only the lower triangle is used.</summary>
internal static class Cholesky
{
    /// <summary>From this length on a vector product is faster than a loop.</summary>
    private const int VectorLength = 12;

    /// <summary>In place, the lower triangle of A becomes L. Where a pivot is not positive, its column becomes 0.</summary>
    /// <returns>The least pivot, before its root; NaN where one is not finite.</returns>
    public static double Factor(Span<double> a, int n)
    {
        var least = double.PositiveInfinity;
        for (var i = 0; i < n; i++)
        {
            var row = a.Slice(i * n, i + 1);
            for (var j = 0; j <= i; j++)
            {
                var above = a.Slice(j * n, j + 1);
                var value = row[j];
                if (j >= VectorLength) value -= TensorPrimitives.Dot<double>(row[..j], above[..j]);
                else for (var k = 0; k < j; k++) value -= row[k] * above[k];
                if (j < i)
                {
                    row[j] = above[j] > 0 ? value / above[j] : 0;
                    continue;
                }
                least = double.IsFinite(value) ? Math.Min(least, value) : double.NaN;
                row[i] = value > 0 ? Math.Sqrt(value) : 0;
            }
        }
        return least;
    }

    /// <summary>In place, b (n) becomes the solution x of L L^T x = b; 0 where the pivot was not positive.</summary>
    public static void Solve(ReadOnlySpan<double> l, int n, Span<double> b)
    {
        for (var i = 0; i < n; i++)
        {
            var row = l.Slice(i * n, i + 1);
            if (i >= VectorLength) b[i] -= TensorPrimitives.Dot(row[..i], b[..i]);
            else for (var j = 0; j < i; j++) b[i] -= row[j] * b[j];
            b[i] = row[i] > 0 ? b[i] / row[i] : 0;
        }
        for (var i = n - 1; i >= 0; i--)
        {
            var row = l.Slice(i * n, i + 1);
            b[i] = row[i] > 0 ? b[i] / row[i] : 0;
            if (i >= VectorLength) TensorPrimitives.MultiplyAdd(row[..i], -b[i], b[..i], b[..i]);
            else for (var j = 0; j < i; j++) b[j] -= row[j] * b[i];
        }
    }
}
