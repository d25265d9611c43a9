using FsCheck;
using FsCheck.Fluent;
using TorchAlign.Checkpoints;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Recording;
using TorchAlign.Tests.Data;
using TorchAlign.Tests.Dynamics;

namespace TorchAlign.Tests.Checkpoints;

/// <summary>A run that goes through several processes makes the same steps, to the last bit, as one that does not.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string, string> Ways
    {
        get
        {
            var ways = new TheoryData<string, string, string>();
            foreach (var kind in (string[])["fused", "fused-chunks", "autograd", "sequential", "product"])
                foreach (var rule in (string[])
                    ["constant", "assumption5", "assumption5-increment", "assumption5-factor", "loss-scaled"])
                    ways.Add(kind, rule, "time");
            foreach (var kind in (string[])["fused", "fused-chunks", "autograd", "sequential"])
                foreach (var stepper in (string[])["euler", "dopri5"])
                    ways.Add(kind, stepper, kind == "sequential" ? "arc-length" : "log-risk");
            ways.Add("product", "dopri5", "time");
            foreach (var stepper in (string[])["seulex", "seulex-fast"])
                foreach (var clock in (string[])["log-risk", "arc-length", "time"])
                    ways.Add("fused", stepper, clock);
            ways.Add("fused-chunks", "seulex", "log-risk");
            return ways;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_run_in_pieces_is_the_whole_run(string field, string stepper, string clock)
    {
        // Autograd costs a hundred times as much.
        var torch = field is "autograd" or "sequential";
        var tests = torch ? 3 : field == "fused-chunks" ? 5 : 20;
        var splits = from seed in Gen.Choose(0, 1_000_000)
                     from steps in Gen.Choose(3, torch ? 40 : stepper.StartsWith("seulex", StringComparison.Ordinal) ? 400 : 120)
                     from first in Gen.Choose(0, steps - 1)
                     from second in Gen.Choose(0, steps - 1)
                     select (seed, steps, Math.Min(first, second), Math.Max(first, second));
        Prop.ForAll(splits.ToArbitrary(), split =>
        {
            var (seed, steps, first, second) = split;
            var problem = new ResumeProblem(field, stepper, clock, seed, steps);
            var (whole, end) = problem.Run(plan => plan);

            var kept = new List<(Snapshot Memory, int Seen)>();
            var (watched, _) = Keeping(problem, plan => plan, [first, second], kept, 0);
            // Keeping a run does not change it.
            Assert.Equal(whole, watched);
            if (kept.Count == 0) return;

            // The second piece keeps the run too, and the third goes on from what it kept.
            var again = new List<(Snapshot Memory, int Seen)>();
            var (rest, _) = Keeping(problem, plan => plan with { Resume = Stored(kept[0].Memory) }, [second], again, kept[0].Seen);
            Assert.Equal(whole.Skip(kept[0].Seen), rest);
            if (again.Count == 0) return;
            var (last, lastEnd) = problem.Run(plan => plan with { Resume = Stored(again[^1].Memory) });
            Assert.Equal(whole.Skip(again[^1].Seen), last);
            Assert.Equal(end, lastEnd);
        }).Holds(tests);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(60)]
    public void An_interrupted_run_goes_on_as_if_nobody_had_interrupted_it(long step)
    {
        var problem = new ResumeProblem("fused", "seulex", "log-risk", 4, 80);
        var (whole, _) = problem.Run(plan => plan);
        using var stop = new CancellationTokenSource();
        (Snapshot Memory, int Seen)? kept = null;
        var (before, end) = problem.Run(plan =>
        {
            var seen = 0;
            return plan with
            {
                Stops = [.. plan.Stops, new CancelAt(step, stop)],
                Cancellation = stop.Token,
                OnSample = point =>
                {
                    seen++;
                    return plan.OnSample!(point);
                },
                OnCheckpoint = (memory, here) =>
                {
                    Assert.Equal("interrupted", here!.Name);
                    kept = (memory, seen);
                },
            };
        });
        Assert.Equal("interrupted", end.Name);
        // The end is sampled whether or not it is due; a run that goes on has that sample only if it is due.
        Assert.InRange(before.Count, kept!.Value.Seen, kept.Value.Seen + 1);
        var (rest, _) = problem.Run(plan => plan with { Resume = Stored(kept.Value.Memory) });
        Assert.Equal(whole, [.. before.Take(kept.Value.Seen), .. rest]);
    }

    [Fact]
    public void Stagnation_remembers_where_it_looked_last()
    {
        var problem = new ResumeProblem("fused", "constant", "time", 3, 100_000);
        RunPlan Stagnant(RunPlan plan) => plan with { Stops = [Stops.Stagnation(0.2, 2), Stops.StepLimit(100_000)] };
        var (whole, end) = problem.Run(Stagnant);
        Assert.Equal("stagnated", end.Name);
        var last = long.Parse(whole[^1].Split(' ')[0]);
        var kept = new List<(Snapshot Memory, int Seen)>();
        Keeping(problem, Stagnant, [last - 1], kept, 0);
        var (rest, again) = problem.Run(plan => Stagnant(plan) with { Resume = Stored(kept[0].Memory) });
        Assert.Equal(end, again);
        Assert.Equal(whole.Skip(kept[0].Seen), rest);
    }

    [Fact]
    public void Wall_time_counts_what_was_used_before()
    {
        var point = new TrajectoryPoint(new QuadraticField(1).NewState());
        var stop = Stops.WallTime(TimeSpan.FromHours(1));
        Assert.Null(stop.Check(point));
        var memory = new Snapshot();
        ((IResumable)stop).Save(memory);
        Assert.InRange(memory.ReadInt64("milliseconds"), 0, 60_000);

        var used = new Snapshot();
        used.Write("milliseconds", 3_600_000);
        ((IResumable)stop).Restore(used);
        Assert.Equal("time-limit", stop.Check(point)!.Name);
    }

    [Fact]
    public void A_fast_forward_goes_on_without_measuring_again()
    {
        var points = Generators.PlanarSet(7).ToSignedPoints();
        var shape = NetworkShape.Uniform(2, 3, 4);
        var start = Initialization.Gaussian(shape, 0.5, new RandomStream(1));
        FastForwardResult Run(Func<RunPlan, RunPlan> change) => FastForward.Run(
            new FusedField(shape, points.Z, MarginLoss.Logistic, 1), new AssumptionFiveStep(MarginLoss.Logistic, 3), start, 1e20, 1000, 1e-8,
            change(new RunPlan { Stops = [Stops.StepLimit(1_000_000)], Schedule = SampleSchedule.LogSpacedClock(1) }));

        var whole = Run(plan => plan);
        Snapshot? kept = null;
        Run(plan => plan with
        {
            CheckpointDue = point => point.Steps == 30,
            OnCheckpoint = (memory, end) => kept ??= end is null ? memory : null,
        });
        var rest = Run(plan => plan with { Resume = Stored(kept!) });
        Assert.Equal(whole.Point.W.ToArray(), rest.Point.W.ToArray());
        Assert.Equal((whole.Point.LogTime, whole.Point.Evaluations, whole.LogRiskDeviation),
            (rest.Point.LogTime, rest.Point.Evaluations, rest.LogRiskDeviation));
        Assert.Equal(whole.LogRiskDeviation, kept!.ReadDouble("forward_deviation"));
    }

    [Fact]
    public void What_cannot_be_kept_is_named_before_the_first_step()
    {
        void Keep(IStepper stepper)
        {
            var field = new QuadraticField(1);
            var w = field.NewState();
            w.CopyFrom([1]);
            Trajectory.Follow(new FlowSystem(field, Clock.Time), stepper, new TrajectoryPoint(w),
                new RunPlan { Stops = [Stops.StepLimit(1)], Schedule = SampleSchedule.EveryStep, OnCheckpoint = (_, _) => { } });
        }
        Assert.Contains("'forgetful'", Assert.Throws<NotSupportedException>(() => Keep(new ForgetfulStepper())).Message);
        Assert.Contains("'unwritten'", Assert.Throws<NotSupportedException>(() => Keep(new GradientDescent(new UnwrittenRule()))).Message);
    }

    [Fact]
    public void A_snapshot_of_another_stepper_is_refused()
    {
        Snapshot? kept = null;
        new ResumeProblem("fused", "dopri5", "log-risk", 1, 20).Run(plan => plan with
        {
            CheckpointDue = point => point.Steps == 5,
            OnCheckpoint = (memory, _) => kept ??= memory,
        });
        var error = Assert.Throws<SnapshotException>(
            () => new ResumeProblem("fused", "seulex", "log-risk", 1, 20).Run(plan => plan with { Resume = kept }));
        Assert.Contains("stepper.plan.step_size", error.Message);
    }

    [Fact]
    public void A_random_stream_goes_on_where_it_was() => Prop.ForAll(
        Gen.Choose(0, 1 << 30).ToArbitrary(), Gen.Choose(0, 9).ToArbitrary(), (seed, drawn) =>
    {
        var (stream, other) = (new RandomStream(seed), new RandomStream(0));
        for (var i = 0; i < drawn; i++) stream.NextGaussian();
        var memory = new Snapshot();
        stream.Save(memory);
        other.Restore(memory);
        for (var i = 0; i < 5; i++) Assert.Equal(stream.NextGaussian(), other.NextGaussian());
    }).Holds();

    /// <summary>Follows the problem and keeps it after the given steps, with the number of samples up to there.</summary>
    private static (List<string> Seen, RunEnd End) Keeping(
        ResumeProblem problem, Func<RunPlan, RunPlan> change, long[] steps, List<(Snapshot, int)> kept, int seenBefore) =>
        problem.Run(plan =>
        {
            var seen = seenBefore;
            var changed = change(plan);
            return changed with
            {
                OnSample = point =>
                {
                    seen++;
                    return changed.OnSample!(point);
                },
                CheckpointDue = point => steps.Contains(point.Steps),
                OnCheckpoint = (memory, end) =>
                {
                    if (end is null) kept.Add((memory, seen));
                },
            };
        });

    /// <summary>The snapshot as it comes back from its file.</summary>
    private Snapshot Stored(Snapshot memory)
    {
        CheckpointFile.Write(_folder.Folder, memory);
        return CheckpointFile.Read(_folder[CheckpointFile.Newest]);
    }

    private sealed class CancelAt(long step, CancellationTokenSource stop) : IStop
    {
        public RunEnd? Check(TrajectoryPoint point)
        {
            if (point.Steps == step) stop.Cancel();
            return null;
        }
    }

    private sealed class ForgetfulStepper : IStepper
    {
        public string Name => "forgetful";

        public void Start(FlowSystem system, TrajectoryPoint point)
        {
        }

        public StepOutcome Step(TrajectoryPoint point, double clockLimit) => throw new InvalidOperationException("too late");
    }

    private sealed class UnwrittenRule : IStepRule
    {
        public string Name => "unwritten";

        public void Start(TrajectoryPoint point)
        {
        }

        public StepSize Next(TrajectoryPoint point) => throw new InvalidOperationException("too late");
    }
}
