using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.States;

namespace TorchAlign.Tests.Dynamics;

/// <summary>A risk of exactly 0 is where every method has arrived.</summary>
public class RiskZeroTests
{
    public static TheoryData<string, string> Methods => new()
    {
        { "descent", "time" }, { "euler", "time" }, { "euler", "log-risk" }, { "dopri5", "time" }, { "dopri5", "log-risk" },
        { "dopri5", "arc-length" },
    };

    [Theory, MemberData(nameof(Methods))]
    public void A_run_that_comes_to_it_ends_there_well(string method, string clock)
    {
        var (end, point) = Follow(new ClampedField(), method, clock, 2);
        Assert.Equal(RunEnd.RiskZero, end);
        Assert.Equal(("risk-zero", true, false), (end.Name, end.Reached, end.Failed));
        Assert.Equal(double.NegativeInfinity, point.Value.LogRisk);
        Assert.InRange(Math.Abs(point.W.ToArray()[0]), 0, ClampedField.Edge);
        Assert.True(double.IsFinite(point.LogTime), $"log t = {point.LogTime}");
        // The flow takes t = log(2 / edge). By arc length it is a straight line, on which nothing keeps the steps short enough for t.
        if (method == "dopri5" && clock != "arc-length") Assert.Equal(Math.Log(2 / ClampedField.Edge), Math.Exp(point.LogTime), 1e-4);
    }

    [Theory, MemberData(nameof(Methods))]
    public void A_run_that_starts_there_ends_there(string method, string clock)
    {
        var (end, point) = Follow(new ClampedField(), method, clock, ClampedField.Edge / 2);
        Assert.Equal(RunEnd.RiskZero, end);
        Assert.Equal(0, point.Steps);
    }

    [Theory, MemberData(nameof(Methods))]
    public void A_least_squares_network_may_start_at_its_minimum(string method, string clock)
    {
        var shape = new NetworkShape(1, 1);
        var data = new RegressionSet("line", new Matrix(2, 1, [1, 3]), new Matrix(2, 1, [2, 6]));
        var field = new ProductField(shape, SquaredLoss.Mean(SecondMoments.Of(data)));
        var (end, _) = Follow(field, method, clock, 2);
        Assert.Equal("risk-zero", end.Name);
    }

    [Fact]
    public void A_goal_that_is_met_there_has_its_own_name()
    {
        var (end, _) = Follow(new ClampedField(), "descent", "time", 2, Stops.RiskBelow(-5));
        Assert.Equal("risk-below", end.Name);
    }

    private static (RunEnd End, TrajectoryPoint Point) Follow(
        IVectorField field, string method, string clock, double start, params IStop[] stops)
    {
        var w = field.NewState();
        w.CopyFrom([start]);
        var point = new TrajectoryPoint(w);
        IStepper stepper = method switch
        {
            "descent" => new GradientDescent(new ConstantStep(0.5)),
            "euler" => new Euler(0.5),
            _ => new DormandPrince54(),
        };
        var system = new FlowSystem(field, Clock.All.Single(known => known.Name == clock));
        var end = Trajectory.Follow(system, stepper, point, new RunPlan
        {
            Stops = [.. stops, Stops.StepLimit(100_000)],
            Schedule = SampleSchedule.EveryStep,
        });
        return (end, point);
    }

    /// <summary>R = w^2 / 2, and 0 with its gradient where |w| is at most 1e-3: as a risk that is cut off at rounding.</summary>
    private sealed class ClampedField : IVectorField
    {
        public const double Edge = 1e-3;

        public StateVector NewState() => new ManagedState(new BlockLayout(1));

        public FieldValue Evaluate(StateVector w, StateVector direction)
        {
            var value = ((ManagedState)w).Values[0];
            var seen = Math.Abs(value) <= Edge ? 0 : value;
            ((ManagedState)direction).Values[0] = -seen;
            return new FieldValue(Math.Log(0.5 * seen * seen), 0);
        }
    }
}
