using System.Numerics;

namespace TorchAlign.Numerics;

/// <summary>
/// Gauss-Jordan elimination in whole numbers (E. Bareiss, <i>Sylvester's identity and multistep integer-preserving Gaussian
/// elimination</i>, Math. Comp. 22, 1968): every entry on the way is a minor of the matrix, so it stays as short as it can.
/// </summary>
internal static class ExactElimination
{
    private const int BitsPerWord = 64;

    /// <summary>
    /// About the nanoseconds that <see cref="NullVector"/> takes for columns of the given count, length and bits: minors of up to
    /// columns x bits, multiplied in about words^1.6.
    /// </summary>
    public static double Cost(int columns, int rows, long bits) =>
        (double)columns * columns * rows * (50 + 5 * Math.Pow((double)columns * bits / BitsPerWord, 1.6));

    /// <summary>
    /// Whole numbers x, not all 0, with sum_k x_k columns_k = 0 over the shortest dependent run of the first columns; the rest are 0.
    /// Null if the columns are independent.
    /// </summary>
    public static BigInteger[]? NullVector(IReadOnlyList<BigInteger[]> columns, CancellationToken ct = default)
    {
        int count = columns.Count, rows = columns[0].Length;
        var a = new BigInteger[rows][];
        for (int i = 0; i < rows; i++) a[i] = [.. columns.Select(column => column[i])];
        var last = BigInteger.One; // the pivot before, which divides all that comes
        for (int c = 0; c < count; c++)
        {
            ct.ThrowIfCancellationRequested();
            int pivot = c < rows ? Array.FindIndex(a, c, row => !row[c].IsZero) : -1;
            if (pivot < 0)
            {
                // The columns before are diagonal, with the last pivot in each place.
                var x = new BigInteger[count];
                x[c] = last;
                for (int k = 0; k < c; k++) x[k] = -a[k][c];
                return x;
            }

            (a[c], a[pivot]) = (a[pivot], a[c]);
            var head = a[c][c];
            for (int i = 0; i < rows; i++)
            {
                if (i == c) continue;
                var factor = a[i][c];
                for (int j = c + 1; j < count; j++) a[i][j] = (head * a[i][j] - factor * a[c][j]) / last;
            }

            last = head;
        }

        return null;
    }
}
