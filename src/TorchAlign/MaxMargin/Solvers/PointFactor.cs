using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Numerics;

namespace TorchAlign.MaxMargin;

/// <summary>
/// Z_S^T = Q R for an ordered, linearly independent selection S of k points: Q (d, k) an <see cref="OrthonormalBasis"/>, R (k, k) upper
/// triangular; a point leaves by Givens rotations.
/// </summary>
internal sealed class PointFactor(SignedPoints points)
{
    private readonly List<int> indices = [];
    private readonly OrthonormalBasis q = new();
    private readonly List<double[]> r = []; // column c, of which the first c + 1 entries count

    public int Count => indices.Count;

    public IReadOnlyList<int> Indices => indices;

    public bool Contains(int i) => indices.Contains(i);

    /// <summary>
    /// Splits x (d) into Q c + rest. On return <paramref name="rest"/> (d) is orthogonal to Q to rounding; gives ||rest||.
    /// </summary>
    public double Split(ReadOnlySpan<double> x, Span<double> c, Span<double> rest)
    {
        x.CopyTo(rest);
        c[..Count].Clear();
        return q.Reject(rest, c);
    }

    /// <summary>Appends point <paramref name="i"/>, split before into <paramref name="c"/> and <paramref name="rest"/>.</summary>
    public void Append(int i, ReadOnlySpan<double> c, ReadOnlySpan<double> rest, double restNorm)
    {
        var column = new double[Count + 1];
        c[..Count].CopyTo(column);
        column[Count] = restNorm;
        indices.Add(i);
        q.Append(rest, restNorm);
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
            (double[] upper, double[] lower) = (q.Vectors[row], q.Vectors[row + 1]);
            TensorPrimitives.Multiply(upper, cosines[row], mixed);
            TensorPrimitives.MultiplyAdd(lower, sines[row], mixed, mixed);
            TensorPrimitives.Multiply(lower, cosines[row], lower);
            TensorPrimitives.MultiplyAdd(upper, -sines[row], lower, lower);
            mixed.CopyTo(upper, 0);
        }

        q.RemoveLast();
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
    public void Combine(ReadOnlySpan<double> c, Span<double> result) => q.Combine(c, result);

    /// <summary>Q^T x (k) of x (d).</summary>
    public void Project(ReadOnlySpan<double> x, Span<double> c)
    {
        for (int k = 0; k < Count; k++) c[k] = TensorPrimitives.Dot(q.Vectors[k], x);
    }
}
