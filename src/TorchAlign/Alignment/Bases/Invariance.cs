using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Alignment;

/// <summary>
/// How well a run keeps the singular vectors that its layers started with, measured two ways; and how well adjacent layers are
/// aligned now. Built at the start, asked at any later state. O(sum max(d_k, d_{k-1})^3) a state.
/// </summary>
public sealed class Invariance
{
    /// <summary>Singular values below this share of the layer's largest have no vectors of their own: they would be rounding.</summary>
    private const double Negligible = 1e-12;

    private readonly NetworkShape _shape;
    private readonly Matrix[] _left;
    private readonly Matrix[] _right;

    // The columns of _left and _right whose singular value at the start is not negligible.
    private readonly int[][] _live;

    private Invariance(NetworkShape shape, Matrix[] left, Matrix[] right, ReadOnlySpan<double> start)
    {
        (_shape, _left, _right, _live) = (shape, left, right, new int[shape.Depth][]);
        for (var k = 0; k < shape.Depth; k++)
        {
            var values = Orthogonal.Diagonal(InBases(start, k)).Select(Math.Abs).ToArray();
            _live[k] = [.. Enumerable.Range(0, values.Length).Where(j => values[j] > Negligible * values.Max())];
            // A layer of zeros has no vectors of its own: those that it was given stand for them.
            if (_live[k].Length == 0) _live[k] = [.. Enumerable.Range(0, values.Length)];
        }
    }

    /// <summary>Against common bases that are known, such as those an aligned start was made of.</summary>
    /// <param name="bases">Q_0, ..., Q_L.</param>
    /// <param name="start">W(0) (P).</param>
    public static Invariance Of(AlignedBases bases, ReadOnlySpan<double> start) =>
        new(bases.Shape, [.. bases.Bases.Skip(1)], [.. bases.Bases.Take(bases.Shape.Depth)], start);

    /// <summary>
    /// Against the singular value decomposition of each layer at the start. Where singular values tie there, its vectors are
    /// arbitrary, and so are the measures: then give bases.
    /// </summary>
    public static Invariance Of(NetworkShape shape, ReadOnlySpan<double> start)
    {
        var layers = new Svd[shape.Depth];
        for (var k = 0; k < layers.Length; k++) layers[k] = Svd.Of(LinearProduct.Layer(shape, start, k), full: true);
        return new Invariance(shape, [.. layers.Select(layer => layer.U)], [.. layers.Select(layer => layer.V)], start);
    }

    /// <summary>
    /// ||offdiag(U_k(0)^T W_k V_k(0))||_F / ||W_k||_F (L): 0 exactly if the bases are kept. One product of matrices a layer.
    /// </summary>
    public double[] OffDiagonalShares(ReadOnlySpan<double> state)
    {
        var shares = new double[_shape.Depth];
        for (var k = 0; k < shares.Length; k++)
        {
            var inBases = InBases(state, k);
            shares[k] = Orthogonal.OffDiagonalNorm(inBases) / inBases.FrobeniusNorm;
        }
        return shares;
    }

    /// <summary>Everything at the state (P); one decomposition a layer.</summary>
    public InvarianceScores Measure(ReadOnlySpan<double> state)
    {
        var now = new Svd[_shape.Depth];
        for (var k = 0; k < now.Length; k++) now[k] = Svd.Of(LinearProduct.Layer(_shape, state, k));
        return Measure(state, now);
    }

    /// <summary>The same with the reduced decompositions of the layers at that state.</summary>
    internal InvarianceScores Measure(ReadOnlySpan<double> state, Svd[] now)
    {
        return new InvarianceScores
        {
            OffDiagonal = OffDiagonalShares(state),
            Left = [.. now.Select((svd, k) => Score(Orthogonal.Columns(_left[k], _live[k]), svd.U))],
            Right = [.. now.Select((svd, k) => Score(Orthogonal.Columns(_right[k], _live[k]), svd.V))],
            Adjacent = [.. now.Skip(1).Zip(now, Adjacent)],
            SingularValues = [.. now.Select(svd => svd.S)],
        };
    }

    /// <summary>mean_j max_k |(V_{i+1}^T U_i)_jk|, j over the layer with fewer singular values that are not negligible.</summary>
    private static double Adjacent(Svd above, Svd below)
    {
        var v = above.V.ColumnRange(0, Live(above));
        var u = below.U.ColumnRange(0, Live(below));
        return v.Columns <= u.Columns ? Score(v, u) : Score(u, v);
    }

    private static int Live(Svd svd) => Math.Max(1, svd.S.Count(value => value > Negligible * svd.S[0]));

    /// <summary>mean_j max_k |(A^T B)_jk|.</summary>
    internal static double Score(Matrix a, Matrix b)
    {
        var cosines = a.TransposedTimes(b);
        var sum = 0.0;
        for (var j = 0; j < cosines.Rows; j++)
        {
            var largest = 0.0;
            foreach (var cosine in cosines.Row(j)) largest = Math.Max(largest, Math.Abs(cosine));
            sum += largest;
        }
        return sum / cosines.Rows;
    }

    private Matrix InBases(ReadOnlySpan<double> state, int layer) =>
        _left[layer].TransposedTimes(LinearProduct.Layer(_shape, state, layer)) * _right[layer];
}

/// <summary>
/// What <see cref="Invariance"/> measures. The scores are those of the authors of [RNBU]: 1 where each vector has a partner, about
/// sqrt(2 log d / d) by chance; ties make them arbitrary. The off-diagonal shares do not suffer from ties.
/// </summary>
public sealed record InvarianceScores
{
    /// <summary>||offdiag(U_k(0)^T W_k(t) V_k(0))||_F / ||W_k(t)||_F (L).</summary>
    public required double[] OffDiagonal { get; init; }

    /// <summary>mean_j max_i |(U_k(0)^T U_k(t))_ji| (L), j over the singular values that are not 0 at the start.</summary>
    public required double[] Left { get; init; }

    /// <summary>The same of V_k (L).</summary>
    public required double[] Right { get; init; }

    /// <summary>mean_j max_i |(V_{k+1}(t)^T U_k(t))_ji| (L - 1): alignment now, whatever the start.</summary>
    public required double[] Adjacent { get; init; }

    /// <summary>Singular values of each layer (L), descending.</summary>
    public required double[][] SingularValues { get; init; }
}
