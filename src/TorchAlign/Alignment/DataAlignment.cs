using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Numerics;

namespace TorchAlign.Alignment;

/// <summary>
/// Whether orthogonal U (d_L, d_L) and V (d_0, d_0) exist that make U^T Y X^T V and V^T X X^T V both diagonal: exactly then can
/// alignment be an invariant of gradient descent under the squared loss [RNBU], from starts with U_L = U, V_1 = V.
/// </summary>
/// <remarks>
/// With A = X X^T and C = Y X^T, V must diagonalise A and C^T C, so such a V exists if and only if A C^T C = C^T C A (derived; U then
/// comes from the columns of C V, which are orthogonal). One spectral decomposition finds it, whatever ties:
/// that of A / ||X||_F^2 + g |C| / (||X||_F ||Y||_F), |C| = (C^T C)^{1/2}, whose eigenspaces are the joint ones for all g
/// but finitely many. The scales are those to which A and C are rounded, so nearly tied eigenvalues of the sum leave only as much off the
/// diagonals as rounding does. Several g are tried and the best V is kept.
/// </remarks>
public sealed class DataAlignment
{
    /// <summary>The g of the remarks: numbers of the size of 1 without a simple relation.</summary>
    private static readonly double[] _mixes = [1 / Math.Sqrt(3), (1 + Math.Sqrt(5)) / 2, Math.PI, 1 / Math.E];

    private DataAlignment(
        Matrix left, Matrix right, double[] crossDiagonal, double[] inputDiagonal, double obstruction, double least, double rounding)
    {
        (Left, Right) = (left, right);
        (CrossDiagonal, InputDiagonal) = (crossDiagonal, inputDiagonal);
        (Obstruction, LeastObstruction, Rounding) = (obstruction, least, rounding);
    }

    /// <summary>
    /// The obstruction is no more than rounding. False together with <see cref="LeastObstruction"/> &lt;= <see cref="Rounding"/> would
    /// mean that float64 cannot tell; it is not seen unless the condition is broken by some 1e-12 alone.
    /// </summary>
    public bool Holds => Obstruction <= Rounding;

    /// <summary>
    /// The larger of ||offdiag(V^T X X^T V)||_F / ||X||_F^2 and ||offdiag(U^T Y X^T V)||_F / (||X||_F ||Y||_F) for the U and V found.
    /// </summary>
    public double Obstruction { get; }

    /// <summary>
    /// No orthogonal U, V have a smaller obstruction. From the commutator (derived): with A and C scaled as in
    /// <see cref="Obstruction"/>, an obstruction of delta means ||A C^T C - C^T C A||_F &lt;= 6 delta + 4 delta^2.
    /// </summary>
    public double LeastObstruction { get; }

    /// <summary>What the rounding of X X^T, Y X^T and the decompositions may leave of the obstruction.</summary>
    public double Rounding { get; }

    /// <summary>U (d_L, d_L): its first columns belong to those of V, in order.</summary>
    public Matrix Left { get; }

    /// <summary>V (d_0, d_0), by falling a_j, then by falling b_j.</summary>
    public Matrix Right { get; }

    /// <summary>a_j >= 0, the diagonal of U^T Y X^T V (min(d_L, d_0)); 0 where it is rounding.</summary>
    public double[] CrossDiagonal { get; }

    /// <summary>b_j >= 0, the diagonal of V^T X X^T V (d_0); 0 where it is rounding.</summary>
    public double[] InputDiagonal { get; }

    public static DataAlignment Of(SecondMoments moments)
    {
        // ||X||_F^2 = tr X X^T; if Y = 0, any scale will do.
        var inputScale = 1 / Orthogonal.Diagonal(moments.InputMoments).Sum();
        var crossScale = moments.TargetMoment > 0 ? Math.Sqrt(inputScale / moments.TargetMoment) : 1;
        var (inputs, cross) = (inputScale * moments.InputMoments, crossScale * moments.CrossMoments);
        var root = Root(cross);
        DataAlignment? best = null;
        var size = Math.Max(moments.Inputs, moments.Outputs);
        // Sums of n products for A and C, some backward errors of d 2^-53 for each decomposition, and what the eigenvectors of a
        // nearly tied sum cost, which the best of several sums keeps within a factor of the number of pairs.
        var rounding = 10 * Math.ScaleB(moments.Count + (double)size * size, -53);
        foreach (var mix in _mixes)
        {
            var v = SymmetricEigen.Of(inputs + mix * root).Vectors;
            var (left, right) = Pair(cross * v, v, inputs);
            var crossIn = left.TransposedTimes(cross) * right;
            var inputsIn = right.TransposedTimes(inputs) * right;
            var obstruction = Math.Max(Orthogonal.OffDiagonalNorm(inputsIn), Orthogonal.OffDiagonalNorm(crossIn));
            if (best is null || obstruction < best.Obstruction)
                best = new DataAlignment(left, right, Above(rounding, crossIn, crossScale), Above(rounding, inputsIn, inputScale),
                    obstruction, Least(inputs, cross), rounding);
        }
        return best!;
    }

    /// <summary>The diagonal without what is rounding, in the scale of the data.</summary>
    private static double[] Above(double rounding, Matrix scaled, double scale) =>
        [.. Orthogonal.Diagonal(scaled).Select(value => value > rounding ? value / scale : 0)];

    /// <summary>(C^T C)^{1/2}, from the singular values of C, so that no digits are lost to squares.</summary>
    private static Matrix Root(Matrix cross)
    {
        var svd = Svd.Of(cross);
        var scaled = svd.V.Copy();
        for (var i = 0; i < scaled.Rows; i++) TensorPrimitives.Multiply(scaled.Row(i), svd.S, scaled.Row(i));
        return scaled.TimesTransposed(svd.V);
    }

    /// <summary>Sorts the columns of V, and makes U of those of C V by Gram-Schmidt, twice, from the longest down.</summary>
    private static (Matrix Left, Matrix Right) Pair(Matrix image, Matrix v, Matrix inputs)
    {
        var columns = image.Transpose();
        var lengths = Enumerable.Range(0, v.Columns).Select(j => TensorPrimitives.Norm<double>(columns.Row(j))).ToArray();
        var spread = Orthogonal.Diagonal(v.TransposedTimes(inputs) * v);
        // Lengths that are rounding count as 0, so that the b_j decide the order.
        var negligible = Math.ScaleB(v.Columns, -50) * Math.Max(lengths.Max(), 1 / Math.Sqrt(v.Columns));
        int[] order = [.. Enumerable.Range(0, v.Columns)
            .OrderByDescending(j => lengths[j] > negligible ? lengths[j] : 0).ThenByDescending(j => spread[j])];
        var left = new OrthonormalBasis();
        foreach (var j in order.Take(image.Rows))
        {
            var column = columns.Row(j).ToArray();
            if (lengths[j] <= negligible) break;
            var rest = left.Reject(column);
            if (rest <= negligible) break;
            left.Append(column, rest);
        }
        var u0 = left.Count == 0
            ? Matrix.Identity(image.Rows)
            : Orthogonal.Complete(new Matrix(left.Count, image.Rows, [.. left.Vectors.SelectMany(u => u)]).Transpose());
        return (u0, Orthogonal.Columns(v, order));
    }

    private static double Least(Matrix inputs, Matrix cross)
    {
        var square = cross.TransposedTimes(cross);
        var commutator = (inputs * square - square * inputs).FrobeniusNorm;
        return (Math.Sqrt(36 + 16 * commutator) - 6) / 8;
    }
}
