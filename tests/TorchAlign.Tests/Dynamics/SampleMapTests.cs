using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Dynamics;

/// <summary>Samples through the layers against the product of the layers.</summary>
public class SampleMapTests
{
    [Theory]
    [InlineData(1, new[] { 7, 7 })]
    [InlineData(1, new[] { 6, 4, 5 })]
    [InlineData(3, new[] { 8, 8, 8, 8 })]
    [InlineData(4, new[] { 5, 9, 2, 3 })]
    [InlineData(6, new[] { 3, 4, 2 })] // more samples than inputs: slower, as right
    public void RiskAndGradientAreThoseOfTheProduct(int samples, int[] widths)
    {
        var random = new RandomStream(samples);
        var shape = new NetworkShape(widths);
        var data = new RegressionSet("gaussian", Gaussian(samples, shape.Inputs, random), Gaussian(samples, shape.Outputs, random));
        var state = Initialization.Gaussian(shape, 1, random);
        var (expected, found) = (new double[state.Length], new double[state.Length]);
        var product = new ProductField(shape, SquaredLoss.Mean(SecondMoments.Of(data)));
        var map = new SampleMap(shape, data);
        var field = new PulledBackField(Mean(map.Seen), map);
        var risk = product.Evaluate(state, expected);
        Assert.Equal(risk, field.Evaluate(state, found), 1e-12 * risk);
        Assert.True(TensorPrimitives.Distance<double>(expected, found) <= 1e-12 * TensorPrimitives.Norm<double>(expected));
    }

    [Fact]
    public void ConstrainedLayersTakeEither()
    {
        var random = new RandomStream(5);
        var layers = new ConstrainedLayers([.. Enumerable.Repeat(Convolution.TwoDimensional(1, 1, (4, 4), (3, 3), Border.Zero), 3)]);
        var image = Gaussian(1, 16, random);
        var data = new RegressionSet("image", image, image);
        var coefficients = layers.Gaussian(1, random);
        double[] Direction(ILayerGradient gradient)
        {
            var field = new PulledBackField(gradient, new ConstraintMap(layers));
            var (w, direction) = (field.NewState(), field.NewState());
            w.CopyFrom(coefficients);
            field.Evaluate(w, direction);
            return direction.ToArray();
        }

        var product = Direction(new ProductField(layers.Shape, Mean(data)));
        var map = new SampleMap(layers.Shape, data);
        var samples = Direction(new PulledBackField(Mean(map.Seen), map));
        Assert.True(TensorPrimitives.Distance<double>(product, samples) <= 1e-12 * TensorPrimitives.Norm<double>(product));
    }

    [Fact]
    public void OtherWidthsAreRefused()
    {
        var data = new RegressionSet("ones", Matrix.Identity(2), Matrix.Identity(2));
        Assert.Throws<ArgumentException>(() => new SampleMap(new NetworkShape(3, 2), data));
        var samples = new SampleMap(new NetworkShape(2, 2), data);
        var three = new ConstraintMap(new ConstrainedLayers(Pattern.Full(3, 3)));
        Assert.Throws<ArgumentException>(() => new PulledBackField(new PulledBackField(Mean(samples.Seen), samples), three));
        // Coefficients are no layers.
        var circulant = new ConstraintMap(new ConstrainedLayers(Pattern.Circulant(2)));
        var constrained = new PulledBackField(new ProductField(new NetworkShape(2, 2), Mean(data)), circulant);
        Assert.Throws<ArgumentException>(() => new PulledBackField(constrained, circulant));
    }

    private static IProductLoss Mean(RegressionSet data) => SquaredLoss.Mean(SecondMoments.Of(data));

    private static Matrix Gaussian(int rows, int columns, RandomStream random)
    {
        var matrix = new Matrix(rows, columns);
        random.FillGaussian(matrix.Values);
        return matrix;
    }
}
