using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Networks;

public class AssumptionTwoTests
{
    private static readonly NetworkShape Shape = new(2, 3, 1);
    private static readonly SignedPoints Points = new([1, 0.2, 0.7, -0.1, 0.8, 0.4], 3, 2);

    private static IVectorField Field(MarginLoss loss, NetworkShape? shape = null) =>
        AutogradMarginField.Of(new LinearNetwork(shape ?? Shape), Points, loss, collapsed: true);

    [Fact]
    public void A_zero_first_layer_is_sufficient()
    {
        var start = Initialization.ZeroFirstLayer(Shape, 1, new RandomStream(1));
        var check = AssumptionTwo.Check(Field(MarginLoss.Logistic), MarginLoss.Logistic, start);
        Assert.True(check.Holds, check.Message);
    }

    [Fact]
    public void The_zero_network_has_no_gradient()
    {
        var field = Field(MarginLoss.Logistic);
        var check = AssumptionTwo.Check(field, MarginLoss.Logistic, new double[9]);
        Assert.False(check.Holds);
        Assert.False(check.GradientIsNonzero);
        Assert.Contains("gradient", check.Message);
        var state = new double[9];
        Assert.Null(AssumptionTwo.Rescale(field, MarginLoss.Logistic, Shape, state));
        Assert.All(state, value => Assert.Equal(0, value));
    }

    /// <summary>L = 2, widths 1, w_2 = -w_1 on a positive z: the risk starts above loss(0), and a change of sign mends it.</summary>
    [Theory]
    [InlineData("exponential")]
    [InlineData("logistic")]
    public void The_papers_counterexample_is_caught_and_mended(string name)
    {
        var loss = MarginLoss.All.Single(known => known.Name == name);
        var shape = new NetworkShape(1, 1, 1);
        var field = AutogradMarginField.Of(new LinearNetwork(shape), new SignedPoints([1.0], 1, 1), loss, collapsed: true);
        double[] state = [0.5, -0.5];
        var check = AssumptionTwo.Check(field, loss, state);
        Assert.True(check.GradientIsNonzero && !check.RiskIsAtMostThatOfZero);
        Assert.Contains("saddle", check.Message);
        Assert.Equal(-1, AssumptionTwo.Rescale(field, loss, shape, state));
        Assert.Equal([0.5, 0.5], state);
        Assert.True(AssumptionTwo.Check(field, loss, state).Holds);
    }

    [Fact]
    public void Any_start_whose_product_sees_the_mean_can_be_rescaled()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var state = Initialization.Gaussian(Shape, 20, new RandomStream(seed));
            var field = Field(MarginLoss.Exponential);
            Assert.NotNull(AssumptionTwo.Rescale(field, MarginLoss.Exponential, Shape, state));
            Assert.True(AssumptionTwo.Check(field, MarginLoss.Exponential, state).Holds);
        }
    }
}
