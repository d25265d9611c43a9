using TorchAlign.Dynamics;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.States;

namespace TorchAlign.Tests.Dynamics;

public class AssumptionFiveTests
{
    [Fact]
    public void The_step_is_the_papers()
    {
        var rule = new AssumptionFiveStep(MarginLoss.Logistic, 3);
        // beta(R) = 2 * 9 * R^4 * 1.25
        Assert.Equal(2 * 9 * 16 * 1.25, rule.Smoothness(2), 1e-12);
        Assert.Equal(1 / (2 * 9 * 16 * 1.25), rule.StepAt(2), 1e-15);
        Assert.Equal(1 / 2.5, new AssumptionFiveStep(MarginLoss.Logistic, 1).StepAt(1e9), 1e-15);
    }

    [Fact]
    public void A_loss_that_is_not_smooth_is_refused_by_name()
    {
        var error = Assert.Throws<ArgumentException>(() => new AssumptionFiveStep(MarginLoss.Exponential, 2));
        Assert.Contains("exponential", error.Message);
        Assert.Contains("Assumption 4", error.Message);
    }

    /// <summary>R_t &gt;= 1, never falls, W(t) stays in B(R_t - 1), and R_t moves only when W has left that ball.</summary>
    [Theory]
    [InlineData(RadiusGrowth.Smallest)]
    [InlineData(RadiusGrowth.ByIncrement)]
    [InlineData(RadiusGrowth.ByFactor)]
    public void The_radius_follows_the_assumption(RadiusGrowth growth)
    {
        var rule = new AssumptionFiveStep(MarginLoss.Logistic, 2, growth);
        var state = new ManagedState(new BlockLayout(1, 1));
        var point = new TrajectoryPoint(state);
        rule.Start(point);
        var before = rule.Radius;
        Assert.Equal(1, before);
        foreach (var norm in (double[])[0, 0.1, 0.05, 3, 2.9, 3.01, 40])
        {
            state.CopyFrom([norm / 2, -norm]);
            var step = rule.Next(point).Factor;
            Assert.True(rule.Radius >= before && norm <= rule.Radius - 1);
            if (norm <= before - 1) Assert.Equal(before, rule.Radius);
            if (growth == RadiusGrowth.Smallest) Assert.Equal(Math.Max(before, norm + 1), rule.Radius);
            if (growth == RadiusGrowth.ByFactor) Assert.Equal(Math.Round(Math.Log2(rule.Radius)), Math.Log2(rule.Radius));
            Assert.Equal(rule.StepAt(rule.Radius), step);
            before = rule.Radius;
        }
    }
}
