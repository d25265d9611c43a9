using FsCheck;
using FsCheck.Fluent;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;
using TorchSharp;
using static TorchSharp.torch;
using functional = TorchSharp.torch.nn.functional;

namespace TorchAlign.Tests.Constraints;

/// <summary>Convolutions as matrices against torch's own.</summary>
public class ConvolutionTests
{
    private static readonly Arbitrary<Case> Cases =
        (from seed in Gen.Choose(0, int.MaxValue - 1)
         from channels in Gen.Choose(1, 3).ArrayOf(2)
         from border in Gen.Elements(Border.Zero, Border.Circular)
         from height in Gen.Choose(1, 6)
         from width in Gen.Choose(1, 6)
         from kernelHeight in Gen.Choose(1, border == Border.Zero ? 2 * height - 1 : height)
         from kernelWidth in Gen.Choose(1, border == Border.Zero ? 2 * width - 1 : width)
         select new Case(seed, channels[0], channels[1], (height, width), (kernelHeight, kernelWidth), border)).ToArbitrary();

    [Fact]
    public void OperatorIsTorchConv2d() => Prop.ForAll(Cases, one =>
    {
        var constraint = Convolution.TwoDimensional(one.In, one.Out, one.Image, one.Kernel, one.Border);
        var random = new RandomStream(one.Seed);
        var (kernel, x) = (Gaussian(constraint.Dimension, random), Gaussian(constraint.Columns, random));
        using var scope = NewDisposeScope();
        var image = Padded(Tensor(x, 1, one.In, one.Image.Height, one.Image.Width), one, two: true);
        var weight = Tensor(kernel, one.Out, one.In, one.Kernel.Height, one.Kernel.Width);
        Same(functional.conv2d(image, weight), constraint.OperatorOfKernel(kernel), x);
    }).Holds(200);

    [Fact]
    public void OperatorIsTorchConv1d() => Prop.ForAll(Cases, one =>
    {
        var constraint = Convolution.OneDimensional(one.In, one.Out, one.Image.Width, one.Kernel.Width, one.Border);
        var random = new RandomStream(one.Seed);
        var (kernel, x) = (Gaussian(constraint.Dimension, random), Gaussian(constraint.Columns, random));
        using var scope = NewDisposeScope();
        var signal = Padded(Tensor(x, 1, one.In, one.Image.Width), one, two: false);
        Same(functional.conv1d(signal, Tensor(kernel, one.Out, one.In, one.Kernel.Width)), constraint.OperatorOfKernel(kernel), x);
    }).Holds(200);

    /// <summary>The matrix of the next tap up alone shifts the image: entry (p, p + 1), not (p + 1, p).</summary>
    [Fact]
    public void OperatorIsNotTheTranspose()
    {
        var matrix = Convolution.OneDimensional(1, 1, 4, 3, Border.Zero).OperatorOfKernel([1, 2, 3]);
        Assert.Equal([2, 3, 0, 0, 1, 2, 3, 0, 0, 1, 2, 3, 0, 0, 1, 2], matrix.Values.ToArray().Select(Rounded));
        var ring = Convolution.OneDimensional(1, 1, 3, 3, Border.Circular).OperatorOfKernel([1, 2, 3]);
        Assert.Equal([2, 3, 1, 1, 2, 3, 3, 1, 2], ring.Values.ToArray().Select(Rounded));
    }

    [Fact]
    public void LargeOperatorsStaySparse()
    {
        var constraint = Convolution.TwoDimensional(1, 1, (28, 28), (3, 3), Border.Zero);
        Assert.Equal((784, 784, 9), (constraint.Rows, constraint.Columns, constraint.Dimension));
        Assert.Equal(784 + 4 * 27 * 28 + 4 * 27 * 27, constraint.NonzeroCount);
    }

    [Fact]
    public void NormsDifferUnderZeroPaddingAlone()
    {
        var zero = Convolution.TwoDimensional(1, 1, (5, 4), (3, 3), Border.Zero).Norms;
        Assert.Equal(Math.Sqrt(4 * 3), zero[0], 1e-14);
        Assert.Equal(Math.Sqrt(4 * 4), zero[1], 1e-14);
        Assert.Equal(Math.Sqrt(5 * 4), zero[4], 1e-14);
        Assert.All(Convolution.TwoDimensional(1, 1, (5, 4), (3, 3), Border.Circular).Norms,
            norm => Assert.Equal(Math.Sqrt(20), norm, 1e-14));
    }

    [Theory]
    [InlineData(3, 6, Border.Zero, "at most 5")]
    [InlineData(3, 4, Border.Circular, "at most 3")]
    [InlineData(0, 1, Border.Zero, "positive")]
    [InlineData(3, 0, Border.Zero, "positive")]
    public void KernelsThatDoNotFitAreRefused(int size, int kernel, Border border, string message)
    {
        var error = Assert.Throws<ArgumentException>(() => Convolution.OneDimensional(1, 1, size, kernel, border));
        Assert.Contains(message, error.Message);
    }

    private static double Rounded(double value) => Math.Round(value, 14);

    private static Tensor Padded(Tensor image, Case one, bool two)
    {
        long[] Around(int kernel) => [(kernel - 1) / 2, kernel - 1 - (kernel - 1) / 2];
        long[] around = two ? [.. Around(one.Kernel.Width), .. Around(one.Kernel.Height)] : Around(one.Kernel.Width);
        return functional.pad(image, around, one.Border == Border.Zero ? PaddingModes.Constant : PaddingModes.Circular);
    }

    private static Tensor Tensor(double[] values, params long[] shape) => tensor(values, dtype: float64).view(shape);

    private static void Same(Tensor expected, Matrix matrix, double[] x)
    {
        var actual = matrix * new Matrix(x.Length, 1, x);
        var values = expected.flatten().data<double>().ToArray();
        Assert.Equal(values.Length, actual.Rows);
        for (var i = 0; i < values.Length; i++) Assert.Equal(values[i], actual[i, 0], 1e-12);
    }

    private static double[] Gaussian(int count, RandomStream random)
    {
        var values = new double[count];
        random.FillGaussian(values);
        return values;
    }

    private sealed record Case(int Seed, int In, int Out, (int Height, int Width) Image, (int Height, int Width) Kernel, Border Border);
}
