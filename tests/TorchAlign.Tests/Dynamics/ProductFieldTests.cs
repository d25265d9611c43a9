using System.Numerics.Tensors;
using FsCheck;
using FsCheck.Fluent;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TorchAlign.Tests.Dynamics;

/// <summary>The closed form against automatic differentiation of the network itself, layer by layer over the samples.</summary>
public class ProductFieldTests
{
    internal static readonly Arbitrary<(int[] Widths, int Seed)> Networks =
        (from depth in Gen.Choose(1, 5)
         from widths in Gen.Choose(1, 9).ArrayOf(depth + 1)
         from seed in Gen.Choose(0, 1 << 30)
         select (widths, seed)).ToArbitrary();

    private static readonly (string Name, Func<RegressionSet, IProductLoss> Ours, Func<Tensor, Tensor, Tensor> Torchs)[] _losses =
    [
        ("sum", data => SquaredLoss.Sum(SecondMoments.Of(data)), (f, y) => (y - f).square().sum() * 0.5),
        ("mean", data => SquaredLoss.Mean(SecondMoments.Of(data)), (f, y) => (y - f).square().sum() * (0.5 / y.shape[0])),
        ("cross-entropy", data => new CrossEntropyLoss(Distributions(data)),
            (f, y) => -(y.softmax(1) * f.log_softmax(1)).sum() / y.shape[0]),
    ];

    [Fact]
    public void RiskAndGradientAreThoseOfAutograd() => Prop.ForAll(Networks, network =>
    {
        var shape = new NetworkShape(network.Widths);
        var random = new RandomStream(network.Seed);
        var data = Regression(12, shape.Inputs, shape.Outputs, random);
        var state = Initialization.Gaussian(shape, 1, random);
        foreach (var (_, ours, torchs) in _losses)
        {
            var field = new ProductField(shape, ours(data));
            var direction = new double[shape.Length];
            var risk = field.Evaluate(state, direction);
            var (expected, gradient) = Autograd(shape, data, state, torchs);
            Assert.Equal(expected, risk, 1e-12 * (1 + expected));
            var scale = 1 + gradient.Max(Math.Abs);
            for (var i = 0; i < direction.Length; i++) Assert.Equal(-gradient[i], direction[i], 1e-12 * scale);
            var product = LinearProduct.Matrix(shape, state);
            for (var i = 0; i < product.Values.Length; i++) Assert.Equal(product.Values[i], field.Product[i], 1e-13 * scale);
        }
    }).Holds(150);

    /// <summary>Bottleneck, wide middle, narrow output: the cut lies inside, at the input, at the output.</summary>
    [Theory]
    [InlineData(20, 3, 15, 25)]
    [InlineData(4, 30, 25, 20)]
    [InlineData(30, 40, 12, 3)]
    [InlineData(12, 12, 12, 12, 12)]
    [InlineData(40, 30, 2, 30, 2, 40)]
    public void GradientIsThatOfAutogradWhereverTheCutLies(params int[] widths)
    {
        var shape = new NetworkShape(widths);
        var random = new RandomStream(5);
        var data = Regression(60, shape.Inputs, shape.Outputs, random);
        var state = Initialization.Gaussian(shape, 1, random);
        var direction = new double[shape.Length];
        var field = new ProductField(shape, SquaredLoss.Sum(SecondMoments.Of(data)));
        // Twice: nothing may be left from the first evaluation.
        field.Evaluate(new double[shape.Length], direction);
        field.Evaluate(state, direction);
        var (_, gradient) = Autograd(shape, data, state, _losses[0].Torchs);
        var scale = gradient.Max(Math.Abs);
        for (var i = 0; i < direction.Length; i++) Assert.Equal(-gradient[i], direction[i], 1e-12 * scale);
    }

    [Fact]
    public void StepsAllocateNothing()
    {
        var shape = new NetworkShape(20, 5, 20);
        var random = new RandomStream(5);
        var field = new ProductField(shape, SquaredLoss.Sum(SecondMoments.Of(Regression(30, 20, 20, random))));
        var w = field.NewState();
        w.CopyFrom(Initialization.Gaussian(shape, 1, random));
        var point = new TrajectoryPoint(w);
        var descent = new GradientDescent(new ConstantStep(1e-6));
        descent.Start(new FlowSystem(field, Clock.Time), point);
        descent.Step(point);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) descent.Step(point);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void OtherSizesAreRefused()
    {
        var loss = SquaredLoss.Sum(SecondMoments.Of(Regression(9, 4, 2, new RandomStream(1))));
        var error = Assert.Throws<ArgumentException>(() => new ProductField(new NetworkShape(3, 5, 2), loss));
        Assert.Contains("4 inputs and 2 outputs", error.Message, StringComparison.Ordinal);
    }

    /// <summary>One layer, X X^T = 2 I: P - P* is exp(-2 t) times what it was, though the least risk is not 0.</summary>
    [Theory]
    [InlineData("time")]
    [InlineData("log-risk")]
    public void FlowIsExponential(string clock)
    {
        var (point, start, target) = FollowTwice(Clock.All.Single(c => c.Name == clock), new RunPlan
        {
            Stops = [Stops.TimeReached(1), Stops.StepLimit(100_000)],
            Schedule = SampleSchedule.EveryStep,
        });
        var decay = Math.Exp(-2 * Math.Exp(point.LogTime));
        for (var i = 0; i < 4; i++)
            Assert.Equal(target[i] + decay * (start[i] - target[i]), point.W.ToArray()[i], 1e-8);
    }

    /// <summary>There the curve is a straight line, and its length is the clock.</summary>
    [Fact]
    public void ArcLengthIsTheDistance()
    {
        var (point, start, target) = FollowTwice(Clock.ArcLength, new RunPlan
        {
            Stops = [Stops.StepLimit(100_000)],
            Schedule = SampleSchedule.EveryStep,
            ClockLimit = 1.5,
        });
        Assert.Equal(TensorPrimitives.Distance<double>(start, target) - 1.5,
            TensorPrimitives.Distance<double>(point.W.ToArray(), target), 1e-12);
    }

    [Fact]
    public void SeulexNamesTheMethodThatFits()
    {
        var field = new ProductField(new NetworkShape(2, 2), SquaredLoss.Sum(SecondMoments.Of(Twice([1, 2, 3, 4]))));
        var error = Assert.Throws<ArgumentException>(() =>
            new Seulex().Start(new FlowSystem(field, Clock.Time), new TrajectoryPoint(field.NewState())));
        Assert.Contains("Use DormandPrince54", error.Message, StringComparison.Ordinal);
    }

    private static (TrajectoryPoint Point, double[] Start, double[] Target) FollowTwice(Clock clock, RunPlan plan)
    {
        double[] target = [1, 0.5, -2, 3], start = [0.1, 0.2, 0.3, 0.4];
        var field = new ProductField(new NetworkShape(2, 2), SquaredLoss.Sum(SecondMoments.Of(Twice(target))));
        var w = field.NewState();
        w.CopyFrom(start);
        var point = new TrajectoryPoint(w);
        var end = Trajectory.Follow(new FlowSystem(field, clock), new DormandPrince54(1e-11), point, plan);
        Assert.True(end.Reached, end.Message);
        return (point, start, target);
    }

    /// <summary>Both unit inputs twice, their targets by +-1 beside the columns of the target.</summary>
    private static RegressionSet Twice(double[] target) => new("twice", new Matrix(4, 2, [1, 0, 0, 1, 1, 0, 0, 1]), new Matrix(4, 2,
    [
        target[0] + 1, target[2] + 1, target[1] + 1, target[3] + 1,
        target[0] - 1, target[2] - 1, target[1] - 1, target[3] - 1,
    ]));

    internal static RegressionSet Regression(int samples, int inputs, int outputs, RandomStream random)
    {
        var (x, y) = (new Matrix(samples, inputs), new Matrix(samples, outputs));
        random.FillGaussian(x.Values);
        random.FillGaussian(y.Values);
        return new RegressionSet("gaussian", x, y);
    }

    /// <summary>The targets as class probabilities.</summary>
    internal static RegressionSet Distributions(RegressionSet data)
    {
        using var scope = NewDisposeScope();
        return new RegressionSet(data.Name, data.X, data.Y.ToTensor().softmax(1).ToMatrix());
    }

    private static (double Risk, double[] Gradient) Autograd(
        NetworkShape shape, RegressionSet data, double[] state, Func<Tensor, Tensor, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        using var network = new LinearNetwork(shape);
        network.Load(state);
        var risk = loss(network.call(data.X.ToTensor()), data.Y.ToTensor());
        var gradients = autograd.grad([risk], [.. network.Layers.Select(layer => (Tensor)layer.weight)]);
        return (risk.item<double>(), [.. gradients.SelectMany(g => g.contiguous().data<double>().ToArray())]);
    }
}
