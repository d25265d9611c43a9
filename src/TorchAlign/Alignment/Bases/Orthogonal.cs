using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Alignment;

/// <summary>Orthogonal matrices, and how far a matrix is from a diagonal one.</summary>
internal static class Orthogonal
{
    /// <summary>A random orthogonal matrix (size, size), uniformly distributed.</summary>
    public static Matrix Random(int size, RandomStream random)
    {
        var vectors = Initialization.Orthonormal(size, size, random);
        return new Matrix(size, size, [.. vectors.SelectMany(vector => vector)]).Transpose();
    }

    /// <summary>An orthonormal basis (d, d) whose first columns are the given orthonormal ones (d, k), k &lt;= d.</summary>
    public static Matrix Complete(Matrix columns)
    {
        var (d, k) = (columns.Rows, columns.Columns);
        return k == d ? columns : Join(columns, Svd.Of(columns, full: true).U.ColumnRange(k, d - k));
    }

    /// <summary>[A, B].</summary>
    public static Matrix Join(Matrix a, Matrix b)
    {
        var joined = new Matrix(a.Rows, a.Columns + b.Columns);
        for (var i = 0; i < a.Rows; i++)
        {
            a.Row(i).CopyTo(joined.Row(i));
            b.Row(i).CopyTo(joined.Row(i)[a.Columns..]);
        }
        return joined;
    }

    /// <summary>The columns in the given order.</summary>
    public static Matrix Columns(Matrix matrix, IReadOnlyList<int> order)
    {
        var chosen = new Matrix(matrix.Rows, order.Count);
        for (var i = 0; i < matrix.Rows; i++)
            for (var j = 0; j < order.Count; j++) chosen[i, j] = matrix[i, order[j]];
        return chosen;
    }

    /// <summary>||offdiag(A)||_F of a matrix of any shape, from the entries off the diagonal themselves.</summary>
    public static double OffDiagonalNorm(Matrix a)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Rows; i++)
            for (var j = 0; j < a.Columns; j++)
                if (i != j) sum += a[i, j] * a[i, j];
        return Math.Sqrt(sum);
    }

    /// <summary>The main diagonal (min(rows, columns)).</summary>
    public static double[] Diagonal(Matrix a) => [.. Enumerable.Range(0, Math.Min(a.Rows, a.Columns)).Select(j => a[j, j])];

    /// <summary>||Q^T Q - I||_F.</summary>
    public static double Defect(Matrix q) => (q.TransposedTimes(q) - Matrix.Identity(q.Columns)).FrobeniusNorm;
}
