using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;
using TorchAlign.Tests.Constraints;
using TorchAlign.Tests.Dynamics;
using TorchSharp;
using static TorchAlign.Tests.Devices.TorchMarginFieldTests;
using static TorchAlign.Tests.Devices.TorchProductFieldTests;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Devices;

/// <summary>Constrained layers and few samples on tensors against the same on managed memory.</summary>
public class TorchPulledBackFieldTests
{
    private const double Share = 1e-12;

    /// <summary>Every kind of constraint, alone and one behind the other, with every loss.</summary>
    [Theory]
    [OnCpu(Coordinates.Orthonormal), OnCuda(Coordinates.Orthonormal)]
    [OnCpu(Coordinates.Kernel), OnCuda(Coordinates.Kernel)]
    public void It_agrees_with_the_managed_field(string device, Coordinates coordinates)
    {
        foreach (var layers in Networks())
        {
            var random = new RandomStream(4);
            foreach (var loss in ProductProblems.Losses(layers.Shape, random))
            {
                using var field = new TorchPulledBackField(loss, new ConstraintMap(layers, coordinates), DeviceName.Resolve(device));
                Agree(new PulledBackField(loss, new ConstraintMap(layers, coordinates)), field, layers.Gaussian(1, random));
            }
        }
    }

    [Theory]
    [OnCpu(Coordinates.Orthonormal), OnCuda(Coordinates.Orthonormal)]
    [OnCpu(Coordinates.Kernel), OnCuda(Coordinates.Kernel)]
    public void In_float32_it_agrees_to_float32(string device, Coordinates coordinates)
    {
        var layers = Images(Border.Zero);
        var loss = ProductProblems.Losses(layers.Shape, new RandomStream(4)).First();
        using var field = new TorchPulledBackField(
            loss, new ConstraintMap(layers, coordinates), DeviceName.Resolve(device), ScalarType.Float32);
        var start = layers.Gaussian(0.5, new RandomStream(5));
        var (expected, direction) = At(new PulledBackField(loss, new ConstraintMap(layers, coordinates)), start);
        var (actual, ours) = At(field, start);
        Assert.Equal(expected.LogRisk, actual.LogRisk, 1e-5);
        Close(direction.ToArray(), ours.ToArray(), 1e-5);
    }

    /// <summary>A convolution by torch itself, differentiated by torch: the kernel's gradient is that of conv2d's weight.</summary>
    [Theory, OnCpu, OnCuda]
    public void Kernels_have_the_gradient_of_conv2d(string device)
    {
        var place = DeviceName.Resolve(device);
        var layers = Images(Border.Zero);
        var data = ProductFieldTests.Regression(6, 12, 12, new RandomStream(1));
        using var field = new TorchPulledBackField(
            SquaredLoss.Mean(SecondMoments.Of(data)), new ConstraintMap(layers, Coordinates.Kernel), place);
        var kernels = layers.ToKernels(layers.Gaussian(1, new RandomStream(2)));
        var (value, direction) = At(field, kernels);

        using var scope = NewDisposeScope();
        var weights = tensor(kernels, dtype: float64, device: place).requires_grad_();
        var first = weights.narrow(0, 0, 18).view(2, 1, 3, 3);
        var second = weights.narrow(0, 18, 18).view(1, 2, 3, 3);
        var image = data.X.ToTensor().to(place).view(6, 1, 3, 4);
        var hidden = nn.functional.conv2d(image, first, padding: [1, 1]);
        var output = nn.functional.conv2d(hidden, second, padding: [1, 1]).reshape(6, 12);
        var risk = (data.Y.ToTensor().to(place) - output).square().sum() / 12;
        var gradient = autograd.grad([risk], [weights])[0];
        Assert.Equal(Math.Log(risk.item<double>()), value.LogRisk, 1e-12);
        Close(gradient.neg().cpu().data<double>().ToArray(), direction.ToArray(), Share);
    }

    [Theory, OnCpu, OnCuda]
    public void Weights_are_those_of_the_constraint(string device)
    {
        foreach (var layers in Networks())
        {
            var place = DeviceName.Resolve(device);
            using var scope = NewDisposeScope();
            using var map = ((ILinearMap)new ConstraintMap(layers)).On(place, ScalarType.Float64);
            var direction = zeros(layers.Layout.Length, dtype: float64, device: place);
            // Twice: nothing may be left of the first state.
            foreach (var start in (double[][])[layers.Gaussian(3, new RandomStream(8)), layers.Gaussian(1, new RandomStream(9))])
            {
                var (weights, _) = map.Apply(map.Cut(tensor(start, dtype: float64, device: place)), map.Cut(direction));
                var flat = cat([.. weights.Select(layer => layer.reshape(-1))]);
                Close(layers.Expand(start), flat.cpu().data<double>().ToArray(), 1e-15);
            }
        }
    }

    /// <summary>One sample, some, and more than inputs.</summary>
    [Theory]
    [OnCpu(1, 7, 7), OnCuda(1, 7, 7)]
    [OnCpu(1, 6, 4, 5), OnCuda(1, 6, 4, 5)]
    [OnCpu(3, 8, 8, 8, 8), OnCuda(3, 8, 8, 8, 8)]
    [OnCpu(6, 3, 4, 2), OnCuda(6, 3, 4, 2)]
    public void Samples_through_the_layers_agree_with_the_managed_field(string device, int samples, params int[] widths)
    {
        var shape = new NetworkShape(widths);
        var random = new RandomStream(samples);
        var data = ProductFieldTests.Distributions(ProductFieldTests.Regression(samples, shape.Inputs, shape.Outputs, random));
        var state = Initialization.Gaussian(shape, 1, random);
        foreach (var loss in (Func<RegressionSet, IProductLoss>[])[Mean, behind => new CrossEntropyLoss(behind)])
        {
            var map = new SampleMap(shape, data);
            var behind = new TorchProductField(map.Image, loss(map.Seen), DeviceName.Resolve(device));
            using var field = new TorchPulledBackField(behind, map);
            Agree(new PulledBackField(loss(map.Seen), map), field, state);
            var outputs = data.X * LinearProduct.Matrix(shape, state).Transpose();
            Close(outputs.Transpose().Values, behind.Product.ToMatrix().Values, Share);
        }
    }

    [Theory, OnCpu, OnCuda]
    public void Constrained_layers_take_samples_too(string device)
    {
        var layers = new ConstrainedLayers([.. Enumerable.Repeat(Convolution.TwoDimensional(1, 1, (4, 4), (3, 3), Border.Zero), 3)]);
        var data = ProductFieldTests.Regression(1, 16, 16, new RandomStream(5));
        var (constraint, samples) = (new ConstraintMap(layers), new SampleMap(layers.Shape, data));
        using var field = new TorchPulledBackField(
            new TorchPulledBackField(Mean(samples.Seen), samples, DeviceName.Resolve(device)), constraint);
        Agree(new PulledBackField(new PulledBackField(Mean(samples.Seen), samples), constraint), field,
            layers.Gaussian(1, new RandomStream(6)));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var data = ProductFieldTests.Regression(2, 2, 2, new RandomStream(1));
        var samples = new SampleMap(new NetworkShape(2, 2), data);
        var three = new ConstraintMap(new ConstrainedLayers(Pattern.Full(3, 3)));
        var circulant = new ConstraintMap(new ConstrainedLayers(Pattern.Circulant(2)));
        using var two = new TorchPulledBackField(Mean(samples.Seen), samples);
        Assert.Contains("network 3-3", Assert.Throws<ArgumentException>(() => new TorchPulledBackField(two, three)).Message);
        using var field = new TorchPulledBackField(two, circulant);
        Assert.Throws<ArgumentException>(() => new TorchPulledBackField(field, circulant));
        Assert.Throws<NotSupportedException>(() =>
            new TorchPulledBackField(Mean(data), new ProjectionMap(new ConstrainedLayers(Pattern.Circulant(2)))));
    }

    /// <summary>Rows of very different lengths, in several bands, against the sums themselves; every call gives the same bits.</summary>
    [Theory, OnCpu, OnCuda]
    public void Sparse_rows_sum_what_they_hold(string device)
    {
        var random = new Random(3);
        int[] lengths = [1, 200, 3, 1, 17, 64, 200, 2];
        (int, int, double)[] entries =
        [
            .. from row in Enumerable.Range(0, lengths.Length)
               from _ in Enumerable.Range(0, lengths[row])
               select (row, random.Next(50), random.NextDouble() - 0.5),
        ];
        random.Shuffle(entries);
        double[] x = [.. Enumerable.Range(0, 50).Select(_ => random.NextDouble())], expected = new double[lengths.Length];
        foreach (var (row, column, value) in entries) expected[row] += value * x[column];

        using var scope = NewDisposeScope();
        using var rows = new SparseRows(lengths.Length, entries, DeviceName.Resolve(device), ScalarType.Float64);
        var vector = tensor(x, dtype: float64, device: DeviceName.Resolve(device));
        var sums = rows.Times(vector).cpu().data<double>().ToArray();
        Close(expected, sums, 1e-14);
        Assert.Equal(sums, rows.Times(vector).cpu().data<double>().ToArray());
    }

    internal static ConstrainedLayers Images(Border border) => new(
        Convolution.TwoDimensional(1, 2, (3, 4), (3, 3), border), Convolution.TwoDimensional(2, 1, (3, 4), (3, 3), border));

    private static IEnumerable<ConstrainedLayers> Networks()
    {
        yield return Images(Border.Zero);
        yield return Images(Border.Circular);
        yield return new ConstrainedLayers(Convolution.OneDimensional(2, 1, 5, 3, Border.Zero), Pattern.Toeplitz(3, 5), Pattern.Full(2, 3));
        yield return new ConstrainedLayers(
            Pattern.Circulant(5), Pattern.Mask(2, 5, [true, false, true, false, true, true, false, true, true, false]));
        yield return new ConstrainedLayers(
            Pattern.SharedBlocks(1, 1, new[,] { { 0, 0, 0, 0 }, { 0, 0, 0, 0 }, { 0, -1, 1, 2 } }),
            SpannedSubspace.Of("user", [.. Enumerable.Range(0, 4).Select(i => LayerConstraintTests.Gaussian(4, 3, i))]));
    }

    private static void Agree(IVectorField managed, TorchField field, double[] state)
    {
        var (expected, direction) = At(managed, state);
        var (actual, ours) = At(field, state);
        Assert.Equal(expected.LogRisk, actual.LogRisk, Share * (1 + Math.Abs(expected.LogRisk)));
        Close(direction.ToArray(), ours.ToArray(), Share);
    }

    private static IProductLoss Mean(RegressionSet data) => SquaredLoss.Mean(SecondMoments.Of(data));
}
