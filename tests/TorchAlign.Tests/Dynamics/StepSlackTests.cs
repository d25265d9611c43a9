using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.States;

namespace TorchAlign.Tests.Dynamics;

public class StepSlackTests
{
    /// <summary>Curvatures 1 and 4: each step multiplies by 1 - eta and 1 - 4 eta, so that 2 / 4 is the edge of stability.</summary>
    [Theory]
    [InlineData(0.01)]
    [InlineData(3)]
    public void EdgeOfAQuadraticIsTwoOverItsCurvature(double bound)
    {
        var slack = StepSlack.Measure(new QuadraticField(1, 4), [1, 1], bound, 2000, 1e-4, CancellationToken.None);
        Assert.Equal(0.5, slack.LargestMonotone, 5e-4);
        // |1 - 4 eta|^2000 < 1000 allows a little more.
        Assert.InRange(slack.LargestStable, slack.LargestMonotone, 0.502);
        Assert.Equal(bound, slack.Bound);
        Assert.Throws<ArgumentOutOfRangeException>(() => StepSlack.Measure(new QuadraticField(1), [1], 0, 1, 0.1, CancellationToken.None));
        Assert.Throws<OperationCanceledException>(() =>
            StepSlack.Measure(new QuadraticField(1), [1], 1, 10, 0.1, new CancellationToken(canceled: true)));
    }

    /// <summary>Where the risk rises with every step, the search names none, not the last step that it tried.</summary>
    [Fact]
    public void AStepThatWasNotVerifiedIsNotReturned()
    {
        Assert.Equal(double.NaN, StepSlack.Measure(new UphillField(), [1], 1e60, 3, 0.1, CancellationToken.None).LargestMonotone);
        // Below 1e-15 the rise is within rounding: from here the search gets there.
        Assert.InRange(StepSlack.Measure(new UphillField(), [1], 1, 3, 0.1, CancellationToken.None).LargestMonotone, 1e-16, 1e-14);
    }

    /// <summary>The risk of this start is no number of float64, so that no step can keep it from rising.</summary>
    [Fact]
    public void WhereNoStepIsStableNoneIsNamed()
    {
        var slack = StepSlack.Measure(new QuadraticField(1, 4), [1e200, 1], 0.1, 10, 0.1, CancellationToken.None);
        Assert.Equal((double.NaN, double.NaN), (slack.LargestMonotone, slack.LargestStable));
    }

    /// <summary>Half the step, half the distance from the flow; and on one mode of curvature 1, (1 - eta)^k against e^{-k eta}.</summary>
    [Fact]
    public void DescentIsAFirstOrderMethodForTheFlow()
    {
        var random = new RandomStream(1);
        var shape = new NetworkShape(5, 4, 3);
        var field = new ProductField(shape, SquaredLoss.Sum(SecondMoments.Of(RegressionGenerators.Gaussian(20, 5, 3, random))));
        var start = Initialization.Gaussian(shape, 0.5, random);
        double At(double eta) => Compare(field, eta, start, (long)Math.Round(2 / eta))[^1].Distance;
        var (coarse, fine, finest) = (At(0.02), At(0.01), At(0.005));
        Assert.Equal(1, Math.Log2(coarse / fine), 0.05);
        Assert.Equal(1, Math.Log2(fine / finest), 0.03);

        var single = Compare(new QuadraticField(1), 0.1, [2], 20);
        Assert.Equal(20, single[^1].Step);
        Assert.Equal(2 * (Math.Exp(-2) - Math.Pow(0.9, 20)), single[^1].Distance, 1e-9);
        Assert.Throws<ArgumentException>(() => DescentVersusFlow.Compare(
            field, new LossScaledStep(0.1), start, 5, SampleSchedule.EveryStep, 1e-9, CancellationToken.None));
    }

    /// <summary>R = w^2 / 2 with the gradient's sign turned.</summary>
    private sealed class UphillField : IVectorField
    {
        public StateVector NewState() => new ManagedState(new BlockLayout(1));

        public FieldValue Evaluate(StateVector w, StateVector direction)
        {
            direction.CopyFrom(w);
            return new FieldValue(2 * Math.Log(Math.Abs(((ManagedState)w).Values[0])) - Math.Log(2), 0);
        }
    }

    private static IReadOnlyList<FlowDifference> Compare(IVectorField field, double eta, double[] start, long steps) =>
        DescentVersusFlow.Compare(
            field, new ConstantStep(eta), start, steps, SampleSchedule.LogSpacedSteps(4), 1e-11, CancellationToken.None);
}
