using System.Numerics.Tensors;

namespace TorchAlign.Numerics;

/// <summary>
/// Products of small dense matrices, row-major, without allocation: what one step of descent is made of. No result may
/// share memory with an operand.
/// </summary>
internal static class Gemm
{
    /// <summary>c (m, n) = a (m, k) b (k, n).</summary>
    public static void Multiply(ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> c, int m, int k, int n)
    {
        c[..(m * n)].Clear();
        for (var i = 0; i < m; i++)
        {
            var row = c.Slice(i * n, n);
            for (var l = 0; l < k; l++) TensorPrimitives.MultiplyAdd(b.Slice(l * n, n), a[i * k + l], row, row);
        }
    }

    /// <summary>c (m, n) = a^T b, a (k, m), b (k, n).</summary>
    public static void MultiplyLeftTransposed(ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> c, int m, int k, int n)
    {
        c[..(m * n)].Clear();
        for (var l = 0; l < k; l++)
        {
            var right = b.Slice(l * n, n);
            for (var i = 0; i < m; i++)
            {
                var row = c.Slice(i * n, n);
                TensorPrimitives.MultiplyAdd(right, a[l * m + i], row, row);
            }
        }
    }

    /// <summary>c (m, n) = a b^T, a (m, k), b (n, k).</summary>
    public static void MultiplyRightTransposed(ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> c, int m, int k, int n)
    {
        for (var i = 0; i < m; i++)
            for (var j = 0; j < n; j++)
                c[i * n + j] = TensorPrimitives.Dot(a.Slice(i * k, k), b.Slice(j * k, k));
    }
}
