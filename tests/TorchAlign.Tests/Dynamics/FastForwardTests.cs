using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Dynamics;

public class FastForwardTests
{
    private static readonly SignedPoints Points = Generators.PlanarSet(7).ToSignedPoints();

    private static (FusedField Field, AssumptionFiveStep Rule, double[] Start) Problem(int depth)
    {
        var shape = NetworkShape.Uniform(2, depth, 4);
        var loss = MarginLoss.Logistic;
        var field = new FusedField(shape, Points.Z, loss, 1);
        var start = Initialization.Gaussian(shape, 0.5, new RandomStream(1));
        AssumptionTwo.Rescale(field, loss, shape, start);
        return (field, new AssumptionFiveStep(loss, depth), start);
    }

    private static readonly RunPlan Plan = new() { Stops = [Stops.StepLimit(1_000_000)], Schedule = SampleSchedule.LogSpacedClock(1) };

    /// <summary>
    /// True steps on figure 1's data are the only thing that can contradict the fast-forward, and where it is used nothing else can be:
    /// a hundred times as many as it compares itself with.
    /// </summary>
    [Theory]
    [InlineData(1, 1e6)]
    [InlineData(4, 1e7)]
    public void It_is_where_true_steps_are(int depth, double steps)
    {
        var (field, rule, start) = Problem(depth);
        var state = field.NewState();
        state.CopyFrom(start);
        var descent = new TrajectoryPoint(state);
        Trajectory.Follow(new FlowSystem(field, Clock.Time), new GradientDescent(rule), descent,
            Plan with { Stops = [Stops.StepLimit((long)steps)], Schedule = SampleSchedule.LogSpacedSteps(1) });

        var forward = FastForward.Run(field, rule, start, steps, comparedSteps: 100_000, rtol: 1e-10, Plan);
        Assert.Equal("clock-reached", forward.End.Name);
        Assert.Equal(steps, forward.Point.Clock);
        Assert.Equal(descent.LogTime, forward.Point.LogTime, 1e-5);
        Assert.Equal(descent.Value.LogRisk, forward.Point.Value.LogRisk, 1e-5);
        // What the shorter run measured bounds the error at the end: it falls as the steps shrink against the path.
        Assert.InRange(Math.Abs(descent.Value.LogRisk - forward.Point.Value.LogRisk), 0, forward.LogRiskDeviation!.Value);
    }

    [Fact]
    public void It_reaches_numbers_of_steps_that_no_computer_will_make()
    {
        var (field, rule, start) = Problem(4);
        var forward = FastForward.Run(field, rule, start, 1e40, 1_000, 1e-8, Plan);
        Assert.Equal(1e40, forward.Point.Clock);
        // R ~ 1 / (t log^(2 - 2/L) t), and t is k times the mean step: between 1e-41 and 1e-34.
        Assert.InRange(forward.Point.Value.LogRisk / Math.Log(10), -41, -34);
    }

    /// <summary>
    /// From a start that points the wrong way all layers shrink first; the rule keeps its largest radius, and so must the flow.
    /// </summary>
    [Fact]
    public void Norms_that_fall_leave_the_radius_where_it_was()
    {
        const int steps = 100_000;
        var (field, rule, start) = Problem(3);
        var last = field.Shape.Layer(start.AsSpan(), 2);
        for (var i = 0; i < last.Length; i++) last[i] *= -3;
        var w = field.NewState();
        w.CopyFrom(start);
        var (descent, least) = (new TrajectoryPoint(w), double.PositiveInfinity);
        Trajectory.Follow(new FlowSystem(field, Clock.Time), new GradientDescent(rule), descent, Plan with
        {
            Stops = [Stops.StepLimit(steps)],
            OnSample = point =>
            {
                least = Math.Min(least, point.W.MaxBlockNorm());
                return null;
            },
        });
        Assert.InRange(least + 1, 1, 0.9 * rule.Radius);
        var forward = FastForward.Run(field, rule, start, steps, comparedSteps: 1000, rtol: 1e-10, Plan);
        Assert.Equal(descent.LogTime, forward.Point.LogTime, 1e-4);
        Assert.Equal(descent.Value.LogRisk, forward.Point.Value.LogRisk, 1e-4);
        Assert.InRange(forward.LogRiskDeviation!.Value, 0, 1e-3);
    }

    [Fact]
    public void Without_a_true_run_nothing_is_known_of_the_error()
    {
        var (field, rule, start) = Problem(2);
        var forward = FastForward.Run(field, rule, start, 1e6, comparedSteps: 0, 1e-8, Plan);
        Assert.Equal((0, null), (forward.ComparedSteps, forward.LogRiskDeviation));
        Assert.Throws<ArgumentOutOfRangeException>(() => FastForward.Run(field, rule, start, 1e6, -1, 1e-8, Plan));
    }

    [Fact]
    public void What_it_cannot_know_it_refuses()
    {
        var (field, _, start) = Problem(2);
        var doubling = new AssumptionFiveStep(MarginLoss.Logistic, 2, RadiusGrowth.ByFactor);
        Assert.Throws<ArgumentException>(() => FastForward.Run(field, doubling, start, 1e6, 10, 1e-8, Plan));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => FastForward.Run(field, new AssumptionFiveStep(MarginLoss.Logistic, 2), start, 0, 10, 1e-8, Plan));
    }
}
