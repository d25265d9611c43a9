using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Constraints;

/// <summary>Descent on coefficients, on kernels, and projected descent: when they are one and when they are not.</summary>
public class ConstraintMapTests
{
    private const double Eta = 0.02;
    private const int Steps = 2000;

    [Theory]
    [InlineData(Coordinates.Orthonormal)]
    [InlineData(Coordinates.Kernel)]
    public void DirectionIsMinusTheSlope(Coordinates coordinates)
    {
        var user = SpannedSubspace.Of("user", [.. Enumerable.Range(0, 3).Select(i => LayerConstraintTests.Gaussian(4, 8, i))]);
        var layers = new ConstrainedLayers(Convolution.TwoDimensional(1, 2, (2, 2), (3, 3), Border.Zero), user);
        var field = new PulledBackField(Loss(4, 4, 3), new ConstraintMap(layers, coordinates));
        var start = layers.Gaussian(1, new RandomStream(1));
        var (w, direction) = (field.NewState(), field.NewState());
        w.CopyFrom(start);
        field.Evaluate(w, direction);
        var slope = direction.ToArray();
        for (var i = 0; i < start.Length; i++)
        {
            double RiskAt(double shift)
            {
                var moved = start.ToArray();
                moved[i] += shift;
                w.CopyFrom(moved);
                field.Evaluate(w, direction);
                return field.Risk;
            }

            Assert.Equal((RiskAt(-1e-5) - RiskAt(1e-5)) / 2e-5, slope[i], 1e-7);
        }
    }

    [Fact]
    public void CoefficientsFollowProjectedDescent()
    {
        foreach (var border in (Border[])[Border.Zero, Border.Circular])
        {
            var layers = Network(border);
            var start = layers.Gaussian(1, new RandomStream(5));
            var loss = Loss(12, 12, 20);
            var coefficients = Descend(new PulledBackField(loss, new ConstraintMap(layers)), start, Eta);
            var projected = Descend(new PulledBackField(loss, new ProjectionMap(layers)), layers.Expand(start), Eta);
            Near(projected, layers.Expand(coefficients), 1e-12);
            Assert.InRange(Distance(layers.Expand(start), projected), 0.1, 10);
        }
    }

    /// <summary>
    /// Under zero padding the kernel takes another path, and the projected one once its gradient is divided by the ||A_a||^2.
    /// </summary>
    [Fact]
    public void KernelsFollowProjectedDescentOnlyAfterScaling()
    {
        var layers = Network(Border.Zero);
        var start = layers.Gaussian(1, new RandomStream(5));
        var loss = Loss(12, 12, 20);
        var projected = layers.Expand(Descend(new PulledBackField(loss, new ConstraintMap(layers)), start, Eta));
        var field = new PulledBackField(loss, new ConstraintMap(layers, Coordinates.Kernel));
        var kernels = layers.ToKernels(start);

        var norms = layers.Layers.SelectMany(layer => layer.Norms).ToArray();
        var meanSquare = norms.Average(norm => norm * norm);
        var plain = layers.Expand(Descend(field, kernels, Eta / meanSquare), Coordinates.Kernel);
        Assert.InRange(Distance(projected, plain), 1e-3, 10);

        var (w, direction) = (field.NewState(), field.NewState());
        for (var step = 0; step < Steps; step++)
        {
            w.CopyFrom(kernels);
            field.Evaluate(w, direction);
            var slope = direction.ToArray();
            for (var a = 0; a < kernels.Length; a++) kernels[a] += Eta * slope[a] / (norms[a] * norms[a]);
        }
        Near(projected, layers.Expand(kernels, Coordinates.Kernel), 1e-12);
    }

    /// <summary>Under circular padding all norms are equal: the kernel's path is the projected one at another step size.</summary>
    [Fact]
    public void CircularKernelsFollowProjectedDescent()
    {
        var layers = Network(Border.Circular);
        var start = layers.Gaussian(1, new RandomStream(5));
        var loss = Loss(12, 12, 20);
        var norm = layers.Layers[0].Norms[0];
        Assert.All(layers.Layers.SelectMany(layer => layer.Norms), other => Assert.Equal(norm, other, 1e-14));
        var field = new PulledBackField(loss, new ConstraintMap(layers, Coordinates.Kernel));
        var kernels = Descend(field, layers.ToKernels(start), Eta / (norm * norm));
        var coefficients = Descend(new PulledBackField(loss, new ConstraintMap(layers)), start, Eta);
        Near(layers.Expand(coefficients), layers.Expand(kernels, Coordinates.Kernel), 1e-12);
    }

    [Fact]
    public void CoordinatesAndOperatorsAgree()
    {
        var layers = Network(Border.Zero);
        var coefficients = layers.Gaussian(2, new RandomStream(1));
        var weights = layers.Expand(coefficients);
        Near(coefficients, layers.Nearest(weights), 1e-13);
        Near(layers.ToKernels(coefficients), layers.Nearest(weights, Coordinates.Kernel), 1e-13);
        Near(coefficients, layers.ToCoefficients(layers.ToKernels(coefficients)), 1e-13);
        Near(weights, layers.Expand(layers.ToKernels(coefficients), Coordinates.Kernel), 1e-13);
        Assert.Throws<ArgumentException>(() => layers.Expand([1.0]));
    }

    private static ConstrainedLayers Network(Border border) => new(
        Convolution.TwoDimensional(1, 2, (3, 4), (3, 3), border), Convolution.TwoDimensional(2, 1, (3, 4), (3, 3), border));

    private static SquaredLoss Loss(int inputs, int outputs, int n) => SquaredLoss.Mean(SecondMoments.Of(new RegressionSet(
        "gaussian", LayerConstraintTests.Gaussian(n, inputs, 21), LayerConstraintTests.Gaussian(n, outputs, 22))));

    private static double[] Descend(IVectorField field, double[] start, double eta)
    {
        var state = field.NewState();
        state.CopyFrom(start);
        var point = new TrajectoryPoint(state);
        Trajectory.Follow(new FlowSystem(field, Clock.Time), new GradientDescent(new ConstantStep(eta)), point,
            new RunPlan { Stops = [Stops.StepLimit(Steps)], Schedule = SampleSchedule.EveryStep });
        Assert.Equal(Steps, point.Steps);
        return point.W.ToArray();
    }

    private static double Distance(double[] expected, double[] actual) =>
        TensorPrimitives.Distance<double>(expected, actual) / TensorPrimitives.Norm<double>(expected);

    private static void Near(double[] expected, double[] actual, double tolerance) =>
        Assert.InRange(Distance(expected, actual), 0, tolerance);
}
