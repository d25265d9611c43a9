using TorchAlign.Checkpoints;
using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Dynamics;
using TorchAlign.Networks;
using TorchAlign.Tests.Engine;
using static TorchAlign.Tests.Devices.EnsembleRuns;

namespace TorchAlign.Tests.Devices;

/// <summary>Runs followed together against the same runs followed one by one, on the device and on the host.</summary>
public class EnsembleTrajectoryTests
{
    [Theory]
    [OnCpu("constant", false), OnCuda("constant", false)]
    [OnCpu("constant", true), OnCuda("constant", true)]
    [OnCpu("assumption5", false), OnCuda("assumption5", false)]
    [OnCpu("assumption5", true), OnCuda("assumption5", true)]
    [OnCpu("loss-scaled", false), OnCuda("loss-scaled", false)]
    [OnCpu("loss-scaled", true), OnCuda("loss-scaled", true)]
    [OnCpu("scheduled", true), OnCuda("scheduled", true)]
    public void Each_run_goes_and_ends_as_it_would_alone(string device, string rule, bool own)
    {
        var steps = rule == "loss-scaled" ? 60 : 200;
        var third = Alone(null, new FollowedRun(3, rule, own, steps / 3).Run).Point;
        // Ends of all kinds, each at a step of its own.
        Func<RunPlan, RunPlan>[] changes =
        [
            plan => plan,
            plan => plan with { Stops = [Stops.StepLimit(17)] },
            plan => plan with { ClockLimit = third.Clock, Schedule = SampleSchedule.LogSpacedClock(5) },
            plan => plan with { Stops = [Stops.RiskBelow(third.Value.LogRisk / Math.Log(10) + 1e-6), Stops.StepLimit(steps)] },
            plan => plan with { OnSample = null, Stops = [Stops.StepLimit(2 * steps), Stops.Stagnation(1, 20)] },
            plan => plan with { Schedule = SampleSchedule.EveryStep, Stops = [Stops.StepLimit(steps)] },
            plan => plan with { Stops = [Stops.StepLimit(0)] },
            plan => plan with { Stops = [Stops.StepLimit(steps - 1)], Schedule = SampleSchedule.Multiples(50) },
        ];
        FollowedRun[] members = [.. changes.Select((change, s) => new FollowedRun(s, rule, own, steps, change))];
        var (points, ends) = Together(device, members);
        for (var s = 0; s < members.Length; s++)
        {
            foreach (var onHost in (bool[])[false, true])
            {
                var alone = new FollowedRun(s, rule, own, steps, changes[s]);
                var (point, end) = Alone(onHost ? null : device, alone.Run);
                Assert.Equal(end, ends[s]);
                SameSamples(alone, members[s]);
                SamePoint(point, points[s]);
                Assert.Equal(1 + point.Steps + point.Rejected, points[s].Evaluations);
            }
        }
        Assert.True(ends.Select(end => end.Name).Distinct().Count() >= 4, string.Join(' ', ends.Select(end => end.Name)));
    }

    /// <summary>As for one run alone: the first step at or below the risk is seen, and the run goes on from it.</summary>
    [Theory, OnCpu, OnCuda]
    public void A_stop_that_looks_at_a_risk_and_goes_on_does_not_hold_a_run(string device)
    {
        var alone = new FollowedRun(0, "constant", false, 100);
        var (last, _) = Alone(null, alone.Run);
        var bound = (alone.Samples[0].LogRisk + last.Value.LogRisk) / 2;
        Milestone[] seen = [new(bound), new(bound)];
        FollowedRun[] members =
        [
            .. seen.Select(stop => new FollowedRun(0, "constant", false, 100,
                plan => plan with { OnSample = null, Stops = [stop, Stops.StepLimit(stop == seen[0] ? 100 : 90)] })),
        ];
        var (points, ends) = Together(device, members);
        Assert.Equal(["step-limit", "step-limit"], ends.Select(end => end.Name));
        SamePoint(last, points[0]);
        var onHost = new Milestone(bound);
        Alone(null, new FollowedRun(0, "constant", false, 100, plan => plan with { Stops = [onHost, Stops.StepLimit(100)] }).Run);
        Assert.Equal([onHost.First, onHost.First], seen.Select(stop => stop.First));
    }

    /// <summary>
    /// Some are broken off and taken up, at steps of their own: in an ensemble of others, alone on the device, and on the host.
    /// </summary>
    [Theory]
    [OnCpu("constant"), OnCuda("constant")]
    [OnCpu("assumption5"), OnCuda("assumption5")]
    [OnCpu("loss-scaled"), OnCuda("loss-scaled")]
    [OnCpu("scheduled"), OnCuda("scheduled")]
    public void Runs_are_kept_and_taken_up_by_others(string device, string rule)
    {
        const int steps = 40;
        FollowedRun[] whole = [.. Enumerable.Range(0, 4).Select(s => new FollowedRun(s, rule, true, steps))];
        var (expected, _) = Together(device, whole);

        var kept = new Snapshot?[4];
        FollowedRun[] first = [.. Enumerable.Range(0, 4).Select(s => new FollowedRun(s, rule, true, steps, BrokenOff(s, kept)))];
        var (_, ends) = Together(device, first);
        Assert.Equal(["interrupted", "interrupted", "interrupted", "step-limit"], ends.Select(end => end.Name));

        // Two of them go on with a third that starts anew.
        FollowedRun[] second =
        [
            new FollowedRun(3, rule, true, steps),
            .. Enumerable.Range(0, 2).Select(s => new FollowedRun(s, rule, true, steps, plan => plan with { Resume = kept[s] })),
        ];
        var (reached, _) = Together(device, second);
        foreach (var (there, here) in (ReadOnlySpan<(int, int)>)[(0, 1), (1, 2), (3, 0)])
        {
            SamePoint(expected[there], reached[here]);
            Assert.Equal(expected[there].Evaluations, reached[here].Evaluations);
            if (here == 0) continue;
            first[there].Samples.AddRange(second[here].Samples);
            SameSamples(whole[there], first[there]);
        }
        foreach (var where in (string?[])[device, null])
            SamePoint(expected[2], Alone(where, new FollowedRun(2, rule, true, steps, plan => plan with { Resume = kept[2] }).Run).Point);

        // The other way round.
        foreach (var where in (string?[])[device, null])
        {
            var alone = new Snapshot?[4];
            for (var s = 0; s < 2; s++) Alone(where, new FollowedRun(s, rule, true, steps, BrokenOff(s, alone)).Run);
            FollowedRun[] resumed =
                [.. Enumerable.Range(0, 2).Select(s => new FollowedRun(s, rule, true, steps, plan => plan with { Resume = alone[s] }))];
            var (after, _) = Together(device, resumed);
            for (var s = 0; s < 2; s++) SamePoint(expected[s], after[s]);
        }
    }

    [Theory, OnCpu, OnCuda]
    public void Who_is_interrupted_far_from_a_look_is_kept_where_it_stands(string device)
    {
        using var stop = new CancellationTokenSource();
        Snapshot? kept = null;
        FollowedRun[] members =
        [
            new FollowedRun(0, "constant", false, 300, plan => plan with
            {
                Schedule = SampleSchedule.LogSpacedSteps(1),
                Cancellation = stop.Token,
                OnCheckpoint = (memory, end) => kept = memory,
            }),
            new FollowedRun(1, "constant", false, 300, plan => plan with
            {
                OnSample = point =>
                {
                    if (point.Steps >= 20) stop.Cancel();
                    return null;
                },
            }),
        ];
        var (points, ends) = Together(device, members);
        Assert.Equal(["interrupted", "step-limit"], ends.Select(end => end.Name));
        Assert.InRange(points[0].Steps, 20, 60);

        RunPlan Sparse(RunPlan plan) => plan with { Schedule = SampleSchedule.LogSpacedSteps(1) };
        var resumed = new FollowedRun(0, "constant", false, 300, plan => Sparse(plan) with { Resume = kept });
        var whole = new FollowedRun(0, "constant", false, 300, Sparse);
        SamePoint(Together(device, [whole]).Points[0], Together(device, [resumed]).Points[0]);
        Assert.Equal([0, 1, 10, 100, 300], whole.Samples.Select(sample => sample.Steps));
        Assert.Equal([100, 300], resumed.Samples.Select(sample => sample.Steps));
    }

    [Theory, OnCpu, OnCuda]
    public void A_start_without_a_finite_risk_and_a_step_out_of_float64_end_alone(string device)
    {
        FollowedRun[] members = [.. Enumerable.Range(0, 3).Select(s => new FollowedRun(s, "constant", false, 50))];
        EnsembleRun[] runs = [.. members.Select(member => member.Run)];
        runs[0] = runs[0] with { Start = [.. Enumerable.Repeat(double.NaN, Shape.Length)] };
        runs[1] = runs[1] with { Rule = new ConstantStep(1e200) };
        using var ensemble = new EnsembleTrajectory(Shape, Loss, runs, DeviceName.Resolve(device));
        var ends = ensemble.Follow();
        Assert.Equal(["non-finite", "non-finite", "step-limit"], ends.Select(end => end.Name));
        Assert.Empty(members[0].Samples);
        Assert.All(ensemble.Points[1].W.ToArray(), value => Assert.True(double.IsFinite(value)));
        for (var s = 0; s < 3; s++)
        {
            var (point, end) = Alone(device, runs[s]);
            Assert.Equal(end, ends[s]);
            if (s > 0) SamePoint(point, ensemble.Points[s]);
        }
        Assert.Empty(members[0].Samples);
    }

    [Fact]
    public void Looking_never_changes_a_step()
    {
        FollowedRun[] Runs(Func<RunPlan, RunPlan> change) =>
            [.. Enumerable.Range(0, 3).Select(s => new FollowedRun(s, "loss-scaled", true, 50, change))];
        var seen = Together("cpu", Runs(plan => plan with { Schedule = SampleSchedule.EveryStep })).Points;
        var unseen = Together("cpu", Runs(plan => plan with { OnSample = null })).Points;
        for (var s = 0; s < 3; s++) Assert.Equal(unseen[s].W.ToArray(), seen[s].W.ToArray());
    }

    [Fact]
    public void Stops_that_count_no_steps_are_asked_where_they_are_of_a_run_alone()
    {
        var looks = new List<long>[] { [], [], [] };
        FollowedRun[] members =
        [
            .. Enumerable.Range(0, 3).Select(s => new FollowedRun(s, "constant", false, 2100 + 50 * s, plan => plan with
            {
                Stops = [.. plan.Stops, new Looks(looks[s])],
                Schedule = SampleSchedule.LogSpacedSteps(1),
            })),
        ];
        Together("cpu", members);
        for (var s = 0; s < 3; s++) Assert.Equal([0, 1, 10, 100, 1000, 2000, 2100 + 50 * s], looks[s]);
    }

    [Fact]
    public void An_exception_of_an_observer_comes_out_as_it_is()
    {
        FollowedRun[] members =
        [
            new FollowedRun(0, "constant", false, 50),
            new FollowedRun(1, "constant", false, 50, plan => plan with
            {
                OnSample = point => point.Steps >= 5 ? throw new DataException("the disk is full") : null,
            }),
        ];
        Assert.Equal("the disk is full", Assert.Throws<DataException>(() => Together("cpu", members)).Message);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var run = new FollowedRun(0, "constant", false, 5).Run;
        Assert.Contains("at least one", Refused([]));
        Assert.Contains("starts from 35 numbers, not 3", Refused([run, run with { Start = [1, 2, 3] }]));
        Assert.Contains("one kind", Refused([run, run with { Rule = new LossScaledStep(1) }]));
        var fewer = run with { Points = new SignedPoints(EngineProblems.Separable(9, 5, 1), 9, 5) };
        Assert.Contains("one number of points", Refused([run, fewer]));
        var narrow = run with { Points = new SignedPoints(EngineProblems.Separable(9, 4, 1), 9, 4) };
        Assert.Contains("(n, 5)", Refused([narrow]));
        var several = new NetworkShape(5, 2);
        Assert.Contains("2", Refused([run with { Start = new double[several.Length] }], several));

        static string Refused(IReadOnlyList<EnsembleRun> runs, NetworkShape? shape = null) =>
            Assert.Throws<ArgumentException>(() => new EnsembleTrajectory(shape ?? Shape, Loss, runs)).Message;
    }

    /// <summary>Ends the run at a sample of its own and keeps it; the last of four is left alone.</summary>
    private static Func<RunPlan, RunPlan> BrokenOff(int member, Snapshot?[] kept)
    {
        var stop = new CancellationTokenSource();
        return plan => plan with
        {
            Cancellation = stop.Token,
            OnSample = point =>
            {
                if (member < 3 && point.Steps >= 5 * (member + 1)) stop.Cancel();
                return plan.OnSample!(point);
            },
            OnCheckpoint = (memory, end) => kept[member] = memory,
        };
    }

    private sealed class Looks(List<long> looks) : IStop
    {
        public RunEnd? Check(TrajectoryPoint point)
        {
            looks.Add(point.Steps);
            return null;
        }
    }
}
