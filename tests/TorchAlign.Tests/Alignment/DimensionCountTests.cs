using TorchAlign.Alignment;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Alignment;

public class DimensionCountTests
{
    private static readonly Matrix Whole = Matrix.Identity(9);

    /// <summary>
    /// Aligned 3-layer networks of square layers d, without ties: d values a layer and four bases, d(d-1)/2 each; an invariant
    /// alignment needs the d^2 - d entries off the diagonal of U^T (Y - P X) X^T V to vanish.
    /// </summary>
    [Fact]
    public void FreeLayersHaveRoom()
    {
        var (layers, bases, weights) = Start(Pattern.Full(9, 9));
        var count = DimensionCount.Of(layers, bases, weights, Whole);
        Assert.Equal((3 * 81, 3 * 9, 3 * 9 + 4 * 36, 72), (count.Parameters, count.Kept, count.Free, count.Conditions));
        Assert.False(count.Impossible);
    }

    [Fact]
    public void ConvolutionsRunOutOfRoomAsSamplesAreAdded()
    {
        var (layers, bases, weights) = Start(Convolution.TwoDimensional(1, 1, (3, 3), (3, 3), Border.Zero));
        var conditions = new List<int>();
        for (var n = 1; n <= 9; n++)
        {
            var count = DimensionCount.Of(layers, bases, weights, DataSamples.Gaussian(n, 9, new RandomStream(n)));
            Assert.InRange(count.Conditions, 0, Math.Min(9 * n, count.Parameters - count.Kept));
            conditions.Add(count.Conditions);
            if (n == 9) Assert.True(count.Impossible, $"{count}");
        }
        Assert.Equal(conditions.Order(), conditions);
        Assert.True(conditions[0] < conditions[^1]);
    }

    /// <summary>All circulants share bases: every parameter is free, whatever the data.</summary>
    [Fact]
    public void CirculantsHaveRoom()
    {
        var (layers, bases, weights) = Start(Pattern.Circulant(9));
        var count = DimensionCount.Of(layers, bases, weights, Whole);
        Assert.Equal(27, count.Parameters);
        Assert.Equal(count.Parameters, count.Free);
        Assert.False(count.Impossible);
    }

    /// <summary>Three layers that are multiples of one symmetric matrix of the architecture: aligned in its eigenvectors.</summary>
    private static (ConstrainedLayers Layers, AlignedBases Bases, double[] Weights) Start(LayerConstraint constraint)
    {
        var raw = constraint.Project(DataSamples.Gaussian(9, 9, new RandomStream(3)));
        var symmetric = 0.5 * (raw + raw.Transpose());
        Assert.InRange(constraint.Violation(symmetric), 0, 1e-14);
        var layers = new ConstrainedLayers(constraint, constraint, constraint);
        double[] weights = [.. symmetric.Values, .. (0.8 * symmetric).Values, .. (1.3 * symmetric).Values];
        var q = SymmetricEigen.Of(symmetric).Vectors;
        return (layers, new AlignedBases([q, q, q, q]), weights);
    }
}
