using TorchAlign.Dynamics;
using TorchAlign.Losses;

namespace TorchAlign.Tests.Dynamics;

public class GradientDescentTests
{
    [Fact]
    public void A_constant_step_on_a_quadratic_is_the_geometric_sequence()
    {
        var field = new QuadraticField(1, 3);
        var point = Start(field, 2, -5);
        var descent = new GradientDescent(new ConstantStep(0.1));
        descent.Start(new FlowSystem(field, Clock.Time), point);
        for (var step = 0; step < 50; step++) Assert.Equal(StepOutcome.Advanced, descent.Step(point));
        Assert.Equal(2 * Math.Pow(0.9, 50), point.W.ToArray()[0], 1e-15);
        Assert.Equal(-5 * Math.Pow(0.7, 50), point.W.ToArray()[1], 1e-15);
        Assert.Equal(5, point.Clock, 1e-13);
        Assert.Equal(Math.Log(5), point.LogTime, 1e-13);
        Assert.Equal(50, point.Steps);
        Assert.Equal(51, point.Evaluations);
    }

    [Fact]
    public void The_direction_norm_belongs_to_the_state()
    {
        var field = new QuadraticField(1, 3);
        var point = Start(field, 2, -5);
        var descent = new GradientDescent(new ConstantStep(0.1));
        descent.Start(new FlowSystem(field, Clock.Time), point);
        descent.Step(point);
        var w = point.W.ToArray();
        Assert.Equal(Math.Sqrt(w[0] * w[0] + 9 * w[1] * w[1]), point.DirectionNorm, 1e-14);
    }

    [Fact]
    public void A_step_that_leaves_float64_keeps_the_point()
    {
        var field = new QuadraticField(1, 3);
        var point = Start(field, 2, -5);
        var descent = new GradientDescent(new ConstantStep(1e200));
        descent.Start(new FlowSystem(field, Clock.Time), point);
        while (descent.Step(point) == StepOutcome.Advanced)
        {
        }
        Assert.All(point.W.ToArray(), value => Assert.True(double.IsFinite(value)));
        Assert.True(double.IsFinite(point.Value.LogRisk));
    }

    /// <summary>lr / R steps that are far too long at first: taken back until the risk falls, and never a risk that rises.</summary>
    [Fact]
    public void Loss_scaled_steps_are_taken_back_when_the_risk_rises()
    {
        var field = new QuadraticField(1, 30);
        var point = Start(field, 2, -5);
        var descent = new GradientDescent(new LossScaledStep(1e3));
        descent.Start(new FlowSystem(field, Clock.Time), point);
        var risk = point.Value.LogRisk;
        for (var step = 0; step < 100; step++)
        {
            Assert.Equal(StepOutcome.Advanced, descent.Step(point));
            Assert.True(point.Value.LogRisk <= risk);
            risk = point.Value.LogRisk;
        }
        Assert.True(point.Rejected > 0);
        Assert.True(point.LogTime > double.NegativeInfinity);
    }

    [Fact]
    public void Step_sizes_must_be_positive_and_finite()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConstantStep(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LossScaledStep(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Euler(double.PositiveInfinity));
    }

    private static TrajectoryPoint Start(QuadraticField field, params double[] w)
    {
        var state = field.NewState();
        state.CopyFrom(w);
        return new TrajectoryPoint(state);
    }
}
