using TorchAlign.Checkpoints;
using TorchAlign.Devices;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Tests.Engine;
using static TorchAlign.Tests.Devices.EnsembleRuns;

namespace TorchAlign.Tests.Devices;

/// <summary>
/// Flows integrated together against <see cref="DormandPrince54"/> on the fused field, one by one. Error estimates are differences, so
/// their roundings move step sizes in the ninth digit; what is compared at a step is, therefore, to the seventh, and what is compared
/// at a clock value to the integrator's own tolerance.
/// </summary>
public class EnsembleFlowTests
{
    private const double Tolerance = 1e-8;

    [Theory]
    [OnCpu("log-risk", false), OnCuda("log-risk", false)]
    [OnCpu("log-risk", true), OnCuda("log-risk", true)]
    [OnCpu("arc-length", true), OnCuda("arc-length", true)]
    [OnCpu("time", true), OnCuda("time", true)]
    public void Each_run_goes_and_ends_as_it_would_alone(string device, string clock, bool own)
    {
        var flow = Flow(clock);
        var half = Alone(new FollowedRun(3, "flow", own, 40).Run, flow).Point;
        // Ends of all kinds, each at a step of its own, and looks by clock and by steps.
        Func<RunPlan, RunPlan>[] changes =
        [
            plan => plan with { Schedule = SampleSchedule.LogSpacedClock(12) },
            plan => plan with { Stops = [Stops.StepLimit(17)] },
            plan => plan with { ClockLimit = half.Clock, Schedule = SampleSchedule.LogSpacedClock(5) },
            plan => plan with { Stops = [Stops.RiskBelow(half.Value.LogRisk / Math.Log(10) + 1e-6), Stops.StepLimit(100)] },
            plan => plan with { OnSample = null, Stops = [Stops.StepLimit(100)] },
            plan => plan with { Schedule = SampleSchedule.EveryStep },
            plan => plan with { Stops = [Stops.StepLimit(0)] },
        ];
        FollowedRun[] members = [.. changes.Select((change, s) => new FollowedRun(s, "flow", own, 80, change))];
        var (points, ends) = Together(device, members, flow);
        for (var s = 0; s < members.Length; s++)
        {
            var alone = new FollowedRun(s, "flow", own, 80, changes[s]);
            var (point, end) = Alone(alone.Run, flow);
            Assert.Equal(end, ends[s]);
            Assert.Equal((point.Steps, point.Rejected), (points[s].Steps, points[s].Rejected));
            Assert.Equal(EnsembleDormandPrince.EvaluationsAtStart + EnsembleDormandPrince.EvaluationsAStep * (point.Steps + point.Rejected),
                points[s].Evaluations);
            Near(point, points[s], 1e-7);
            SameSamples(alone, members[s], risk: 1e-7, norm: 1e-6, state: 1e-7);
        }
        Assert.Equal(["step-limit", "clock-reached", "risk-below"], ends.Select(end => end.Name).Distinct());
    }

    /// <summary>All land on one clock value with different steps; the curve there is the integrators' common solution.</summary>
    [Theory, OnCpu, OnCuda]
    public void At_a_clock_value_they_agree_with_a_far_finer_integration(string device)
    {
        const double clock = 8;
        RunPlan To(RunPlan plan) => plan with { ClockLimit = clock, Stops = [] };
        FollowedRun[] members = [.. Enumerable.Range(0, 4).Select(s => new FollowedRun(s, "flow", true, 1, To))];
        var (points, ends) = Together(device, members, Flow("log-risk"));
        Assert.All(ends, end => Assert.Equal("clock-reached", end.Name));
        for (var s = 0; s < members.Length; s++)
        {
            var (exact, _) = Alone(new FollowedRun(s, "flow", true, 1, To).Run, new EnsembleFlowSettings(Clock.LogRisk, 1e-12));
            Assert.Equal(clock, points[s].Clock);
            Assert.True(exact.Steps > 3 * points[s].Steps);
            Near(exact, points[s], 1e-7);
        }
    }

    /// <summary>Broken off at steps of their own, and taken up: together with another, and by the integrator of one.</summary>
    [Theory, OnCpu, OnCuda]
    public void Runs_are_kept_and_taken_up_by_others(string device)
    {
        var flow = Flow("log-risk");
        FollowedRun[] whole = [.. Enumerable.Range(0, 3).Select(s => new FollowedRun(s, "flow", true, 60))];
        var (expected, _) = Together(device, whole, flow);
        var kept = new Snapshot?[3];
        FollowedRun[] first = [.. Enumerable.Range(0, 3).Select(s => new FollowedRun(s, "flow", true, 60, plan => plan with
        {
            CheckpointDue = point => point.Steps >= 10 * (s + 1) && kept[s] is null,
            OnCheckpoint = (memory, _) => kept[s] ??= memory,
        }))];
        Together(device, first, flow);
        FollowedRun[] second =
        [
            .. Enumerable.Range(0, 2).Select(s => new FollowedRun(s, "flow", true, 60, plan => plan with { Resume = kept[s] })),
            new FollowedRun(2, "flow", true, 60),
        ];
        var (reached, _) = Together(device, second, flow);
        for (var s = 0; s < 3; s++)
        {
            Assert.Equal((expected[s].Steps, expected[s].Rejected, expected[s].Evaluations),
                (reached[s].Steps, reached[s].Rejected, reached[s].Evaluations));
            Near(expected[s], reached[s], 1e-7);
        }
        Near(expected[2], Alone(new FollowedRun(2, "flow", true, 60, plan => plan with { Resume = kept[2] }).Run, flow).Point, 1e-7);

        // The other way round.
        Snapshot? alone = null;
        Alone(new FollowedRun(0, "flow", true, 20, plan => plan with { OnCheckpoint = (memory, _) => alone = memory }).Run, flow);
        var resumed = new FollowedRun(0, "flow", true, 60, plan => plan with { Resume = alone });
        Near(expected[0], Together(device, [resumed], flow).Points[0], 1e-7);
    }

    [Theory, OnCpu, OnCuda]
    public void Who_has_no_digits_left_or_no_finite_risk_ends_alone(string device)
    {
        FollowedRun[] members = [.. Enumerable.Range(0, 3).Select(s => new FollowedRun(s, "flow", false, 30))];
        EnsembleRun[] runs = [.. members.Select(member => member.Run)];
        runs[0] = runs[0] with { Start = [.. Enumerable.Repeat(double.NaN, Shape.Length)] };
        // Margins of 1e13 cannot be told apart to the last unit.
        runs[1] = runs[1] with { Start = [.. runs[1].Start.Select(value => 3e4 * value)] };
        using var ensemble = new EnsembleTrajectory(Shape, Loss, runs, DeviceName.Resolve(device), flow: Flow("log-risk"));
        Assert.Equal(["non-finite", "float64-exhausted", "step-limit"], ensemble.Follow().Select(end => end.Name));
        Near(Alone(runs[2], Flow("log-risk")).Point, ensemble.Points[2], 1e-7);
    }

    [Fact]
    public void A_run_has_a_rule_or_a_flow()
    {
        var (descends, flows) = (new FollowedRun(0, "constant", false, 5).Run, new FollowedRun(0, "flow", false, 5).Run);
        Assert.Throws<ArgumentException>(() => new EnsembleTrajectory(Shape, Loss, [flows]));
        Assert.Throws<ArgumentException>(() => new EnsembleTrajectory(Shape, Loss, [flows, descends], flow: Flow("time")));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new EnsembleTrajectory(Shape, Loss, [flows], flow: new EnsembleFlowSettings(Clock.Time, 2)));
    }

    /// <summary>On the fused field, one step after the other.</summary>
    private static (TrajectoryPoint Point, RunEnd End) Alone(EnsembleRun run, EnsembleFlowSettings flow)
    {
        var field = new FusedField(Shape, run.Points.Z, Loss, 1);
        var point = EngineProblems.Point(field, run.Start);
        return (point, Trajectory.Follow(new FlowSystem(field, flow.Clock), new DormandPrince54(flow.Tolerance), point, run.Plan));
    }

    private static EnsembleFlowSettings Flow(string clock) => new(Clock.All.Single(known => known.Name == clock), Tolerance);

    private static void Near(TrajectoryPoint expected, TrajectoryPoint actual, double share)
    {
        Assert.Equal(1, actual.Value.LogRisk / expected.Value.LogRisk, share);
        Assert.Equal(expected.Clock, actual.Clock, share * expected.Clock);
        if (expected.Steps > 0) Assert.Equal(expected.LogTime, actual.LogTime, share * (1 + Math.Abs(expected.LogTime)));
        TorchMarginFieldTests.Close(expected.W.ToArray(), actual.W.ToArray(), share);
    }
}
