using System.Numerics.Tensors;
using TorchAlign.Data;

namespace TorchAlign.MaxMargin;

/// <summary>
/// Z_S^T = Q R for an ordered, linearly independent selection S of k points: Q (d, k) with orthonormal columns by
/// Gram-Schmidt
/// done twice, R (k, k) upper triangular; a point leaves by Givens rotations.
/// </summary>
internal sealed class PointFactor(SignedPoints points)
{
    private readonly List<int> indices = [];
    private readonly List<double[]> q = [];
    private readonly List<double[]> r = []; // column c, of which the first c + 1 entries count

    public int Count => indices.Count;

    public IReadOnlyList<int> Indices => indices;

    public bool Contains(int i) => indices.Contains(i);

    /// <summary>
    /// Splits x (d) into Q c + rest. On return <paramref name="rest"/> (d) is orthogonal to Q to rounding; gives
    /// ||rest||.
    /// </summary>
    public double Split(ReadOnlySpan<double> x, Span<double> c, Span<double> rest)
    {
        x.CopyTo(rest);
        c[..Count].Clear();
        for (int pass = 0; pass < 2; pass++)
        {
            for (int k = 0; k < Count; k++)
            {
                double part = TensorPrimitives.Dot(q[k], rest);
                c[k] += part;
                TensorPrimitives.MultiplyAdd(q[k], -part, rest, rest);
            }
        }

        return TensorPrimitives.Norm(rest);
    }

    /// <summary>
    /// Appends point <paramref name="i"/>, split before into <paramref name="c"/> and <paramref name="rest"/>.
    /// </summary>
    public void Append(int i, ReadOnlySpan<double> c, ReadOnlySpan<double> rest, double restNorm)
    {
        var column = new double[Count + 1];
        c[..Count].CopyTo(column);
        column[Count] = restNorm;
        var direction = new double[points.Dimension];
        TensorPrimitives.Divide(rest, restNorm, direction);
        indices.Add(i);
        q.Add(direction);
        r.Add(column);
    }

    /// <summary>Takes out the point at <paramref name="position"/> of the selection.</summary>
    public void RemoveAt(int position)
    {
        indices.RemoveAt(position);
        r.RemoveAt(position);
        int last = Count; // q has one column more than there are points now
        var cosines = new double[last];
        var sines = new double[last];
        for (int column = position; column < last; column++)
        {
            double[] entries = r[column]; // one entry below the diagonal
            for (int row = position; row < column; row++)
            {
                double upper = entries[row];
                double lower = entries[row + 1];
                entries[row] = cosines[row] * upper + sines[row] * lower;
                entries[row + 1] = cosines[row] * lower - sines[row] * upper;
            }

            double length = double.Hypot(entries[column], entries[column + 1]);
            cosines[column] = entries[column] / length;
            sines[column] = entries[column + 1] / length;
            entries[column] = length;
            entries[column + 1] = 0;
        }

        var mixed = new double[points.Dimension];
        for (int row = position; row < last; row++)
        {
            TensorPrimitives.Multiply(q[row], cosines[row], mixed);
            TensorPrimitives.MultiplyAdd(q[row + 1], sines[row], mixed, mixed);
            TensorPrimitives.Multiply(q[row + 1], cosines[row], q[row + 1]);
            TensorPrimitives.MultiplyAdd(q[row], -sines[row], q[row + 1], q[row + 1]);
            mixed.CopyTo(q[row], 0);
        }

        q.RemoveAt(last);
    }

    /// <summary>In place, b (k) becomes R^-T b.</summary>
    public void SolveTransposed(Span<double> b)
    {
        for (int k = 0; k < Count; k++)
            b[k] = (b[k] - TensorPrimitives.Dot(r[k].AsSpan(0, k), b[..k])) / r[k][k];
    }

    /// <summary>In place, b (k) becomes R^-1 b.</summary>
    public void Solve(Span<double> b)
    {
        for (int k = Count - 1; k >= 0; k--)
        {
            b[k] /= r[k][k];
            TensorPrimitives.MultiplyAdd(r[k].AsSpan(0, k), -b[k], b[..k], b[..k]);
        }
    }

    /// <summary>Q c (d) of c (k).</summary>
    public void Combine(ReadOnlySpan<double> c, Span<double> result)
    {
        result.Clear();
        for (int k = 0; k < Count; k++) TensorPrimitives.MultiplyAdd(q[k], c[k], result, result);
    }

    /// <summary>Q^T x (k) of x (d).</summary>
    public void Project(ReadOnlySpan<double> x, Span<double> c)
    {
        for (int k = 0; k < Count; k++) c[k] = TensorPrimitives.Dot(q[k], x);
    }
}
