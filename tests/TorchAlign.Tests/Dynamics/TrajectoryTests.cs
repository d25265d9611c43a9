using TorchAlign.Dynamics;

namespace TorchAlign.Tests.Dynamics;

public class TrajectoryTests
{
    [Fact]
    public void Observers_do_not_change_a_bit()
    {
        var (bare, _) = Follow(plan => plan);
        var seen = new List<double>();
        var (watched, _) = Follow(plan => plan with
        {
            Schedule = SampleSchedule.EveryStep,
            OnSample = point =>
            {
                seen.Add(point.W.Norm() + point.DirectionNorm + point.LogTime);
                return null;
            },
        });
        Assert.Equal(bare, watched);
        Assert.Equal(101, seen.Count);
    }

    [Fact]
    public void Every_end_has_its_name()
    {
        Assert.Equal("step-limit", Follow(plan => plan).End.Name);
        Assert.Equal("risk-below", Follow(plan => plan with { Stops = [Stops.RiskBelow(-2), Stops.StepLimit(1000)] }).End.Name);
        Assert.Equal("clock-reached", Follow(plan => plan with { ClockLimit = 0.5 }).End.Name);
        Assert.Equal("time-reached", Follow(plan => plan with { Stops = [Stops.TimeReached(0.7), Stops.StepLimit(1000)] }).End.Name);
        Assert.Equal("stagnated", Follow(plan => plan with { Stops = [Stops.Stagnation(5, 2), Stops.StepLimit(1000)] }).End.Name);
        Assert.Equal("time-limit", Follow(plan => plan with { Stops = [Stops.WallTime(TimeSpan.Zero)] }).End.Name);
        Assert.Equal("interrupted", Follow(plan => plan with { Cancellation = new CancellationToken(true) }).End.Name);
        Assert.Equal("mine",
            Follow(plan => plan with { OnSample = point => point.Steps >= 3 ? new RunEnd("mine", true, "") : null }).End.Name);
    }

    [Fact]
    public void The_end_is_always_observed_once()
    {
        var steps = new List<long>();
        Follow(plan => plan with
        {
            Schedule = SampleSchedule.LogSpacedSteps(1),
            OnSample = point =>
            {
                steps.Add(point.Steps);
                return null;
            },
        });
        Assert.Equal([0, 1, 10, 100], steps);
    }

    [Fact]
    public void Log_spaced_steps_thin_out_but_miss_no_decade()
    {
        var schedule = SampleSchedule.LogSpacedSteps(10);
        schedule.Start();
        var point = new TrajectoryPoint(new QuadraticField(1).NewState());
        var due = new List<long>();
        for (point.Steps = 0; point.Steps <= 100_000; point.Steps++)
            if (schedule.IsDue(point)) due.Add(point.Steps);
        Assert.Equal([0, 1, 2, 3, 4, 5], due.Take(6));
        Assert.InRange(due.Count(step => step is >= 10_000 and < 100_000), 9, 11);
    }

    [Fact]
    public void Euler_lands_on_the_clock_limit_and_adds_up_time()
    {
        var field = new QuadraticField(1, 3);
        var point = Start(field);
        var end = Trajectory.Follow(new FlowSystem(field, Clock.Time), new Euler(0.03), point,
            new RunPlan { Stops = [Stops.StepLimit(1000)], Schedule = SampleSchedule.EveryStep, ClockLimit = 1 });
        Assert.Equal("clock-reached", end.Name);
        Assert.Equal(1.0, point.Clock);
        Assert.Equal(0, point.LogTime, 1e-14);
    }

    [Fact]
    public void Euler_has_order_one()
    {
        var field = new QuadraticField(1, 3);
        double[] errors = [.. new[] { 0.02, 0.01, 0.005 }.Select(h =>
        {
            var point = Start(field);
            Trajectory.Follow(new FlowSystem(field, Clock.Time), new Euler(h), point,
                new RunPlan { Stops = [Stops.StepLimit(10_000)], Schedule = SampleSchedule.EveryStep, ClockLimit = 1 });
            return Math.Abs(point.W.ToArray()[0] - 2 * Math.Exp(-1));
        })];
        Assert.Equal(1, Math.Log2(errors[0] / errors[1]), 0.05);
        Assert.Equal(1, Math.Log2(errors[1] / errors[2]), 0.05);
    }

    [Fact]
    public void A_start_that_is_not_finite_is_an_end_with_a_name()
    {
        var field = new QuadraticField(1);
        var state = field.NewState();
        state.CopyFrom([double.NaN]);
        var end = Trajectory.Follow(new FlowSystem(field, Clock.Time), new Euler(0.1), new TrajectoryPoint(state),
            new RunPlan { Stops = [Stops.StepLimit(10)], Schedule = SampleSchedule.EveryStep });
        Assert.Equal("non-finite", end.Name);
        Assert.False(end.Reached);
    }

    private static TrajectoryPoint Start(QuadraticField field)
    {
        var state = field.NewState();
        state.CopyFrom([2, -5]);
        return new TrajectoryPoint(state);
    }

    private static (double[] Final, RunEnd End) Follow(Func<RunPlan, RunPlan> change)
    {
        var field = new QuadraticField(1, 3);
        var point = Start(field);
        var plan = change(new RunPlan { Stops = [Stops.StepLimit(100)], Schedule = SampleSchedule.LogSpacedClock(5) });
        var end = Trajectory.Follow(
            new FlowSystem(field, Clock.Time), new GradientDescent(new ConstantStep(0.05)), point, plan);
        return (point.W.ToArray(), end);
    }
}
