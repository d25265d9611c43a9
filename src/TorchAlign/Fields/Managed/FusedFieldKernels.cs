using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchAlign.Fields;

/// <summary>
/// The three loops of <see cref="FusedField"/>: y = A x, y = A^T x and A = x y^T for row-major A (rows, columns).
/// Every entry of a result is summed in an order that depends on neither the other rows nor on how rows are shared
/// among threads.
/// </summary>
internal static class FusedFieldKernels
{
    /// <summary>y (rows) = A x, x (columns).</summary>
    internal static void Multiply(
        ReadOnlySpan<double> a, int rows, int columns, ReadOnlySpan<double> x, Span<double> y)
    {
        ref var start = ref MemoryMarshal.GetReference(a);
        ref var vector = ref MemoryMarshal.GetReference(x);
        var i = 0;
        for (; i <= rows - 4; i += 4)
            FourDots(ref Unsafe.Add(ref start, (nint)i * columns), columns, ref vector, y.Slice(i, 4));
        for (; i < rows; i++) y[i] = Dot(ref Unsafe.Add(ref start, (nint)i * columns), columns, ref vector);
    }

    /// <summary>
    /// y (columns) = A^T x, x (rows), for the columns that <paramref name="a"/> starts with; the next row begins
    /// <paramref name="stride"/> entries later. With <paramref name="skipZeros"/> rows whose x is 0 are not read; the
    /// result keeps its bits as long as A is finite.
    /// </summary>
    internal static void TransposeMultiply(
        ReadOnlySpan<double> a, int rows, int columns, int stride, ReadOnlySpan<double> x, Span<double> y, bool skipZeros)
    {
        y = y[..columns];
        y.Clear();
        ref var start = ref MemoryMarshal.GetReference(a);
        ref var sums = ref MemoryMarshal.GetReference(y);
        var i = 0;
        for (; i <= rows - 4; i += 4)
        {
            if (skipZeros && x[i] == 0 && x[i + 1] == 0 && x[i + 2] == 0 && x[i + 3] == 0) continue;
            AddFour(ref Unsafe.Add(ref start, (nint)i * stride), columns, stride, x.Slice(i, 4), ref sums);
        }
        for (; i < rows; i++)
            if (!skipZeros || x[i] != 0) AddOne(ref Unsafe.Add(ref start, (nint)i * stride), columns, x[i], ref sums);
    }

    /// <summary>A = x y^T, A (rows of x, columns of y).</summary>
    internal static void Outer(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> a)
    {
        var columns = y.Length;
        ref var right = ref MemoryMarshal.GetReference(y);
        for (var i = 0; i < x.Length; i++)
        {
            ref var row = ref MemoryMarshal.GetReference(a.Slice(i * columns, columns));
            var j = 0;
            var scale = new Vector<double>(x[i]);
            for (; j <= columns - Vector<double>.Count; j += Vector<double>.Count)
                (scale * Vector.LoadUnsafe(ref right, (nuint)j)).StoreUnsafe(ref row, (nuint)j);
            for (; j < columns; j++) Unsafe.Add(ref row, j) = x[i] * Unsafe.Add(ref right, j);
        }
    }

    /// <summary>
    /// destination = source + scale (x y^T), all (rows of x, columns of y), with the bits of <see cref="Outer"/> followed
    /// by multiply and add.
    /// </summary>
    internal static void AddOuter(
        ReadOnlySpan<double> source, double scale, ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> destination)
    {
        var columns = y.Length;
        ref var right = ref MemoryMarshal.GetReference(y);
        var factor = new Vector<double>(scale);
        for (var i = 0; i < x.Length; i++)
        {
            ref var from = ref MemoryMarshal.GetReference(source.Slice(i * columns, columns));
            ref var to = ref MemoryMarshal.GetReference(destination.Slice(i * columns, columns));
            var j = 0;
            var left = new Vector<double>(x[i]);
            for (; j <= columns - Vector<double>.Count; j += Vector<double>.Count)
                (left * Vector.LoadUnsafe(ref right, (nuint)j) * factor + Vector.LoadUnsafe(ref from, (nuint)j))
                    .StoreUnsafe(ref to, (nuint)j);
            for (; j < columns; j++)
                Unsafe.Add(ref to, j) = x[i] * Unsafe.Add(ref right, j) * scale + Unsafe.Add(ref from, j);
        }
    }

    /// <summary>
    /// destination = source + (scale x) y^T + u v^T, all (rows of x, columns of y).
    /// </summary>
    internal static void AddTwoOuters(
        ReadOnlySpan<double> source, double scale, ReadOnlySpan<double> x, ReadOnlySpan<double> y, ReadOnlySpan<double> u,
        ReadOnlySpan<double> v, Span<double> destination)
    {
        var columns = y.Length;
        ref var firstRight = ref MemoryMarshal.GetReference(y);
        ref var secondRight = ref MemoryMarshal.GetReference(v[..columns]);
        for (var i = 0; i < x.Length; i++)
        {
            ref var from = ref MemoryMarshal.GetReference(source.Slice(i * columns, columns));
            ref var to = ref MemoryMarshal.GetReference(destination.Slice(i * columns, columns));
            var (p, q) = (scale * x[i], u[i]);
            var j = 0;
            if (columns >= Vector<double>.Count)
            {
                Vector<double> first = new(p), second = new(q);
                for (; j <= columns - Vector<double>.Count; j += Vector<double>.Count)
                {
                    var sum = Vector.LoadUnsafe(ref from, (nuint)j);
                    sum = Vector.MultiplyAddEstimate(first, Vector.LoadUnsafe(ref firstRight, (nuint)j), sum);
                    sum = Vector.MultiplyAddEstimate(second, Vector.LoadUnsafe(ref secondRight, (nuint)j), sum);
                    sum.StoreUnsafe(ref to, (nuint)j);
                }
            }
            for (; j < columns; j++)
                Unsafe.Add(ref to, j) =
                    Unsafe.Add(ref from, j) + (p * Unsafe.Add(ref firstRight, j) + q * Unsafe.Add(ref secondRight, j));
        }
    }

    /// <summary>target = fine + weight (fine - target), one entry of an Aitken-Neville table.</summary>
    internal static void Extrapolate(ReadOnlySpan<double> fine, Span<double> target, double weight)
    {
        target = target[..fine.Length];
        var factor = new Vector<double>(weight);
        var i = 0;
        for (; i <= fine.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            var value = new Vector<double>(fine[i..]);
            Vector.MultiplyAddEstimate(value - new Vector<double>(target[i..]), factor, value).CopyTo(target[i..]);
        }
        for (; i < fine.Length; i++) target[i] = fine[i] + weight * (fine[i] - target[i]);
    }

    private static void FourDots(ref double a0, int columns, ref double x, Span<double> y)
    {
        ref var a1 = ref Unsafe.Add(ref a0, columns);
        ref var a2 = ref Unsafe.Add(ref a1, columns);
        ref var a3 = ref Unsafe.Add(ref a2, columns);
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        var j = 0;
        if (columns >= 2 * Vector<double>.Count)
        {
            Vector<double> p0 = default, p1 = default, p2 = default, p3 = default;
            Vector<double> q0 = default, q1 = default, q2 = default, q3 = default;
            for (; j <= columns - 2 * Vector<double>.Count; j += 2 * Vector<double>.Count)
            {
                var p = Vector.LoadUnsafe(ref x, (nuint)j);
                var q = Vector.LoadUnsafe(ref x, (nuint)(j + Vector<double>.Count));
                p0 = Vector.MultiplyAddEstimate(p, Vector.LoadUnsafe(ref a0, (nuint)j), p0);
                p1 = Vector.MultiplyAddEstimate(p, Vector.LoadUnsafe(ref a1, (nuint)j), p1);
                p2 = Vector.MultiplyAddEstimate(p, Vector.LoadUnsafe(ref a2, (nuint)j), p2);
                p3 = Vector.MultiplyAddEstimate(p, Vector.LoadUnsafe(ref a3, (nuint)j), p3);
                q0 = Vector.MultiplyAddEstimate(q, Vector.LoadUnsafe(ref a0, (nuint)(j + Vector<double>.Count)), q0);
                q1 = Vector.MultiplyAddEstimate(q, Vector.LoadUnsafe(ref a1, (nuint)(j + Vector<double>.Count)), q1);
                q2 = Vector.MultiplyAddEstimate(q, Vector.LoadUnsafe(ref a2, (nuint)(j + Vector<double>.Count)), q2);
                q3 = Vector.MultiplyAddEstimate(q, Vector.LoadUnsafe(ref a3, (nuint)(j + Vector<double>.Count)), q3);
            }
            s0 = Vector.Sum(p0 + q0);
            s1 = Vector.Sum(p1 + q1);
            s2 = Vector.Sum(p2 + q2);
            s3 = Vector.Sum(p3 + q3);
        }
        for (; j < columns; j++)
        {
            var value = Unsafe.Add(ref x, j);
            s0 += value * Unsafe.Add(ref a0, j);
            s1 += value * Unsafe.Add(ref a1, j);
            s2 += value * Unsafe.Add(ref a2, j);
            s3 += value * Unsafe.Add(ref a3, j);
        }
        y[3] = s3;
        y[0] = s0;
        y[1] = s1;
        y[2] = s2;
    }

    /// <summary>One row, summed in the same order as in <see cref="FourDots"/>.</summary>
    private static double Dot(ref double a, int columns, ref double x)
    {
        var sum = 0.0;
        var j = 0;
        if (columns >= 2 * Vector<double>.Count)
        {
            Vector<double> p = default, q = default;
            for (; j <= columns - 2 * Vector<double>.Count; j += 2 * Vector<double>.Count)
            {
                p = Vector.MultiplyAddEstimate(Vector.LoadUnsafe(ref x, (nuint)j), Vector.LoadUnsafe(ref a, (nuint)j), p);
                q = Vector.MultiplyAddEstimate(
                    Vector.LoadUnsafe(ref x, (nuint)(j + Vector<double>.Count)),
                    Vector.LoadUnsafe(ref a, (nuint)(j + Vector<double>.Count)), q);
            }
            sum = Vector.Sum(p + q);
        }
        for (; j < columns; j++) sum += Unsafe.Add(ref x, j) * Unsafe.Add(ref a, j);
        return sum;
    }

    private static void AddFour(ref double a0, int columns, int stride, ReadOnlySpan<double> x, ref double sums)
    {
        ref var a1 = ref Unsafe.Add(ref a0, stride);
        ref var a2 = ref Unsafe.Add(ref a1, stride);
        ref var a3 = ref Unsafe.Add(ref a2, stride);
        var (x0, x1, x2, x3) = (x[0], x[1], x[2], x[3]);
        var j = 0;
        if (columns >= Vector<double>.Count)
        {
            Vector<double> v0 = new(x0), v1 = new(x1), v2 = new(x2), v3 = new(x3);
            for (; j <= columns - Vector<double>.Count; j += Vector<double>.Count)
            {
                var sum = Vector.LoadUnsafe(ref sums, (nuint)j);
                sum = Vector.MultiplyAddEstimate(v0, Vector.LoadUnsafe(ref a0, (nuint)j), sum);
                sum = Vector.MultiplyAddEstimate(v1, Vector.LoadUnsafe(ref a1, (nuint)j), sum);
                sum = Vector.MultiplyAddEstimate(v2, Vector.LoadUnsafe(ref a2, (nuint)j), sum);
                sum = Vector.MultiplyAddEstimate(v3, Vector.LoadUnsafe(ref a3, (nuint)j), sum);
                sum.StoreUnsafe(ref sums, (nuint)j);
            }
        }
        for (; j < columns; j++)
        {
            var sum = Unsafe.Add(ref sums, j);
            sum += x0 * Unsafe.Add(ref a0, j);
            sum += x1 * Unsafe.Add(ref a1, j);
            sum += x2 * Unsafe.Add(ref a2, j);
            sum += x3 * Unsafe.Add(ref a3, j);
            Unsafe.Add(ref sums, j) = sum;
        }
    }

    private static void AddOne(ref double a, int columns, double x, ref double sums)
    {
        var j = 0;
        var factor = new Vector<double>(x);
        for (; j <= columns - Vector<double>.Count; j += Vector<double>.Count)
            Vector.MultiplyAddEstimate(factor, Vector.LoadUnsafe(ref a, (nuint)j), Vector.LoadUnsafe(ref sums, (nuint)j))
                .StoreUnsafe(ref sums, (nuint)j);
        for (; j < columns; j++) Unsafe.Add(ref sums, j) += x * Unsafe.Add(ref a, j);
    }
}
