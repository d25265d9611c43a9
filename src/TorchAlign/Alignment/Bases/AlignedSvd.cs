using System.Numerics.Tensors;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Alignment;

/// <summary>
/// The aligned singular value decompositions of a network where they exist: bases Q_0, ..., Q_L that make every Q_k^T W_k Q_{k-1}
/// diagonal, found for all layers at once; and where they do not exist, how far the best found are from it.
/// </summary>
/// <remarks>
/// Vectors of tied or zero singular values mean nothing by themselves: which of them are right is decided by the other layers. So,
/// from the last layer down, T_{k-1} = g_k |W_k| / ||W_k||_2 + J_k^T T_k J_k, with |W| = (W^T W)^{1/2}, J_k the partial isometry of W_k and
/// generic numbers g_k: on an aligned network all T_k are diagonal in Q_k, and vectors with one eigenvalue agree in all singular values
/// from there up, so that any basis of them will do. The eigenvectors of T_0 are Q_0; Q_k holds the directions of W_k Q_{k-1}, and
/// for those that W_k does not reach the eigenvectors of T_k among them. Each such chain of vectors, from the layer where it
/// starts to the one whose W_k sends it to 0, then gets one column index in all its layers. Singular values below 1e-8 of a layer's
/// largest are not followed across the layer, so that rounding, which turns their vectors by up to 1e-16 over their share, does little.
/// </remarks>
public sealed class AlignedSvd
{
    /// <summary>See the remarks: the share at which following and not following cost the same.</summary>
    private const double Followed = 1e-8;

    /// <summary>Draws of the g_k; the best of them is kept, in case two different modes get nearly the same eigenvalue.</summary>
    private const int Draws = 3;

    private AlignedSvd(AlignedBases bases, Matrix[] inBases, double least)
    {
        Bases = bases;
        Diagonals = [.. inBases.Select(Orthogonal.Diagonal)];
        OffDiagonal = [.. inBases.Select(Share)];
        LeastResidual = least;
    }

    /// <summary>Q_0, ..., Q_L.</summary>
    public AlignedBases Bases { get; }

    /// <summary>The diagonal of Q_k^T W_k Q_{k-1} for each layer (L): singular values up to sign, if aligned.</summary>
    public double[][] Diagonals { get; }

    /// <summary>||offdiag(Q_k^T W_k Q_{k-1})||_F / ||W_k||_F for each layer (L).</summary>
    public double[] OffDiagonal { get; }

    /// <summary>
    /// The largest of <see cref="OffDiagonal"/>: the network is aligned up to this. At most some 1e-8 for one that is aligned.
    /// </summary>
    public double Residual => OffDiagonal.Max();

    /// <summary>
    /// No bases have a smaller residual. From commutators (derived): a residual of delta means
    /// ||[W_k W_k^T, W_{k+1}^T W_{k+1}]||_F &lt;= 8 (delta + delta^2) ||W_k||_F^2 ||W_{k+1}||_F^2.
    /// </summary>
    public double LeastResidual { get; }

    /// <param name="shape">Widths.</param>
    /// <param name="state">Flat state (P).</param>
    public static AlignedSvd Of(NetworkShape shape, ReadOnlySpan<double> state)
    {
        var layers = new Matrix[shape.Depth];
        for (var k = 0; k < layers.Length; k++) layers[k] = LinearProduct.Layer(shape, state, k);
        var svds = layers.Select(layer => Svd.Of(layer)).ToArray();
        var least = Least(layers);
        var random = new RandomStream(0);
        AlignedSvd? best = null;
        for (var draw = 0; draw < Draws; draw++)
        {
            var bases = new AlignedBases(Sweep(shape, layers, svds, Above(shape, svds, random)));
            var found = new AlignedSvd(bases, [.. layers.Select((layer, k) =>
                bases.Left(k).TransposedTimes(layer) * bases.Right(k))], least);
            if (best is null || found.Residual < best.Residual) best = found;
        }
        return best!;
    }

    /// <summary>T_0, ..., T_{L-1}; T_L = 0 is left out.</summary>
    private static Matrix[] Above(NetworkShape shape, Svd[] svds, RandomStream random)
    {
        var above = new Matrix[shape.Depth];
        for (var k = shape.Depth - 1; k >= 0; k--)
        {
            var svd = svds[k];
            var g = random.NextDouble(0.5, 1.5);
            double[] weights = [.. svd.S.Select(s => s > 0 ? g * s / svd.S[0] : 0)];
            above[k] = Scaled(svd.V, weights).TimesTransposed(svd.V);
            if (k == shape.Depth - 1) continue;
            var isometry = Scaled(svd.U, [.. svd.S.Select(s => s > Followed * svd.S[0] ? 1.0 : 0)]).TimesTransposed(svd.V);
            above[k] += isometry.TransposedTimes(above[k + 1] * isometry);
        }
        return above;
    }

    private static Matrix[] Sweep(NetworkShape shape, Matrix[] layers, Svd[] svds, Matrix[] above)
    {
        var first = SymmetricEigen.Of(above[0]).Vectors;
        var bases = new List<Matrix> { first };
        var chains = Enumerable.Range(0, first.Columns).Select(j => new ModeChain(0, j)).ToList();
        for (var k = 0; k < layers.Length; k++)
        {
            var image = (layers[k] * bases[k]).Transpose();
            var reached = new OrthonormalBasis();
            var alive = chains.Where(chain => chain.End == k)
                .OrderByDescending(chain => TensorPrimitives.Norm<double>(image.Row(chain.Columns[^1]))).ToArray();
            foreach (var chain in alive)
            {
                if (reached.Count == shape.Rows(k)) break;
                var vector = image.Row(chain.Columns[^1]).ToArray();
                var length = reached.Reject(vector);
                if (!(length > Followed * svds[k].S[0])) continue;
                chain.Columns.Add(reached.Count);
                reached.Append(vector, length);
            }
            var basis = Extend(reached.Vectors, shape.Rows(k), k + 1 < above.Length ? above[k + 1] : null);
            bases.Add(basis);
            chains.AddRange(Enumerable.Range(reached.Count, basis.Columns - reached.Count).Select(j => new ModeChain(k + 1, j)));
        }
        var orders = ModeChain.Place(chains, shape.Widths);
        return [.. bases.Select((basis, node) => Orthogonal.Columns(basis, orders[node]))];
    }

    /// <summary>The vectors reached, and the eigenvectors of T among what is orthogonal to them.</summary>
    private static Matrix Extend(IReadOnlyList<double[]> reached, int size, Matrix? above)
    {
        var count = reached.Count;
        if (count == 0) return above is null ? Matrix.Identity(size) : SymmetricEigen.Of(above).Vectors;
        var columns = new Matrix(count, size, [.. reached.SelectMany(vector => vector)]).Transpose();
        var basis = Orthogonal.Complete(columns);
        if (above is null || count == size) return basis;
        var rest = basis.ColumnRange(count, size - count);
        return Orthogonal.Join(columns, rest * SymmetricEigen.Of(rest.TransposedTimes(above * rest)).Vectors);
    }

    private static double Least(Matrix[] layers)
    {
        var least = 0.0;
        for (var k = 0; k + 1 < layers.Length; k++)
        {
            var below = layers[k].TimesTransposed(layers[k]);
            var above = layers[k + 1].TransposedTimes(layers[k + 1]);
            var scale = Math.Pow(layers[k].FrobeniusNorm * layers[k + 1].FrobeniusNorm, 2);
            if (scale == 0) continue;
            var commutator = (below * above - above * below).FrobeniusNorm / scale;
            least = Math.Max(least, (Math.Sqrt(1 + commutator / 2) - 1) / 2);
        }
        return least;
    }

    private static Matrix Scaled(Matrix columns, double[] factors)
    {
        var scaled = columns.Copy();
        for (var i = 0; i < scaled.Rows; i++) TensorPrimitives.Multiply(scaled.Row(i), factors, scaled.Row(i));
        return scaled;
    }

    private static double Share(Matrix inBases) =>
        inBases.FrobeniusNorm == 0 ? 0 : Orthogonal.OffDiagonalNorm(inBases) / inBases.FrobeniusNorm;
}
