using System.Numerics.Tensors;
using TorchAlign.Data;

namespace TorchAlign.MaxMargin;

/// <summary>
/// Z x and Z^T a of the points Z (n, d) on all cores, at the cost of the entries that are not 0 where those are few. The bits do not
/// depend on the number of cores: each sum is formed by one of them, in order.
/// </summary>
internal sealed class PointProducts
{
    /// <summary>With more entries than this share, whole rows by vector instructions are quicker.</summary>
    private const double SparseShare = 0.2;

    private const int Block = 512;

    private readonly SignedPoints _points;

    // Of sparse points, by rows and by columns; null where dense.
    private readonly Compressed? _rows, _columns;

    public PointProducts(SignedPoints points)
    {
        _points = points;
        var entries = points.Z.Length - (long)points.Z.AsSpan().Count(0.0);
        if (entries > SparseShare * points.Z.Length) return;
        _rows = Compressed.ByRows(points, (int)entries);
        _columns = _rows.Transposed(points.Dimension);
    }

    /// <summary>m_i = &lt;z_i, x&gt; (n) of x (d); 0 where a mask (n) is given and false.</summary>
    public void Multiply(double[] x, double[] m, bool[]? mask = null) => InBlocks(_points.Count, (from, to) =>
    {
        for (var i = from; i < to; i++)
            m[i] = mask is not null && !mask[i] ? 0 : _rows?.Dot(i, x) ?? TensorPrimitives.Dot(_points.Row(i), x);
    });

    /// <summary>sum_i a_i z_i (d) of a (n).</summary>
    public void MultiplyTransposed(double[] a, double[] sum)
    {
        if (_columns is not null)
        {
            InBlocks(_points.Dimension, (from, to) =>
            {
                for (var j = from; j < to; j++) sum[j] = _columns.Dot(j, a);
            });
            return;
        }
        InBlocks(_points.Dimension, (from, to) =>
        {
            var part = sum.AsSpan(from..to);
            part.Clear();
            for (var i = 0; i < a.Length; i++)
                if (a[i] != 0) TensorPrimitives.MultiplyAdd(_points.Row(i)[from..to], a[i], part, part);
        });
    }

    /// <summary>1 - &lt;z_i, x&gt; with twice the digits.</summary>
    public double Shortfall(int i, double[] x)
    {
        if (_rows is null) return -TwiceDouble.Dot(_points.Row(i), x, -1);
        var sum = new TwiceDouble(-1);
        for (var k = _rows.Starts[i]; k < _rows.Starts[i + 1]; k++) sum.AddProduct(_rows.Values[k], x[_rows.Indices[k]]);
        return -sum.Value;
    }

    private static void InBlocks(int count, Action<int, int> work)
    {
        var blocks = (count + Block - 1) / Block;
        if (blocks == 1)
        {
            work(0, count);
            return;
        }
        Parallel.For(0, blocks, block => work(block * Block, Math.Min(count, (block + 1) * Block)));
    }

    /// <summary>The entries that are not 0, line by line: those of line i are at Starts[i] to Starts[i + 1].</summary>
    private sealed record Compressed(int[] Starts, int[] Indices, double[] Values)
    {
        public static Compressed ByRows(SignedPoints points, int entries)
        {
            var (starts, indices, values) = (new int[points.Count + 1], new int[entries], new double[entries]);
            var k = 0;
            for (var i = 0; i < points.Count; i++)
            {
                var row = points.Row(i);
                for (var j = 0; j < row.Length; j++)
                    if (row[j] != 0) (indices[k], values[k++]) = (j, row[j]);
                starts[i + 1] = k;
            }
            return new Compressed(starts, indices, values);
        }

        public Compressed Transposed(int lines)
        {
            var starts = new int[lines + 1];
            foreach (var j in Indices) starts[j + 1]++;
            for (var j = 0; j < lines; j++) starts[j + 1] += starts[j];
            var next = starts.ToArray();
            var (indices, values) = (new int[Indices.Length], new double[Values.Length]);
            for (var i = 0; i + 1 < Starts.Length; i++)
                for (var k = Starts[i]; k < Starts[i + 1]; k++)
                {
                    var place = next[Indices[k]]++;
                    (indices[place], values[place]) = (i, Values[k]);
                }
            return new Compressed(starts, indices, values);
        }

        public double Dot(int line, double[] x)
        {
            var sum = 0.0;
            for (var k = Starts[line]; k < Starts[line + 1]; k++) sum += Values[k] * x[Indices[k]];
            return sum;
        }
    }
}
