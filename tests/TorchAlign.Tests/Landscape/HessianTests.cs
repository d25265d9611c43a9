using FsCheck;
using FsCheck.Fluent;
using TorchAlign.Data;
using TorchAlign.Landscape;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TorchAlign.Tests.Landscape;

public class HessianTests
{
    private static readonly Arbitrary<(int[] Widths, int Seed)> Networks =
        (from depth in Gen.Choose(1, 4)
         from widths in Gen.Choose(1, 4).ArrayOf(depth + 1)
         from seed in Gen.Choose(0, 1 << 30)
         select (widths, seed)).ToArbitrary();

    /// <summary>Column by column, the derivative of the gradient by automatic differentiation, twice.</summary>
    [Fact]
    public void ProductsAreThoseOfAutograd() => Prop.ForAll(Networks, network =>
    {
        var shape = new NetworkShape(network.Widths);
        var random = new RandomStream(network.Seed);
        var data = RegressionGenerators.Gaussian(8, shape.Inputs, shape.Outputs, random);
        var state = Initialization.Gaussian(shape, 1, random);
        var hessian = new ProductHessian(shape, SquaredLoss.Sum(SecondMoments.Of(data)), state);
        var expected = Autograd(shape, data, state);
        for (var i = 0; i < shape.Length; i++)
        {
            var unit = new double[shape.Length];
            unit[i] = 1;
            var column = hessian.Times(unit);
            for (var j = 0; j < shape.Length; j++) Assert.Equal(expected[i][j], column[j], 1e-11);
        }
    }).Holds(40);

    [Theory]
    [InlineData(3, 2, 4)]
    [InlineData(5, 4, 3, 5)]
    public void EndsAreThoseOfTheDenseHessian(params int[] widths)
    {
        var shape = new NetworkShape(widths);
        var random = new RandomStream(2);
        var data = RegressionGenerators.Gaussian(20, shape.Inputs, shape.Outputs, random);
        var state = Initialization.Gaussian(shape, 0.7, random);
        var hessian = new ProductHessian(shape, SquaredLoss.Sum(SecondMoments.Of(data)), state);
        var dense = new Matrix(shape.Length, shape.Length, [.. Autograd(shape, data, state).SelectMany(row => row)]);
        var values = SymmetricEigen.Of(dense).Values;
        var ends = Lanczos.Ends(shape.Length, v => hessian.Times(v), 1e-12, shape.Length, random);
        Assert.Equal(values[0], ends.Least, 1e-10);
        Assert.Equal(values[^1], ends.Largest, 1e-10);
        Assert.True(values[0] < -1e-3 && ends.Products <= shape.Length);
    }

    /// <summary>Many equal eigenvalues end the method early; the identity at its first vector.</summary>
    [Fact]
    public void LanczosEndsInAnInvariantSubspace()
    {
        var random = new RandomStream(1);
        Assert.Equal((1.0, 1.0, 1), Of(v => v));
        var (least, largest, products) = Of(v => [.. v.Select((x, i) => i % 3 == 0 ? -2 * x : i % 3 == 1 ? 0 : 5 * x)]);
        Assert.Equal(-2, least, 1e-13);
        Assert.Equal(5, largest, 1e-13);
        Assert.True(products <= 10);
        Assert.Equal((0.0, 0.0, 1), Of(v => new double[v.Length]));

        (double, double, int) Of(Func<double[], double[]> multiply)
        {
            var ends = Lanczos.Ends(60, v => multiply([.. v]), 1e-12, 60, random);
            return (Math.Round(ends.Least, 14), Math.Round(ends.Largest, 14), ends.Products);
        }
    }

    private static double[][] Autograd(NetworkShape shape, RegressionSet data, double[] state)
    {
        using var scope = NewDisposeScope();
        using var network = new LinearNetwork(shape);
        network.Load(state);
        Tensor[] weights = [.. network.Layers.Select(layer => (Tensor)layer.weight)];
        var risk = (data.Y.ToTensor() - network.call(data.X.ToTensor())).square().sum() * 0.5;
        var gradients = autograd.grad([risk], weights, retain_graph: true, create_graph: true);
        var flat = cat([.. gradients.Select(g => g.reshape(-1))]);
        return [.. Enumerable.Range(0, shape.Length).Select(i =>
        {
            var row = autograd.grad([flat[i]], weights, retain_graph: true, allow_unused: true);
            return row.SelectMany((g, k) => g is null || g.IsInvalid ? new double[weights[k].numel()]
                : g.contiguous().data<double>().ToArray()).ToArray();
        })];
    }
}
