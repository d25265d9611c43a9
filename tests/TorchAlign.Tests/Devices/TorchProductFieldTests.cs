using FsCheck;
using FsCheck.Fluent;
using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.States;
using TorchAlign.Tests.Dynamics;
using TorchAlign.Tests.Engine;
using TorchSharp;
using static TorchAlign.Tests.Devices.TorchMarginFieldTests;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Devices;

/// <summary>The closed form on tensors against that on managed memory, and against automatic differentiation on the same device.</summary>
public class TorchProductFieldTests
{
    private const double Share = 1e-12;

    [Theory, OnCpu, OnCuda]
    public void It_agrees_with_the_managed_field(string device) => Prop.ForAll(ProductFieldTests.Networks, network =>
    {
        var shape = new NetworkShape(network.Widths);
        var random = new RandomStream(network.Seed);
        var losses = ProductProblems.Losses(shape, random);
        var state = Initialization.Gaussian(shape, 1, random);
        foreach (var loss in losses) Agree(shape, loss, state, device);
    }).Holds(40);

    /// <summary>Outputs beyond 100 under a cross-entropy: 1e-12 of the gradient is less than their roundings do.</summary>
    [Theory, OnCpu, OnCuda]
    public void It_agrees_where_outputs_are_large(string device)
    {
        var shape = new NetworkShape(1, 4, 9, 8, 2);
        var random = new RandomStream(962009770);
        var losses = ProductProblems.Losses(shape, random);
        var state = Initialization.Gaussian(shape, 1, random);
        foreach (var loss in losses) Agree(shape, loss, state, device);
    }

    /// <summary>Bottleneck, wide middle, narrow output: the cut lies inside, at the input, at the output.</summary>
    [Theory]
    [OnCpu(20, 3, 15, 25), OnCuda(20, 3, 15, 25)]
    [OnCpu(4, 30, 25, 20), OnCuda(4, 30, 25, 20)]
    [OnCpu(30, 40, 12, 3), OnCuda(30, 40, 12, 3)]
    [OnCpu(12, 12, 12, 12, 12), OnCuda(12, 12, 12, 12, 12)]
    [OnCpu(40, 30, 2, 30, 2, 40), OnCuda(40, 30, 2, 30, 2, 40)]
    public void It_agrees_wherever_the_cut_lies(string device, params int[] widths)
    {
        var shape = new NetworkShape(widths);
        var random = new RandomStream(5);
        var losses = ProductProblems.Losses(shape, random, samples: 60);
        var state = Initialization.Gaussian(shape, 1, random);
        foreach (var loss in losses) Agree(shape, loss, state, device);
    }

    [Theory, OnCpu, OnCuda]
    public void In_float32_it_agrees_to_float32(string device)
    {
        var shape = new NetworkShape(20, 3, 15, 25);
        var random = new RandomStream(5);
        var losses = ProductProblems.Losses(shape, random, samples: 60);
        var state = Initialization.Gaussian(shape, 0.5, random);
        foreach (var loss in losses)
        {
            using var field = new TorchProductField(shape, loss, DeviceName.Resolve(device), ScalarType.Float32);
            var (expected, direction) = At(new ProductField(shape, loss), state);
            var (actual, ours) = At(field, state);
            Assert.Equal(expected.LogRisk, actual.LogRisk, 1e-5);
            Close(direction.ToArray(), ours.ToArray(), 1e-5);
            Assert.Equal(ScalarType.Float32, ((TorchState)ours).Values.dtype);
            Assert.Equal(device, ((TorchState)ours).Values.device.ToString());
        }
    }

    /// <summary>The layers one after the other, the loss in torch's own functions, differentiated by torch.</summary>
    [Theory, OnCpu, OnCuda]
    public void It_agrees_with_automatic_differentiation(string device)
    {
        var place = DeviceName.Resolve(device);
        var random = new RandomStream(9);
        foreach (var widths in (int[][])[[6, 4], [5, 7, 3], [9, 2, 8, 4], [3, 8, 8, 8, 3]])
        {
            var shape = new NetworkShape(widths);
            var data = ProductFieldTests.Regression(15, shape.Inputs, shape.Outputs, random);
            var labels = ProductProblems.Labels(data);
            var state = Initialization.Gaussian(shape, 1, random);
            using var scope = NewDisposeScope();
            var (x, y, oneHot) = (data.X.ToTensor().to(place), data.Y.ToTensor().to(place), labels.Y.ToTensor().to(place));
            (IProductLoss Loss, Func<Tensor, Tensor> Risk)[] losses =
            [
                (SquaredLoss.Mean(SecondMoments.Of(data)), product => (y - x.mm(product.t())).square().sum() / (2 * data.Count)),
                (new CrossEntropyLoss(labels), product => -(oneHot * x.mm(product.t()).log_softmax(1)).sum() / data.Count),
            ];
            foreach (var (loss, risk) in losses)
            {
                using var field = new TorchProductField(shape, loss, place);
                Tensor[] layers =
                [
                    .. Enumerable.Range(0, shape.Depth).Select(k =>
                        LinearProduct.Layer(shape, state, k).ToTensor().to(place).detach().requires_grad_()),
                ];
                var expected = risk(layers.Aggregate((product, layer) => layer.mm(product)));
                var gradients = autograd.grad([expected], layers);
                var (actual, direction) = At(field, state);
                Assert.Equal(Math.Log(expected.item<double>()), actual.LogRisk, 1e-12);
                Close([.. gradients.SelectMany(g => g.neg().cpu().contiguous().data<double>().ToArray())], direction.ToArray(), Share);
            }
        }
    }

    [Theory, OnCpu, OnCuda]
    public void The_direction_is_minus_the_slope(string device)
    {
        var shape = new NetworkShape(4, 3, 5);
        var random = new RandomStream(2);
        foreach (var loss in ProductProblems.Losses(shape, random))
        {
            using var field = new TorchProductField(shape, loss, DeviceName.Resolve(device));
            var state = Initialization.Gaussian(shape, 1, random);
            var slope = At(field, state).Direction.ToArray();
            for (var i = 0; i < state.Length; i++)
                Assert.Equal((RiskAt(i, -1e-5) - RiskAt(i, 1e-5)) / 2e-5, slope[i], 1e-7);

            double RiskAt(int i, double shift)
            {
                var moved = state.ToArray();
                moved[i] += shift;
                return Math.Exp(At(field, moved).Value.LogRisk);
            }
        }
    }

    /// <summary>Scores in the hundreds: risks down to 1e-200 keep their digits, and so do those that exp would overflow.</summary>
    [Theory, OnCpu, OnCuda]
    public void Cross_entropy_keeps_its_digits_at_any_size_of_the_scores(string device)
    {
        var shape = new NetworkShape(3, 3);
        var data = new RegressionSet("units", Matrix.Identity(3), Matrix.Identity(3));
        foreach (var size in (double[])[1, 30, 460, 5000])
            foreach (var sign in (double[])[1, -1])
                Agree(shape, new CrossEntropyLoss(data), [sign * size, 0.5, 1, 0, sign * size, 1, -1, 0, sign * size], device);
    }

    /// <summary>A diagonal second derivative is one like any other, for the price of its diagonal.</summary>
    [Theory, OnCpu, OnCuda]
    public void A_diagonal_curvature_is_a_curvature(string device)
    {
        var place = DeviceName.Resolve(device);
        var random = new RandomStream(3);
        var minimiser = ProductFieldTests.Regression(2, 5, 1, random).X;
        double[] curvatures = [3, 0, 0.5, 1, 7];
        using var scope = NewDisposeScope();
        using var diagonal = new TorchQuadraticLoss(0.25, minimiser, curvatures, place, ScalarType.Float64);
        using var full = new TorchQuadraticLoss(0.25, minimiser, Matrix.Diagonal(5, 5, curvatures), place, ScalarType.Float64);
        var product = ProductFieldTests.Regression(2, 5, 1, random).X;
        var (risk, gradient) = diagonal.Evaluate(product.ToTensor(place, ScalarType.Float64));
        var (expected, expectedGradient) = full.Evaluate(product.ToTensor(place, ScalarType.Float64));
        Assert.Equal(expected.cpu().item<double>(), risk.cpu().item<double>(), 1e-14);
        Close(expectedGradient.ToMatrix().Values, gradient.ToMatrix().Values, 1e-15);
        var (difference, sum) = (product - minimiser, 0.25);
        for (var i = 0; i < 2; i++)
            for (var j = 0; j < 5; j++) sum += curvatures[j] * difference[i, j] * difference[i, j] / 2;
        Assert.Equal(sum, risk.cpu().item<double>(), 1e-13);
    }

    [Theory, OnCpu, OnCuda]
    public void Product_and_its_gradient_are_those_of_the_managed_field(string device)
    {
        var shape = new NetworkShape(5, 2, 7);
        var random = new RandomStream(3);
        foreach (var loss in ProductProblems.Losses(shape, random))
        {
            var state = Initialization.Gaussian(shape, 1, random);
            var managed = new ProductField(shape, loss);
            using var field = new TorchProductField(shape, loss, DeviceName.Resolve(device));
            Assert.Throws<InvalidOperationException>(() => field.Product);
            At(managed, state);
            At(field, state);
            Close(managed.Product, field.Product.ToMatrix().Values, Share);
            Close(managed.ProductGradient, field.ProductGradient.ToMatrix().Values, Share);
            Assert.Equal(1, field.Risk.cpu().item<double>() / managed.Risk, 12);
        }
    }

    [Theory, OnCpu, OnCuda]
    public void Every_stepper_runs_on_it(string device)
    {
        var shape = new NetworkShape(5, 4, 3);
        var loss = SquaredLoss.Mean(SecondMoments.Of(ProductFieldTests.Regression(20, 5, 3, new RandomStream(1))));
        var start = Initialization.Gaussian(shape, 0.5, new RandomStream(2));
        foreach (var stepper in (Func<IStepper>[])
            [() => new DormandPrince54(1e-9), () => new Euler(0.01), () => new GradientDescent(new ConstantStep(0.05))])
        {
            var managed = new ProductField(shape, loss);
            using var field = new TorchProductField(shape, loss, DeviceName.Resolve(device));
            var (ours, theirs) = (EngineProblems.Point(field, start), EngineProblems.Point(managed, start));
            EngineProblems.Run(stepper(), field, Clock.Time, ours, 2);
            EngineProblems.Run(stepper(), managed, Clock.Time, theirs, 2);
            Assert.Equal(theirs.Steps, ours.Steps);
            Close(theirs.W.ToArray(), ours.W.ToArray(), 1e-11);
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var shape = new NetworkShape(3, 5, 2);
        var loss = SquaredLoss.Sum(SecondMoments.Of(ProductFieldTests.Regression(9, 3, 2, new RandomStream(1))));
        var other = SquaredLoss.Sum(SecondMoments.Of(ProductFieldTests.Regression(9, 4, 2, new RandomStream(1))));
        Assert.Contains("4 inputs and 2 outputs", Refused(() => new TorchProductField(shape, other)));
        Assert.Contains("float64 or float32", Refused(() => new TorchProductField(shape, loss, CPU, ScalarType.Int64)));
        using var field = new TorchProductField(shape, loss);
        Assert.Contains("ManagedState of length 25", Refused(() => field.Evaluate(new ManagedState(shape.Layout), field.NewState())));
        using var single = new TorchState(shape.Layout, CPU, ScalarType.Float32);
        Assert.Contains("(25), Float32", Refused(() => field.Evaluate(field.NewState(), single)));
        using var shorter = zeros(24, dtype: float64, device: CPU);
        Assert.Contains("(24), Float64", Refused(() => field.Evaluate(shorter, shorter)));
        var error = Assert.Throws<NotSupportedException>(() => new TorchProductField(shape, new ManagedLoss()));
        Assert.Contains("'managed'", error.Message);

        static string Refused(Action action) => Assert.Throws<ArgumentException>(action).Message;
    }

    [Theory, OnCpu, OnCuda]
    public void No_tensor_is_left_behind(string device)
    {
        var shape = new NetworkShape(5, 2, 7);
        foreach (var loss in ProductProblems.Losses(shape, new RandomStream(3)))
        {
            using var field = new TorchProductField(shape, loss, DeviceName.Resolve(device));
            using var w = field.NewState();
            using var direction = field.NewState();
            field.Evaluate(w, direction);
            var before = Tensor.TotalCount;
            for (var i = 0; i < 1000; i++) field.Evaluate(w, direction);
            // Less than one an evaluation: other tests hold tensors of their own meanwhile, and let go of them.
            Assert.True(Tensor.TotalCount - before < 500, $"{Tensor.TotalCount - before} tensors are left of 1000 evaluations");
        }
    }

    internal static (FieldValue Value, StateVector Direction) At(IVectorField field, double[] start)
    {
        var (w, direction) = (field.NewState(), field.NewState());
        w.CopyFrom(start);
        return (field.Evaluate(w, direction), direction);
    }

    private static void Agree(NetworkShape shape, IProductLoss loss, double[] state, string device)
    {
        using var field = new TorchProductField(shape, loss, DeviceName.Resolve(device));
        var managed = new ProductField(shape, loss);
        var (expected, direction) = At(managed, state);
        var (actual, ours) = At(field, state);
        Assert.Equal(expected.LogRisk, actual.LogRisk, Share * (1 + Math.Abs(expected.LogRisk)));
        Assert.Equal(0, actual.LogScale);
        // The weights of a cross-entropy are exponentials of outputs, which may be large: no order of operations is closer to another
        // than to the same order at a state that differs in its last digits.
        var signs = new RandomStream(11);
        var (_, beside) = At(managed, [.. state.Select(value => value * (1 + Math.CopySign(1e-15, signs.NextGaussian())))]);
        var size = Norm(direction.ToArray());
        var moved = Norm([.. beside.ToArray().Zip(direction.ToArray(), (there, here) => there - here)]);
        Close(direction.ToArray(), ours.ToArray(), size > 0 ? Share + 5 * moved / size : Share);

        static double Norm(double[] values) => Math.Sqrt(values.Sum(value => value * value));
    }

    private sealed class ManagedLoss : IProductLoss
    {
        public string Name => "managed";

        public int Inputs => 3;

        public int Outputs => 2;

        public double Evaluate(ReadOnlySpan<double> product, Span<double> gradient) => 0;
    }
}
