using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;

namespace TorchAlign.Alignment;

/// <summary>
/// Why generic data leave a constrained architecture no invariant alignment (derived; [RNBU] states that it is impossible for
/// sufficiently large data sets). Counted around an aligned start W with singular values that do not tie:
/// </summary>
/// <remarks>
/// Keeping the bases Q of W allows each layer only D_k = {Z in S_k : Q_k^T Z Q_{k-1} diagonal}. So the projected gradient must have no
/// component along any Z in S_k orthogonal to D_k, &lt;W_L .. W_{k+1} Z W_{k-1} .. W_1 X, Y - W_L .. W_1 X&gt; = 0: linear equations in the
/// targets Y, of which <see cref="Conditions"/> are independent, more of them the more samples X has (n d_L at most). What a user can tune
/// against them is the aligned start, within the aligned networks of the architecture around W, of dimension
/// <see cref="Free"/> at most: the dimension of the tangent directions in S_1 x ... x S_L that leave the network aligned to first order.
/// The targets that some aligned start near W survives for one step thus have dimension Free + n d_L - Conditions at most; with
/// Conditions > Free that is less than n d_L, and almost no targets are among them. Layers without constraint have room (their bases
/// follow any data), and so do circulant ones, all of which are aligned.
/// </remarks>
public sealed record DimensionCount
{
    /// <summary>Singular values below this share of the largest do not count towards a rank.</summary>
    private const double RankTolerance = 1e-9;

    /// <summary>m_1 + ... + m_L, the parameters of the architecture.</summary>
    public required int Parameters { get; init; }

    /// <summary>dim D_1 + ... + dim D_L.</summary>
    public required int Kept { get; init; }

    /// <summary>See the remarks.</summary>
    public required int Free { get; init; }

    /// <summary>See the remarks.</summary>
    public required int Conditions { get; init; }

    /// <summary>More conditions than freedom: no alignment near this start is invariant, for almost all targets.</summary>
    public bool Impossible => Conditions > Free;

    /// <param name="layers">The architecture.</param>
    /// <param name="bases">Q_0, ..., Q_L of the start.</param>
    /// <param name="weights">The start's operators (P), aligned in these bases.</param>
    /// <param name="inputs">One sample a row (n, d_0).</param>
    public static DimensionCount Of(ConstrainedLayers layers, AlignedBases bases, ReadOnlySpan<double> weights, Matrix inputs)
    {
        var shape = layers.Shape;
        var operators = new Matrix[shape.Depth];
        for (var k = 0; k < operators.Length; k++) operators[k] = Networks.LinearProduct.Layer(shape, weights, k);
        // below[k] = (W_{k-1} ... W_1 X)^T (n, d_{k-1}), above[k] = W_L ... W_{k+1} (d_L, d_k).
        var below = new Matrix[shape.Depth];
        var above = new Matrix[shape.Depth];
        (below[0], above[^1]) = (inputs, Matrix.Identity(shape.Outputs));
        for (var k = 1; k < below.Length; k++) below[k] = below[k - 1].TimesTransposed(operators[k - 1]);
        for (var k = above.Length - 2; k >= 0; k--) above[k] = above[k + 1] * operators[k + 1];

        var (kept, directions) = (0, new List<double[]>());
        var changes = new List<double[]>();
        for (var k = 0; k < shape.Depth; k++)
        {
            var layer = layers.Layers[k];
            var off = Enumerable.Range(0, layer.Dimension).Select(a => OffDiagonal(shape.Layout.Length, shape.Layout.Offset(k),
                bases.Left(k).TransposedTimes(layer.Operator(Unit(layer.Dimension, a))) * bases.Right(k))).ToArray();
            changes.AddRange(off);
            var svd = Svd.Of(Rows(off));
            var rank = Rank(svd.S);
            kept += layer.Dimension - rank;
            for (var j = 0; j < rank; j++)
            {
                var z = layer.Operator([.. Enumerable.Range(0, layer.Dimension).Select(a => svd.U[a, j])]);
                directions.Add([.. (above[k] * z.TimesTransposed(below[k])).Values]);
            }
        }
        var turns = Turns(bases, operators);
        var turnRank = Rank(turns);
        return new DimensionCount
        {
            Parameters = layers.Layout.Length,
            Kept = kept,
            Free = layers.Layout.Length - Rank([.. changes, .. turns]) + turnRank,
            Conditions = Rank(directions),
        };
    }

    /// <summary>What turning each basis in each plane (p, q) does off the diagonals: X_k S_k - S_k X_{k-1}, X skew.</summary>
    private static List<double[]> Turns(AlignedBases bases, Matrix[] operators)
    {
        var shape = bases.Shape;
        var diagonals = operators.Select((w, k) =>
            Matrix.Diagonal(w.Rows, w.Columns, Orthogonal.Diagonal(bases.Left(k).TransposedTimes(w) * bases.Right(k)))).ToArray();
        var turns = new List<double[]>();
        for (var node = 0; node <= shape.Depth; node++)
            for (var p = 0; p < shape.Widths[node]; p++)
                for (var q = 0; q < p; q++)
                {
                    var skew = new Matrix(shape.Widths[node], shape.Widths[node]);
                    (skew[p, q], skew[q, p]) = (1, -1);
                    var turn = new double[shape.Layout.Length];
                    if (node > 0)
                        OffDiagonal(shape.Layout.Length, shape.Layout.Offset(node - 1), skew * diagonals[node - 1]).CopyTo(turn, 0);
                    if (node < shape.Depth)
                    {
                        var next = OffDiagonal(shape.Layout.Length, shape.Layout.Offset(node), diagonals[node] * skew);
                        for (var i = 0; i < turn.Length; i++) turn[i] -= next[i];
                    }
                    turns.Add(turn);
                }
        return turns;
    }

    /// <summary>The entries off the diagonal, at their place among those of all layers.</summary>
    private static double[] OffDiagonal(int length, int offset, Matrix matrix)
    {
        var entries = new double[length];
        for (var i = 0; i < matrix.Rows; i++)
            for (var j = 0; j < matrix.Columns; j++)
                if (i != j) entries[offset + i * matrix.Columns + j] = matrix[i, j];
        return entries;
    }

    private static double[] Unit(int length, int index)
    {
        var unit = new double[length];
        unit[index] = 1;
        return unit;
    }

    private static Matrix Rows(IReadOnlyList<double[]> rows) => new(rows.Count, rows[0].Length, [.. rows.SelectMany(row => row)]);

    private static int Rank(IReadOnlyList<double[]> rows) => rows.Count == 0 ? 0 : Rank(Svd.Of(Rows(rows)).S);

    private static int Rank(double[] values) => values.Count(value => value > RankTolerance * values[0]);
}
