using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Losses;

/// <summary>log R of cross-entropy and its gradient: against R itself, libtorch, finite differences, and where R is no float64.</summary>
public class LogCrossEntropyLossTests
{
    private static readonly ClassifiedSet Points = Random(points: 20, dimension: 5, classes: 4, seed: 3);

    [Theory]
    [InlineData(0.1)]
    [InlineData(3)]
    [InlineData(40)]
    public void It_is_the_log_of_the_cross_entropy(double scale)
    {
        var product = Product(scale);
        var (direct, logged) = (new double[product.Length], new double[product.Length]);
        var risk = new CrossEntropyLoss(Points.ToRegression()).Evaluate(product, direct);
        var logRisk = new LogCrossEntropyLoss(Points).Evaluate(product, logged);
        Assert.Equal(Math.Log(risk), logRisk, 1e-13 * Math.Max(1, Math.Abs(logRisk)));
        for (var k = 0; k < direct.Length; k++) Assert.Equal(direct[k] / risk, logged[k], 1e-12 * Norm(logged));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(3)]
    public void It_is_what_libtorch_computes(double scale)
    {
        var values = Product(scale);
        var gradient = new double[values.Length];
        var logRisk = new LogCrossEntropyLoss(Points).Evaluate(values, gradient);
        using var scope = NewDisposeScope();
        using var product = tensor(values, Points.Classes, Points.Dimension, dtype: float64).requires_grad_(true);
        var labels = tensor(Points.Labels.Select(label => (long)label).ToArray(), dtype: int64);
        var risk = nn.functional.cross_entropy(Points.X.ToTensor().mm(product.t()), labels).log();
        risk.backward();
        Assert.Equal(risk.item<double>(), logRisk, 1e-13);
        var expected = product.grad!.data<double>().ToArray();
        for (var k = 0; k < expected.Length; k++) Assert.Equal(expected[k], gradient[k], 1e-12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_field_is_minus_the_derivative_in_the_layers(int depth)
    {
        var shape = new NetworkShape([Points.Dimension, .. Enumerable.Repeat(6, depth - 1), Points.Classes]);
        var field = new LogRiskField(new ProductField(shape, new LogCrossEntropyLoss(Points)));
        var random = new RandomStream(5);
        var at = Initialization.Gaussian(shape, 0.8, random);
        var direction = Initialization.Gaussian(shape, 1, random);
        var (w, velocity) = (field.NewState(), field.NewState());
        const double h = 1e-5;
        var slope = (LogRisk(h) - LogRisk(-h)) / (2 * h);
        var value = field.Evaluate(Moved(0), velocity);
        Assert.Equal(value.LogRisk, value.LogScale);
        Assert.Equal(-slope, TensorPrimitives.Dot<double>(velocity.ToArray(), direction), 1e-8);

        double LogRisk(double along) => field.Evaluate(Moved(along), velocity).LogRisk;

        States.StateVector Moved(double along)
        {
            w.CopyFrom([.. at.Zip(direction, (a, b) => a + along * b)]);
            return w;
        }
    }

    /// <summary>One point (1, 0) of class 0 of two: R = log(1 + exp(f_1 - f_0)), at f_0 - f_1 = 20000 exp(-20000) to rounding.</summary>
    [Fact]
    public void It_goes_on_where_the_risk_is_no_float64()
    {
        var one = new ClassifiedSet("one", new Matrix(1, 2, [1, 0]), [0], ["a", "b"]);
        var gradient = new double[4];
        Assert.Equal(-20000, new LogCrossEntropyLoss(one).Evaluate([10000, 7, -10000, 7], gradient));
        Assert.Equal([-1, 0, 1, 0], gradient);
        Assert.Equal(20000, Math.Exp(new LogCrossEntropyLoss(one).Evaluate([-10000, 7, 10000, 7], gradient)), 1e-9);
    }

    private static double Norm(double[] values) => Math.Max(1, TensorPrimitives.Norm<double>(values));

    private static double[] Product(double scale)
    {
        var product = new double[Points.Classes * Points.Dimension];
        new RandomStream(11).FillGaussian(product);
        TensorPrimitives.Multiply(product, scale, product);
        return product;
    }

    private static ClassifiedSet Random(int points, int dimension, int classes, int seed)
    {
        var random = new RandomStream(seed);
        var x = new Matrix(points, dimension);
        random.FillGaussian(x.Values);
        return new ClassifiedSet("random", x, [.. Enumerable.Range(0, points).Select(i => i % classes)],
            [.. Enumerable.Range(0, classes).Select(c => $"{c}")]);
    }
}
