using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Alignment;

/// <summary>
/// Measures every quantity of <see cref="ProductObservation"/> at a point of a run of a network of any number of outputs; one singular
/// value decomposition a layer, and one of the product. Reads the point only.
/// </summary>
public sealed class ProductDiagnostics
{
    /// <summary>Singular values within this share of the largest count as tied.</summary>
    private const double TieTolerance = 1e-12;

    private readonly NetworkShape _shape;
    private readonly Invariance _invariance;
    private readonly double[][] _balancednessAtStart;
    private readonly Matrix _left, _right;
    private readonly int _learned;

    /// <param name="shape">Of the network.</param>
    /// <param name="data">The bases of the data, against which the first and the last layer and the product are held.</param>
    /// <param name="start">W(0) (P), against whose bases and invariants later states are held.</param>
    /// <param name="bases">Those that an aligned start was made of; null: the singular vectors of its layers.</param>
    public ProductDiagnostics(NetworkShape shape, DataAlignment data, ReadOnlySpan<double> start, AlignedBases? bases = null)
    {
        if (data.Right.Rows != shape.Inputs || data.Left.Rows != shape.Outputs)
            throw new ArgumentException(
                $"The data have {data.Right.Rows} inputs and {data.Left.Rows} outputs, the network is {shape}.", nameof(data));
        _shape = shape;
        _invariance = bases is null ? Invariance.Of(shape, start) : Invariance.Of(bases, start);
        _balancednessAtStart = Balancedness.Of(shape, start);
        (_left, _right) = (data.Left, data.Right);
        _learned = Math.Max(1, data.CrossDiagonal.Count(value => value > 0));
    }

    public ProductObservation Observe(TrajectoryPoint point)
    {
        var state = point.W.ToArray();
        var layers = new Svd[_shape.Depth];
        for (var k = 0; k < layers.Length; k++) layers[k] = Svd.Of(LinearProduct.Layer(_shape, state, k));
        var product = LinearProduct.Matrix(_shape, state);
        var scores = _invariance.Measure(state, layers);
        var balancedness = Balancedness.Of(_shape, state);
        var inBases = _left.TransposedTimes(product) * _right;
        return new ProductObservation
        {
            Step = point.Steps,
            Evaluations = point.Evaluations,
            Clock = point.Clock,
            LogTime = point.LogTime,
            LogRisk = point.Value.LogRisk,
            LogGradientNorm = point.Value.LogScale + Math.Log(point.DirectionNorm),
            ProductSingularValues = SingularValues(product),
            ProductNorm = product.FrobeniusNorm,
            FrobeniusNorms = [.. Enumerable.Range(0, _shape.Depth).Select(k => TensorPrimitives.Norm<double>(_shape.Layer(state, k)))],
            SingularValues = scores.SingularValues,
            AdjacentAlignments = [.. layers.Skip(1).Zip(layers, (above, below) =>
                LayerSpectrum.Alignment(Leading(above.V, above.S), Leading(below.U, below.S)))],
            AdjacentScores = scores.Adjacent,
            OffDiagonal = scores.OffDiagonal,
            LeftScores = scores.Left,
            RightScores = scores.Right,
            DataOffDiagonal = Orthogonal.OffDiagonalNorm(inBases) / inBases.FrobeniusNorm,
            InputAlignment = Invariance.Score(_right.ColumnRange(0, _learned), layers[0].V),
            OutputAlignment = Invariance.Score(_left.ColumnRange(0, _learned), layers[^1].U),
            BalancednessDrift = Balancedness.Drift(_balancednessAtStart, balancedness) / TensorPrimitives.SumOfSquares<double>(state),
            BalancednessDefect = balancedness.All(AreFinite) ? Balancedness.Defect(_shape, state) : double.PositiveInfinity,
        };
    }

    /// <summary>Of a run that diverges the product leaves float64 before the layers do.</summary>
    private static double[] SingularValues(Matrix product) => AreFinite(product.Buffer)
        ? Svd.Of(product).S
        : [.. Enumerable.Repeat(double.PositiveInfinity, Math.Min(product.Rows, product.Columns))];

    private static bool AreFinite(double[] values) => Array.TrueForAll(values, double.IsFinite);

    /// <summary>The singular vectors of the largest value, as rows; one unless values tie.</summary>
    private static double[][] Leading(Matrix vectors, double[] values)
    {
        var ties = Math.Max(1, values.Count(value => value >= values[0] * (1 - TieTolerance)));
        return [.. Enumerable.Range(0, ties).Select(j => Enumerable.Range(0, vectors.Rows).Select(i => vectors[i, j]).ToArray())];
    }
}
