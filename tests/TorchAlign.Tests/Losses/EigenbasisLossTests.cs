using System.Numerics.Tensors;
using TorchAlign.Experiments.Bench;
using TorchAlign.Experiments.Papers;
using TorchAlign.Experiments.Runs;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Losses;

public class EigenbasisLossTests
{
    private static readonly SquaredProblem _problem = SquaredProblem.Regression(6, 20, seed: 11);
    private static readonly NetworkShape _shape = _problem.Shape(3, 4);

    [Fact]
    public void LossAndLengthOfTheGradientAreThoseOfTheDataThemselves()
    {
        var loss = new EigenbasisLoss(_problem.Moments);
        var start = Initialization.Gaussian(_shape, 1, new RandomStream(1));
        double[] direction = new double[_shape.Length], rotated = new double[_shape.Length];
        var expected = new ProductField(_shape, _problem.NewLoss()).Evaluate(start, direction);
        var value = new ProductField(_shape, loss).Evaluate(loss.Rotate(_shape, start), rotated);
        Assert.Equal(expected, value, 1e-12 * expected);
        var distance = TensorPrimitives.Distance<double>(direction, loss.RotateBack(_shape, rotated));
        Assert.True(distance <= 1e-13 * TensorPrimitives.Norm<double>(direction));
    }

    [Fact]
    public void DescentIsTheSameInBothCoordinates()
    {
        var loss = new EigenbasisLoss(_problem.Moments);
        var start = Initialization.Gaussian(_shape, 1, new RandomStream(2));
        var expected = Stepping.WeightsAfter(new ProductField(_shape, _problem.NewLoss()), start, 0.05, 200);
        var weights = loss.RotateBack(_shape, Stepping.WeightsAfter(new ProductField(_shape, loss), loss.Rotate(_shape, start), 0.05, 200));
        Assert.True(TensorPrimitives.Distance<double>(expected, start) > 0.1, "the steps must lead somewhere");
        Assert.True(TensorPrimitives.Distance<double>(expected, weights) <= 1e-12 * TensorPrimitives.Norm<double>(expected));
    }
}
