using TorchAlign.Data;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Alignment;

/// <summary>
/// What an aligned network has in common: orthogonal Q_0, ..., Q_L, Q_k (d_k, d_k), with every Q_k^T W_k Q_{k-1} diagonal. So
/// W_k = U_k S_k V_k^T with U_k = Q_k, V_k = Q_{k-1}, and U_k = V_{k+1}: the alignment of [RNBU]. Diagonal entries
/// come in any order, the same in all layers, and may carry signs, which the columns of the Q_k can always absorb.
/// </summary>
public sealed class AlignedBases
{
    /// <summary>Rounding of products of orthogonal matrices stays far below; a basis with fewer digits is a mistake.</summary>
    private const double OrthogonalityTolerance = 1e-8;

    /// <param name="bases">Q_0, ..., Q_L, at least two.</param>
    /// <exception cref="ArgumentException">A matrix is not square or not orthogonal.</exception>
    public AlignedBases(IReadOnlyList<Matrix> bases)
    {
        for (var k = 0; k < bases.Count; k++)
        {
            if (bases[k].Rows != bases[k].Columns)
                throw new ArgumentException($"Q_{k} is ({bases[k].Rows}, {bases[k].Columns}); it must be square.", nameof(bases));
            if (!(Orthogonal.Defect(bases[k]) <= OrthogonalityTolerance * bases[k].Rows))
                throw new ArgumentException($"Q_{k} is not orthogonal: ||Q^T Q - I||_F = {Orthogonal.Defect(bases[k]):G3}.", nameof(bases));
        }
        Shape = new NetworkShape([.. bases.Select(basis => basis.Rows)]);
        Bases = [.. bases];
    }

    /// <summary>Q_0, ..., Q_L.</summary>
    public IReadOnlyList<Matrix> Bases { get; }

    public NetworkShape Shape { get; }

    /// <summary>U_k = Q_k of layer <paramref name="layer"/> (0 for W_1).</summary>
    public Matrix Left(int layer) => Bases[layer + 1];

    /// <summary>V_k = Q_{k-1} of layer <paramref name="layer"/> (0 for W_1).</summary>
    public Matrix Right(int layer) => Bases[layer];

    /// <summary>V_1 and U_L given, the inner bases uniformly random.</summary>
    /// <param name="shape">Widths.</param>
    /// <param name="left">U = U_L (d_L, d_L).</param>
    /// <param name="right">V = V_1 (d_0, d_0).</param>
    /// <param name="random">Of the inner bases.</param>
    /// <exception cref="ArgumentException">U or V has another size, or is not orthogonal.</exception>
    public static AlignedBases Around(NetworkShape shape, Matrix left, Matrix right, RandomStream random)
    {
        if (left.Rows != shape.Outputs || right.Rows != shape.Inputs)
            throw new ArgumentException(
                $"The network {shape} needs U of size {shape.Outputs} and V of size {shape.Inputs}; got {left.Rows} and {right.Rows}.");
        var inner = shape.Widths.Skip(1).Take(shape.Depth - 1).Select(width => Orthogonal.Random(width, random));
        return new AlignedBases([right, .. inner, left]);
    }

    /// <summary>
    /// V_1 and U_L from <see cref="DataAlignment"/>, the inner bases random. Where the data satisfy its condition and the loss is
    /// squared, a start in these bases keeps them; where they do not, these are the bases that come nearest.
    /// </summary>
    public static AlignedBases FromData(NetworkShape shape, SecondMoments moments, RandomStream random)
    {
        var data = DataAlignment.Of(moments);
        return Around(shape, data.Left, data.Right, random);
    }

    /// <summary>
    /// As the authors of [RNBU] start their experiments: V_1 the left singular vectors of X (d_0, n), U_L those of Y (d_L, n), each in
    /// the order of its singular values; the inner bases random. <see cref="RegressionSet"/> holds the transposes, (n, d), so they
    /// are the right singular vectors of its matrices.
    /// </summary>
    public static AlignedBases FromSingularVectors(NetworkShape shape, RegressionSet data, RandomStream random) =>
        Around(shape, Svd.Of(data.Y, full: true).V, Svd.Of(data.X, full: true).V, random);

    /// <summary>The aligned network with W_k = Q_k S_k Q_{k-1}^T as a flat state (P).</summary>
    /// <param name="values">Diagonal entry j (from 0) of S_k, k = <c>layer</c> from 0 for W_1, j below min(d_k, d_{k-1}).</param>
    public double[] State(Func<int, int, double> values)
    {
        var state = new double[Shape.Length];
        for (var k = 0; k < Shape.Depth; k++)
        {
            var count = Math.Min(Shape.Rows(k), Shape.Columns(k));
            var scaled = Left(k).ColumnRange(0, count);
            for (var j = 0; j < count; j++)
            {
                var value = values(k, j);
                if (!double.IsFinite(value)) throw new ArgumentException($"Singular value {j} of layer {k + 1} is {value}.");
                for (var i = 0; i < scaled.Rows; i++) scaled[i, j] *= value;
            }
            scaled.TimesTransposed(Right(k).ColumnRange(0, count)).Values.CopyTo(Shape.Layer(state.AsSpan(), k));
        }
        return state;
    }

    /// <summary>All diagonal entries of all layers equal.</summary>
    public double[] State(double value) => State((_, _) => value);

    /// <summary>Q_k^T W_k Q_{k-1} (d_k, d_{k-1}) of layer <paramref name="layer"/> of a flat state (P): diagonal if aligned.</summary>
    public Matrix InBases(ReadOnlySpan<double> state, int layer) =>
        Left(layer).TransposedTimes(LinearProduct.Layer(Shape, state, layer)) * Right(layer);
}
