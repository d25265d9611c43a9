using TorchAlign.Dynamics;
using TorchAlign.Experiments.Papers;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Papers;

public class ObservedDescentTests
{
    private static readonly SquaredProblem _problem = SquaredProblem.Regression(5, 15, seed: 5);
    private static readonly NetworkShape _shape = _problem.Shape(3, 3);
    private static readonly double[] _start = Initialization.Balanced(_shape, 0.7, new RandomStream(4));

    [Fact]
    public void GuaranteedStepLowersTheLossByItsShareAtEveryStep()
    {
        var constants = NguegnangConstants.ForLongestStep(_problem.NewLoss(), _shape, _start, StepGuarantee.Published);
        var descent = Follow(constants.StepBound);
        Assert.Equal("step-limit", descent.End.Name);
        Assert.True(descent.LargestRise <= Curve.Rounding);
        Assert.True(descent.LeastShare >= constants.Sigma);
        Assert.All(descent.Samples, s =>
        {
            Assert.True(s.LayerNorms.Max() <= Math.Sqrt(constants.K));
            Assert.True(s.ProductNorm <= constants.M);
            Assert.True(s.Defect <= constants.Delta);
        });
    }

    /// <summary>The watch can say no: far above the bound the loss rises, and the share by which it falls is small or negative.</summary>
    [Fact]
    public void TooLongAStepIsSeenToRaiseTheLoss()
    {
        var descent = Follow(2);
        Assert.True(descent.LargestRise > 0.1);
        Assert.True(descent.LeastShare < 0);
    }

    [Fact]
    public void SamplesHoldTheLossOfTheirOwnStep()
    {
        var descent = Follow(0.01);
        Assert.Equal(0, descent.Samples[0].Step);
        Assert.Equal(300, descent.Samples[^1].Step);
        Assert.Equal(3.0, descent.Samples[^1].Time, 1e-12);
        var product = LinearProduct.Matrix(_shape, descent.Final);
        var residual = _problem.Data.Y - _problem.Data.X.TimesTransposed(product);
        Assert.Equal(residual.FrobeniusNorm * residual.FrobeniusNorm / 2, descent.Samples[^1].Loss, 1e-12);
    }

    private static ObservedDescent Follow(double step) => ObservedDescent.Follow(
        GradientSource.Managed, _shape, _problem.NewLoss(), _start, new ConstantStep(step), 300, 10, JobRun.Alone());
}
