using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchAlign.Numerics;

/// <summary>
/// Products of dense matrices, row-major, without allocation: what one step of descent is made of. No result may share memory
/// with an operand.
/// </summary>
/// <remarks>
/// As in BLIS (F. Van Zee, R. van de Geijn, ACM TOMS 41, 2015): the right operand is copied, a panel of <see cref="Width"/> columns
/// and <see cref="Depth"/> rows at a time, into contiguous memory padded with zeros, and a kernel keeps a tile of
/// <see cref="Height"/> x <see cref="Width"/> sums in registers. Operands are read through their strides, so one kernel serves all
/// transposes. Width and height suit the 16 registers of AVX2, and sizes such as 10, 35 and 70, of which little is padding.
/// </remarks>
internal static class Gemm
{
    private const int Height = 4;

    /// <summary>Rows of a packed panel: 24 KB of the first cache with four lanes.</summary>
    private const int Depth = 256;

    /// <summary>With fewer rows a row at a time is faster than packing.</summary>
    private const int FewRows = 3;

    private static int Width => 3 * Vector<double>.Count;

    /// <summary>c (m, n) = a (m, k) b (k, n).</summary>
    public static void Multiply(ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> c, int m, int k, int n)
    {
        Require(a, b, c, m, k, n);
        if (m <= FewRows) RowByRow(new(a, k, 1), b, c, m, k, n);
        else Packed(new(a, k, 1), new(b, n, 1), c, n, 1, m, k, n);
    }

    /// <summary>c (m, n) = a^T b, a (k, m), b (k, n).</summary>
    public static void MultiplyLeftTransposed(ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> c, int m, int k, int n)
    {
        Require(a, b, c, m, k, n);
        if (m <= FewRows) RowByRow(new(a, 1, m), b, c, m, k, n);
        else Packed(new(a, 1, m), new(b, n, 1), c, n, 1, m, k, n);
    }

    /// <summary>c (m, n) = a b^T, a (m, k), b (n, k).</summary>
    public static void MultiplyRightTransposed(ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> c, int m, int k, int n)
    {
        Require(a, b, c, m, k, n);
        if (m <= FewRows || n <= FewRows)
        {
            for (var i = 0; i < m; i++)
                for (var j = 0; j < n; j++)
                    c[i * n + j] = TensorPrimitives.Dot(a.Slice(i * k, k), b.Slice(j * k, k));
        }
        else if (m < n)
        {
            // c^T = b a^T: the smaller operand is the one worth transposing.
            Packed(new(b, k, 1), new(a, 1, k), c, 1, n, n, k, m);
        }
        else
        {
            Packed(new(a, k, 1), new(b, 1, k), c, n, 1, m, k, n);
        }
    }

    private static void RowByRow(Strided a, ReadOnlySpan<double> b, Span<double> c, int m, int k, int n)
    {
        for (var i = 0; i < m; i++)
        {
            var row = c.Slice(i * n, n);
            TensorPrimitives.Multiply(b[..n], a[i, 0], row);
            for (var l = 1; l < k; l++) TensorPrimitives.MultiplyAdd(b.Slice(l * n, n), a[i, l], row, row);
        }
    }

    /// <summary>c[i, j] = sum_l a[i, l] b[l, j], c with the given strides.</summary>
    [SkipLocalsInit]
    private static void Packed(Strided a, Strided b, Span<double> c, int cRow, int cColumn, int m, int k, int n)
    {
        var width = Width;
        Span<double> panel = stackalloc double[Math.Min(k, Depth) * width];
        Span<double> tile = stackalloc double[Height * width];
        for (var first = 0; first < k; first += Depth)
        {
            var depth = Math.Min(Depth, k - first);
            for (var j = 0; j < n; j += width)
            {
                var columns = Math.Min(width, n - j);
                Pack(b, first, depth, j, columns, panel);
                for (var i = 0; i < m; i += Height)
                {
                    var rows = Math.Min(Height, m - i);
                    Kernel(a, i, rows, first, depth, panel, tile);
                    Store(tile, rows, columns, c[(i * cRow + j * cColumn)..], cRow, cColumn, add: first > 0);
                }
            }
        }
    }

    /// <summary>Rows first.. of b in the columns j.. as a panel (depth, Width), missing columns zero.</summary>
    private static void Pack(Strided b, int first, int depth, int j, int columns, Span<double> panel)
    {
        var width = Width;
        if (columns < width) panel[..(depth * width)].Clear();
        if (b.ColumnStride == 1)
        {
            for (var l = 0; l < depth; l++)
                b.Values.Slice((first + l) * b.RowStride + j, columns).CopyTo(panel[(l * width)..]);
            return;
        }
        for (var column = 0; column < columns; column++)
        {
            var source = b.Values.Slice(first * b.RowStride + (j + column) * b.ColumnStride);
            for (var l = 0; l < depth; l++) panel[l * width + column] = source[l * b.RowStride];
        }
    }

    /// <summary>tile (Height, Width) = rows i.. of a, columns first.., times the panel. A missing row repeats the last one.</summary>
    private static void Kernel(Strided a, int i, int rows, int first, int depth, ReadOnlySpan<double> panel, Span<double> tile)
    {
        var lanes = Vector<double>.Count;
        Vector<double> c00 = default, c01 = default, c02 = default, c10 = default, c11 = default, c12 = default;
        Vector<double> c20 = default, c21 = default, c22 = default, c30 = default, c31 = default, c32 = default;
        ref var a0 = ref MemoryMarshal.GetReference(a.Values.Slice(i * a.RowStride + first * a.ColumnStride));
        ref var a1 = ref Unsafe.Add(ref a0, rows > 1 ? a.RowStride : 0);
        ref var a2 = ref Unsafe.Add(ref a1, rows > 2 ? a.RowStride : 0);
        ref var a3 = ref Unsafe.Add(ref a2, rows > 3 ? a.RowStride : 0);
        ref var b = ref MemoryMarshal.GetReference(panel);
        nint step = a.ColumnStride;
        for (nint l = 0, at = 0; l < depth; l++, at += step)
        {
            var b0 = Vector.LoadUnsafe(ref b);
            var b1 = Vector.LoadUnsafe(ref b, (nuint)lanes);
            var b2 = Vector.LoadUnsafe(ref b, (nuint)(2 * lanes));
            b = ref Unsafe.Add(ref b, 3 * lanes);
            var x = new Vector<double>(Unsafe.Add(ref a0, at));
            c00 = Vector.MultiplyAddEstimate(x, b0, c00);
            c01 = Vector.MultiplyAddEstimate(x, b1, c01);
            c02 = Vector.MultiplyAddEstimate(x, b2, c02);
            x = new Vector<double>(Unsafe.Add(ref a1, at));
            c10 = Vector.MultiplyAddEstimate(x, b0, c10);
            c11 = Vector.MultiplyAddEstimate(x, b1, c11);
            c12 = Vector.MultiplyAddEstimate(x, b2, c12);
            x = new Vector<double>(Unsafe.Add(ref a2, at));
            c20 = Vector.MultiplyAddEstimate(x, b0, c20);
            c21 = Vector.MultiplyAddEstimate(x, b1, c21);
            c22 = Vector.MultiplyAddEstimate(x, b2, c22);
            x = new Vector<double>(Unsafe.Add(ref a3, at));
            c30 = Vector.MultiplyAddEstimate(x, b0, c30);
            c31 = Vector.MultiplyAddEstimate(x, b1, c31);
            c32 = Vector.MultiplyAddEstimate(x, b2, c32);
        }
        ref var t = ref MemoryMarshal.GetReference(tile);
        StoreRow(ref t, 0, c00, c01, c02);
        StoreRow(ref t, 1, c10, c11, c12);
        StoreRow(ref t, 2, c20, c21, c22);
        StoreRow(ref t, 3, c30, c31, c32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow(ref double tile, int row, Vector<double> c0, Vector<double> c1, Vector<double> c2)
    {
        var lanes = Vector<double>.Count;
        var at = (nuint)(3 * lanes * row);
        c0.StoreUnsafe(ref tile, at);
        c1.StoreUnsafe(ref tile, at + (nuint)lanes);
        c2.StoreUnsafe(ref tile, at + (nuint)(2 * lanes));
    }

    private static void Store(ReadOnlySpan<double> tile, int rows, int columns, Span<double> c, int cRow, int cColumn, bool add)
    {
        var width = Width;
        for (var i = 0; i < rows; i++)
        {
            var source = tile.Slice(i * width, columns);
            if (cColumn == 1)
            {
                var target = c.Slice(i * cRow, columns);
                if (add) TensorPrimitives.Add(target, source, target);
                else source.CopyTo(target);
                continue;
            }
            for (var j = 0; j < columns; j++)
            {
                ref var target = ref c[i * cRow + j * cColumn];
                target = add ? target + source[j] : source[j];
            }
        }
    }

    /// <summary>The kernel reads past no bounds check: lengths are checked here, once.</summary>
    private static void Require(ReadOnlySpan<double> a, ReadOnlySpan<double> b, ReadOnlySpan<double> c, int m, int k, int n)
    {
        if (m < 1 || k < 1 || n < 1 || a.Length < (long)m * k || b.Length < (long)k * n || c.Length < (long)m * n)
            throw new ArgumentException(
                $"A ({m}, {k}) by ({k}, {n}) product does not fit operands of {a.Length}, {b.Length} and {c.Length} numbers.");
    }

    /// <summary>values[i RowStride + j ColumnStride] as entry (i, j).</summary>
    private readonly ref struct Strided(ReadOnlySpan<double> values, int rowStride, int columnStride)
    {
        public ReadOnlySpan<double> Values { get; } = values;

        public int RowStride { get; } = rowStride;

        public int ColumnStride { get; } = columnStride;

        public double this[int i, int j] => Values[i * RowStride + j * ColumnStride];
    }
}
