using TorchAlign.Checkpoints;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Tests.Engine;
using TorchSharp;
using static TorchAlign.Tests.Devices.ProductProblems;
using static TorchAlign.Tests.Devices.TorchMarginFieldTests;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Devices;

/// <summary>Networks with several outputs: runs in chunks on the device against runs step by step on managed memory.</summary>
public class QueuedProductDescentTests
{
    [Theory]
    [OnCpu(Free, "constant"), OnCuda(Free, "constant")]
    [OnCpu(Free, "scheduled"), OnCuda(Free, "scheduled")]
    [OnCpu(Constrained, "constant"), OnCuda(Constrained, "constant")]
    [OnCpu(Constrained, "scheduled"), OnCuda(Constrained, "scheduled")]
    [OnCpu(Samples, "constant"), OnCuda(Samples, "constant")]
    public void Samples_and_ends_are_those_of_single_steps(string device, string kind, string rule)
    {
        var (managed, field, start) = Make(device, kind);
        using (field)
        {
            using var stepper = new QueuedDescent(Rule(rule));
            var (ours, theirs) = (new List<TrajectorySample>(), new List<TrajectorySample>());
            var end = Follow(stepper, field, start, 2345, ours, out var point);
            Assert.Equal(Follow(new GradientDescent(Rule(rule)), managed, start, 2345, theirs, out var single), end);
            Assert.Equal(theirs.Select(sample => sample.Step), ours.Select(sample => sample.Step));
            Assert.All(theirs.Zip(ours), pair =>
            {
                // A risk that vanishes has few digits of its own.
                Assert.Equal(Math.Exp(pair.First.LogRisk), Math.Exp(pair.Second.LogRisk), 1e-12);
                Assert.Equal(pair.First.GradientNorm, pair.Second.GradientNorm, 1e-11);
                Assert.Equal(pair.First.LogTime, pair.Second.LogTime);
            });
            Assert.Equal((single.Steps, single.Clock), (point.Steps, point.Clock));
            Close(single.W.ToArray(), point.W.ToArray(), 1e-11);
        }
    }

    [Fact]
    public void Sampling_never_changes_a_step()
    {
        var (_, field, start) = Make("cpu", Free);
        using (field)
        {
            using var watched = new QueuedDescent(Rule("scheduled"));
            using var alone = new QueuedDescent(Rule("scheduled"));
            Follow(watched, field, start, 200, [], out var seen);
            var unseen = EngineProblems.Point(field, start);
            Trajectory.Follow(new FlowSystem(field, Clock.Time), alone, unseen,
                new RunPlan { Stops = [Stops.StepLimit(200)], Schedule = SampleSchedule.EveryStep });
            Assert.Equal(unseen.W.ToArray(), seen.W.ToArray());
        }
    }

    /// <summary>A step far too large: the point is the last good one, with its own risk and gradient, as step by step.</summary>
    [Theory]
    [OnCpu(Free), OnCuda(Free)]
    [OnCpu(Constrained), OnCuda(Constrained)]
    public void A_run_that_leaves_float64_keeps_the_last_good_point(string device, string kind)
    {
        var (managed, field, start) = Make(device, kind);
        using (field)
        {
            using var stepper = new QueuedDescent(new ConstantStep(20));
            var end = Follow(stepper, field, start, 1000, [], out var point);
            Assert.Equal(Follow(new GradientDescent(new ConstantStep(20)), managed, start, 1000, [], out var single), end);
            Assert.Equal("non-finite", end.Name);
            Assert.True(point.Steps > 0, "some steps must have been taken");
            Assert.Equal((single.Steps, single.Clock), (point.Steps, point.Clock));
            Assert.All(point.W.ToArray(), value => Assert.True(double.IsFinite(value)));
            Assert.Equal(1, point.Value.LogRisk / single.Value.LogRisk, 9);
            Assert.Equal(Math.Log(single.DirectionNorm), Math.Log(point.DirectionNorm), 1e-9);
        }
    }

    /// <summary>As experiments run: to a loss, sampled at every hundredth step, not for ever.</summary>
    [Theory]
    [OnCpu(Free), OnCuda(Free)]
    [OnCpu(Constrained), OnCuda(Constrained)]
    public void A_stop_by_risk_is_met_on_the_step(string device, string kind)
    {
        var (managed, field, start) = Make(device, kind);
        using (field)
        {
            // Between the risks of two steps, so that no rounding decides.
            Follow(new GradientDescent(Rule("constant")), managed, start, 136, [], out var before);
            Follow(new GradientDescent(Rule("constant")), managed, start, 137, [], out var after);
            var bound = (before.Value.LogRisk + after.Value.LogRisk) / 2 / Math.Log(10);

            using var stepper = new QueuedDescent(Rule("constant"));
            var (ours, theirs) = (EngineProblems.Point(field, start), EngineProblems.Point(managed, start));
            IStop[] stops = [Stops.RiskBelow(bound), Stops.Stagnation(1e-9, 2000), Stops.StepLimit(10_000)];
            var plan = new RunPlan { Stops = stops, Schedule = SampleSchedule.Multiples(100), OnSample = _ => null };
            var end = Trajectory.Follow(new FlowSystem(field, Clock.Time), stepper, ours, plan);
            Assert.Equal(Trajectory.Follow(new FlowSystem(managed, Clock.Time), new GradientDescent(Rule("constant")), theirs, plan), end);
            Assert.Equal("risk-below", end.Name);
            Assert.Equal((137, 137), (theirs.Steps, ours.Steps));
            Close(theirs.W.ToArray(), ours.W.ToArray(), 1e-11);
            // No step from there while somebody minds the risk, and further ones when nobody does.
            var there = ours.W.ToArray();
            Assert.Equal(StepOutcome.Advanced, stepper.Advance(ours, 7, logRiskBound: ours.Value.LogRisk));
            Assert.Equal(there, ours.W.ToArray());
            Assert.Equal(StepOutcome.Advanced, stepper.Advance(ours, 7));
            Assert.Equal(144, ours.Steps);
        }
    }

    [Fact]
    public void The_clock_ends_a_run_on_the_spot()
    {
        var (managed, field, start) = Make("cpu", Free);
        using (field)
        {
            using var stepper = new QueuedDescent(Rule("scheduled"));
            var (ours, theirs) = (EngineProblems.Point(field, start), EngineProblems.Point(managed, start));
            EngineProblems.Run(new GradientDescent(Rule("scheduled")), managed, Clock.Time, theirs, 0.77);
            stepper.Start(new FlowSystem(field, Clock.Time), ours);
            while (ours.Clock < 0.77) Assert.Equal(StepOutcome.Advanced, stepper.Advance(ours, 1000, 0.77));
            Assert.Equal((theirs.Steps, 0.77), (ours.Steps, ours.Clock));
            Close(theirs.W.ToArray(), ours.W.ToArray(), 1e-12);
        }
    }

    /// <summary>A run taken up again ends in the same bits, and device and host go on from each other's checkpoints.</summary>
    [Theory]
    [OnCpu(Free, "constant"), OnCuda(Free, "constant")]
    [OnCpu(Free, "scheduled"), OnCuda(Free, "scheduled")]
    [OnCpu(Constrained, "scheduled"), OnCuda(Constrained, "scheduled")]
    public void A_checkpoint_is_taken_up_to_the_same_bits(string device, string kind, string rule)
    {
        var (managed, field, start) = Make(device, kind);
        using (field)
        {
            var plan = new RunPlan { Stops = [Stops.StepLimit(30)], Schedule = SampleSchedule.LogSpacedSteps(7), OnSample = _ => null };
            var expected = Run(field, plan);
            var (kept, keptOnHost) = (Keep(field), Keep(managed));
            var resumed = Run(field, plan with { Resume = kept });
            Assert.Equal(expected.W.ToArray(), resumed.W.ToArray());
            Assert.Equal((expected.Steps, expected.Clock, expected.LogTime, expected.Value, expected.Evaluations),
                (resumed.Steps, resumed.Clock, resumed.LogTime, resumed.Value, resumed.Evaluations));
            foreach (var crossed in (TrajectoryPoint[])
                [Run(managed, plan with { Resume = kept }), Run(field, plan with { Resume = keptOnHost })])
            {
                Assert.Equal((30, expected.Clock), (crossed.Steps, crossed.Clock));
                Close(expected.W.ToArray(), crossed.W.ToArray(), 1e-12);
            }

            Snapshot? Keep(IVectorField on)
            {
                Snapshot? last = null;
                Run(on, plan with
                {
                    Stops = [Stops.StepLimit(17)],
                    OnCheckpoint = (memory, end) => last = end is null ? last : memory,
                });
                return last;
            }

            TrajectoryPoint Run(IVectorField on, RunPlan how)
            {
                var point = EngineProblems.Point(on, start);
                IStepper stepper = on is TorchField ? new QueuedDescent(Rule(rule)) : new GradientDescent(Rule(rule));
                Trajectory.Follow(new FlowSystem(on, Clock.Time), stepper, point, how);
                (stepper as IDisposable)?.Dispose();
                return point;
            }
        }
    }

    [Fact]
    public void Stops_that_count_steps_are_met_on_the_step_and_others_at_the_end_of_a_chunk()
    {
        var (_, field, start) = Make("cpu", Free);
        using (field)
        {
            using var stepper = new QueuedDescent(Rule("constant"));
            var looks = new List<long>();
            var end = Trajectory.Follow(new FlowSystem(field, Clock.Time), stepper, EngineProblems.Point(field, start), new RunPlan
            {
                Stops = [new Looks(looks), Stops.StepLimit(2500)],
                Schedule = SampleSchedule.LogSpacedSteps(1),
                OnSample = _ => null,
            });
            Assert.Equal("step-limit", end.Name);
            Assert.Equal(1000, stepper.ChunkSteps);
            Assert.Equal([0, 1, 10, 100, 1000, 2000, 2500], looks);
        }
    }

    /// <summary>However much a step takes, a chunk has at least one of them and its work a bound.</summary>
    [Fact]
    public void Chunks_are_shorter_where_steps_are_longer()
    {
        using var scope = NewDisposeScope();
        var shape = new NetworkShape(300, 150, 300);
        var identity = Matrix.Identity(300);
        using var field = new TorchProductField(shape, SquaredLoss.Sum(SecondMoments.Of(new RegressionSet("units", identity, identity))));
        using var stepper = new QueuedDescent(Rule("constant"));
        stepper.Start(new FlowSystem(field, Clock.Time), new TrajectoryPoint(field.NewState()));
        // 6 products of 300 x 150 x 300 a step, and one of 300 x 300 x 300 for the loss.
        Assert.InRange(stepper.ChunkSteps, 1e10 / (3 * (6 * 300 * 150 * 300 + 27e6)), 1e10 / (3 * 300 * 150 * 300));
    }

    [Fact]
    public void Other_rules_and_fields_are_refused()
    {
        var (managed, field, start) = Make("cpu", Free);
        foreach (var rule in (IStepRule[])[new LossScaledStep(1), new OwnRule()])
        {
            using var refused = new QueuedDescent(rule);
            Assert.Contains("Use GradientDescent", Assert.Throws<ArgumentException>(() =>
                refused.Start(new FlowSystem(field, Clock.Time), EngineProblems.Point(field, start))).Message);
        }
        field.Dispose();
        using var stepper = new QueuedDescent(Rule("constant"));
        Assert.Contains("not on a ProductField", Assert.Throws<ArgumentException>(() =>
            stepper.Start(new FlowSystem(managed, Clock.Time), EngineProblems.Point(managed, start))).Message);
    }

    /// <summary>
    /// On the meta device there are no numbers: any look from the host fails, and so does any tensor made on another device.
    /// </summary>
    [Theory]
    [InlineData(Free)]
    [InlineData(Constrained)]
    [InlineData(Samples)]
    public void A_chunk_of_steps_looks_at_nothing_and_stays_on_its_device(string kind)
    {
        foreach (var dtype in (ScalarType[])[ScalarType.Float64, ScalarType.Float32])
            foreach (var loss in ProductProblems.Losses(ShapeOf(kind), new RandomStream(3)))
            {
                using var scope = NewDisposeScope();
                using var field = On(META, kind, loss, dtype);
                var w = zeros([1, field.Layout.Length], dtype: dtype, device: META);
                using var descent = new EnsembleDescent(new QueuedDirection(field), w, [Rule("constant")]);
                foreach (var bound in (double[])[-3, double.NegativeInfinity])
                {
                    descent.Hold([double.PositiveInfinity], [bound]);
                    descent.Queue(3, [6]);
                }
                Assert.Equal(6, descent.Attempts);
                Assert.Equal(DeviceType.META, field.Risk.device_type);
                Assert.ThrowsAny<Exception>(() => descent.Members);
            }
    }

    [Theory, OnCpu, OnCuda]
    public void No_tensor_is_left_behind(string device)
    {
        foreach (var kind in (string[])[Free, Constrained, Samples])
        {
            var (_, field, start) = Make(device, kind);
            using (field)
            {
                using var stepper = new QueuedDescent(Rule("constant"));
                var point = EngineProblems.Point(field, start);
                stepper.Start(new FlowSystem(field, Clock.Time), point);
                stepper.Advance(point, 3);
                var before = Tensor.TotalCount;
                stepper.Advance(point, 997);
                Assert.Equal(1000, point.Steps);
                // Less than one a step: other tests hold tensors of their own meanwhile, and let go of them.
                Assert.True(Tensor.TotalCount - before < 500, $"{Tensor.TotalCount - before} tensors are left of 997 steps");
            }
        }
    }

    private static IStepRule Rule(string name) => name == "constant" ? new ConstantStep(0.05) : ScheduledStep.Harmonic(0.1, 50);

    private static RunEnd Follow(
        IStepper stepper, IVectorField field, double[] start, long steps, List<TrajectorySample> samples, out TrajectoryPoint point)
    {
        point = EngineProblems.Point(field, start);
        return Trajectory.Follow(new FlowSystem(field, Clock.Time), stepper, point, new RunPlan
        {
            Stops = [Stops.StepLimit(steps)],
            Schedule = SampleSchedule.LogSpacedSteps(7),
            OnSample = here =>
            {
                samples.Add(new TrajectorySample(here.Steps, here.Value.LogRisk, here.DirectionNorm, here.LogTime));
                return null;
            },
        });
    }

    private sealed class OwnRule : IStepRule
    {
        public string Name => "own";

        public void Start(TrajectoryPoint point)
        {
        }

        public StepSize Next(TrajectoryPoint point) => new(0.1);
    }

    private sealed record TrajectorySample(long Step, double LogRisk, double GradientNorm, double LogTime);

    private sealed class Looks(List<long> looks) : IStop
    {
        public RunEnd? Check(TrajectoryPoint point)
        {
            looks.Add(point.Steps);
            return null;
        }
    }
}
