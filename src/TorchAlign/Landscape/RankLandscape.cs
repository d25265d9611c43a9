using System.Numerics.Tensors;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Landscape;

/// <summary>
/// The least of c ||Y - P X||_F^2 over the products of rank &lt;= k, X X^T of full rank: with Q = Y X^T (X X^T)^(-1/2) = sum q_i u_i
/// v_i^T it is c (||Y - P* X||_F^2 + sum_{i > k} q_i^2), attained at P_k = sum_{i &lt;= k} q_i u_i v_i^T (X X^T)^(-1/2) [NRT], and there
/// alone where q_k > q_{k+1}.
/// </summary>
public sealed class RankLandscape
{
    /// <summary>Singular values of Q that differ by no more than this share of the largest are tied.</summary>
    private const double TieTolerance = 1e-10;

    private readonly Svd _q;
    private readonly Matrix _root;
    private readonly Matrix _inverseRoot;

    /// <exception cref="ArgumentException">X X^T is singular.</exception>
    public RankLandscape(SquaredLoss loss)
    {
        var moments = loss.Moments;
        if (moments.Rank < moments.Inputs)
            throw new ArgumentException(
                $"X X^T is singular: {moments.Name} has inputs of rank {moments.Rank} in {moments.Inputs} dimensions. Add samples, or "
                + "project the inputs on their span.", nameof(loss));
        Loss = loss;
        _root = moments.Eigen.Map(Math.Sqrt);
        _inverseRoot = moments.Eigen.Map(value => 1 / Math.Sqrt(value));
        // Not through Y X^T and two inverse roots: P* is accurate where Q is small.
        _q = Svd.Of(moments.LeastSquares * _root);
    }

    public SquaredLoss Loss { get; }

    /// <summary>q_1 >= q_2 >= ... (min(d_0, d_L)).</summary>
    public IReadOnlyList<double> SingularValues => _q.S;

    /// <summary>The least loss over the products of rank &lt;= <paramref name="rank"/>.</summary>
    public double LeastLoss(int rank)
    {
        var rest = rank < _q.S.Length ? TensorPrimitives.SumOfSquares<double>(_q.S.AsSpan(rank)) : 0;
        return Loss.Scale * (Loss.Moments.LeastResidual + rest);
    }

    /// <summary>Whether one product alone has that least loss: q_k > q_{k+1}.</summary>
    public bool IsUnique(int rank) => rank == 0 || rank >= _q.S.Length || !Tied(rank - 1, rank);

    /// <summary>P_k (d_L, d_0); one of many where it is not unique.</summary>
    public Matrix Minimizer(int rank) => Of(_q, rank) * _inverseRoot;

    /// <summary>
    /// The product of least loss among those of rank &lt;= k that lies nearest to <paramref name="product"/> (d_L, d_0), distances
    /// being those of the predictions, ||(P - P_k) X||_F. Where singular values tie across k, U_t q V_t^T being their part of Q, the
    /// minimisers have U_t q Z Z^T V_t^T there, Z with orthonormal columns: the nearest takes the largest eigenvectors of the
    /// symmetric part of U_t^T P (X X^T)^(1/2) V_t.
    /// </summary>
    public Matrix NearestMinimizer(Matrix product, int rank)
    {
        if (IsUnique(rank)) return Minimizer(rank);
        var (first, end) = (rank - 1, rank);
        while (first > 0 && Tied(first - 1, rank)) first--;
        while (end < _q.S.Length && Tied(rank - 1, end)) end++;
        var (left, right) = (_q.U.ColumnRange(first, end - first), _q.V.ColumnRange(first, end - first));
        var inside = left.TransposedTimes(product * _root * right);
        var eigen = SymmetricEigen.Of(0.5 * (inside + inside.Transpose()));
        var z = eigen.Vectors.ColumnRange(end - rank, rank - first);
        var tied = left * (_q.S[rank - 1] * z.TimesTransposed(z)).TimesTransposed(right);
        return (Of(_q, first) + tied) * _inverseRoot;
    }

    /// <summary>
    /// A global minimiser of the network over the products of rank &lt;= k whose layers are balanced: with P_k = U S V^T, W_k = A_k
    /// S^(1/L) A_{k-1}^T, A_0 = V, A_L = U and A_k the first columns of the identity. Its curvature is what descent near it feels.
    /// </summary>
    /// <exception cref="ArgumentException">The network is too narrow for rank k, or of other inputs or outputs.</exception>
    public double[] BalancedMinimizer(NetworkShape shape, int rank)
    {
        if (rank < 1 || rank > shape.Widths.Min())
            throw new ArgumentException(
                $"The products of the network {shape} have ranks up to {shape.Widths.Min()}; a minimiser of rank {rank} was asked for.",
                nameof(rank));
        if (shape.Inputs != Loss.Inputs || shape.Outputs != Loss.Outputs)
            throw new ArgumentException(
                $"The loss is of {Loss.Inputs} inputs and {Loss.Outputs} outputs, the network is {shape}.", nameof(shape));
        var svd = Svd.Of(Minimizer(rank));
        var state = new double[shape.Length];
        for (var k = 0; k < shape.Depth; k++)
        {
            var layer = shape.Layer(state.AsSpan(), k);
            for (var j = 0; j < rank; j++)
            {
                var size = Math.Pow(svd.S[j], 1.0 / shape.Depth);
                for (var row = 0; row < shape.Rows(k); row++)
                {
                    var left = k == shape.Depth - 1 ? svd.U[row, j] : row == j ? 1 : 0;
                    if (left == 0) continue;
                    for (var column = 0; column < shape.Columns(k); column++)
                        layer[row * shape.Columns(k) + column] += size * left * (k == 0 ? svd.V[column, j] : column == j ? 1 : 0);
                }
            }
        }
        return state;
    }

    private bool Tied(int i, int j) => Math.Abs(_q.S[i] - _q.S[j]) <= TieTolerance * _q.S[0];

    /// <summary>sum_{i &lt;= k} q_i u_i v_i^T.</summary>
    private static Matrix Of(Svd svd, int rank)
    {
        if (rank == 0) return new Matrix(svd.U.Rows, svd.V.Rows);
        rank = Math.Min(rank, svd.S.Length);
        var left = svd.U.ColumnRange(0, rank);
        for (var i = 0; i < left.Rows; i++)
            for (var j = 0; j < rank; j++) left[i, j] *= svd.S[j];
        return left.TimesTransposed(svd.V.ColumnRange(0, rank));
    }
}
