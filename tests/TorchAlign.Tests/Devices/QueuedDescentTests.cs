using TorchAlign.Checkpoints;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Tests.Engine;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Devices;

/// <summary>Runs in chunks on the device against runs step by step.</summary>
public class QueuedDescentTests
{
    private static readonly int[] Widths = [5, 4, 3, 1];

    [Theory]
    [OnCpu("constant"), OnCuda("constant")]
    [OnCpu("assumption5"), OnCuda("assumption5")]
    [OnCpu("loss-scaled"), OnCuda("loss-scaled")]
    public void Samples_and_ends_are_those_of_single_steps(string device, string name)
    {
        var (fused, field, start) = TorchMarginFieldTests.Make(device, Widths, MarginLoss.Logistic, ScalarType.Float64, 0.7);
        using (field)
        {
            var (ours, theirs) = (new List<(long, double, double)>(), new List<(long, double, double)>());
            var steps = name == "loss-scaled" ? 30 : 400;
            using var stepper = new QueuedDescent(Rule(name));
            var end = Follow(stepper, field, start, steps, ours, out var point);
            var expected = Follow(new GradientDescent(Rule(name)), fused, start, steps, theirs, out var single);
            Assert.Equal(expected, end);
            Assert.Equal(theirs.Select(sample => sample.Item1), ours.Select(sample => sample.Item1));
            Assert.All(theirs.Zip(ours), pair =>
            {
                Assert.Equal(pair.First.Item2, pair.Second.Item2, 1e-11);
                Assert.Equal(pair.First.Item3, pair.Second.Item3, 1e-9);
            });
            Assert.Equal((single.Steps, single.Rejected), (point.Steps, point.Rejected));
            Assert.Equal(1, point.Clock / single.Clock, 12);
            TorchMarginFieldTests.Close(single.W.ToArray(), point.W.ToArray(), 1e-11);
        }
    }

    /// <summary>A stop may ask to see a risk and not end there: the run goes on from it, and the stop has seen it.</summary>
    [Fact]
    public void A_stop_that_looks_at_a_risk_and_goes_on_does_not_hold_the_run()
    {
        var (_, field, start) = TorchMarginFieldTests.Make("cpu", Widths, MarginLoss.Logistic, ScalarType.Float64, 0.7);
        using (field)
        {
            using var alone = new QueuedDescent(new ConstantStep(0.3));
            var samples = new List<(long, double Risk, double)>();
            Follow(alone, field, start, 100, samples, out var point);
            var bound = (samples[0].Risk + point.Value.LogRisk) / 2;
            var seen = new Milestone(bound);
            using var stepper = new QueuedDescent(new ConstantStep(0.3));
            var watched = EngineProblems.Point(field, start);
            var end = Trajectory.Follow(new FlowSystem(field, Clock.Time), stepper, watched,
                new RunPlan { Stops = [seen, Stops.StepLimit(100)], Schedule = SampleSchedule.EveryStep });
            Assert.Equal("step-limit", end.Name);
            Assert.Equal(point.W.ToArray(), watched.W.ToArray());
            Assert.InRange(seen.First!.Value, 1, 99);
        }
    }

    [Fact]
    public void Sampling_never_changes_a_step()
    {
        var (_, field, start) = TorchMarginFieldTests.Make("cpu", Widths, MarginLoss.Logistic, ScalarType.Float64, 0.7);
        using (field)
        {
            using var watched = new QueuedDescent(new ConstantStep(0.1));
            using var alone = new QueuedDescent(new ConstantStep(0.1));
            Follow(watched, field, start, 200, [], out var seen);
            var unseen = EngineProblems.Point(field, start);
            Trajectory.Follow(new FlowSystem(field, Clock.Time), alone, unseen,
                new RunPlan { Stops = [Stops.StepLimit(200)], Schedule = SampleSchedule.EveryStep });
            Assert.Equal(unseen.W.ToArray(), seen.W.ToArray());
        }
    }

    [Fact]
    public void A_run_that_leaves_float64_keeps_the_last_good_point()
    {
        var (fused, field, start) = TorchMarginFieldTests.Make("cpu", Widths, MarginLoss.Exponential, ScalarType.Float64, 0.7);
        using (field)
        {
            using var stepper = new QueuedDescent(new ConstantStep(1e5));
            var end = Follow(stepper, field, start, 1000, [], out var point);
            var expected = Follow(new GradientDescent(new ConstantStep(1e5)), fused, start, 1000, [], out var single);
            Assert.Equal(("non-finite", end.Name), (expected.Name, end.Name));
            Assert.Equal(single.Steps, point.Steps);
            Assert.All(point.W.ToArray(), value => Assert.True(double.IsFinite(value)));
        }
    }

    [Fact]
    public void A_point_goes_on_from_where_it_stands()
    {
        var (_, field, start) = TorchMarginFieldTests.Make("cpu", Widths, MarginLoss.Logistic, ScalarType.Float64, 0.7);
        using (field)
        {
            using var whole = new QueuedDescent(new ConstantStep(0.1));
            using var first = new QueuedDescent(new ConstantStep(0.1));
            using var second = new QueuedDescent(new ConstantStep(0.1));
            Follow(whole, field, start, 100, [], out var expected);
            Follow(first, field, start, 40, [], out var point);
            var system = new FlowSystem(field, Clock.Time);
            second.Start(system, point);
            while (point.Steps < 100) Assert.Equal(StepOutcome.Advanced, second.Advance(point, 100 - point.Steps));
            Assert.Equal(expected.W.ToArray(), point.W.ToArray());
            Assert.Equal((expected.Steps, expected.Clock), (point.Steps, point.Clock));
        }
    }

    /// <summary>A run broken off and taken up again ends in the same bits; the host goes on from a device's checkpoint, too.</summary>
    [Theory]
    [OnCpu("constant"), OnCuda("constant")]
    [OnCpu("assumption5"), OnCuda("assumption5")]
    [OnCpu("loss-scaled"), OnCuda("loss-scaled")]
    public void A_checkpoint_is_taken_up_to_the_same_bits(string device, string name)
    {
        var (fused, field, start) = TorchMarginFieldTests.Make(device, Widths, MarginLoss.Logistic, ScalarType.Float64, 0.7);
        using (field)
        {
            using var whole = new QueuedDescent(Rule(name));
            using var first = new QueuedDescent(Rule(name));
            using var second = new QueuedDescent(Rule(name));
            Snapshot? kept = null;
            var plan = new RunPlan { Stops = [Stops.StepLimit(30)], Schedule = SampleSchedule.LogSpacedSteps(7), OnSample = _ => null };
            var (expected, point) = (EngineProblems.Point(field, start), EngineProblems.Point(field, start));
            var onHost = EngineProblems.Point(fused, start);
            Trajectory.Follow(new FlowSystem(field, Clock.Time), whole, expected, plan);
            Trajectory.Follow(new FlowSystem(field, Clock.Time), first, point,
                plan with { Stops = [Stops.StepLimit(17)], OnCheckpoint = (memory, end) => kept = end is null ? kept : memory });
            point = EngineProblems.Point(field, start);
            Trajectory.Follow(new FlowSystem(field, Clock.Time), second, point, plan with { Resume = kept });
            Assert.Equal(expected.W.ToArray(), point.W.ToArray());
            Assert.Equal((expected.Steps, expected.Rejected, expected.Clock, expected.LogTime, expected.Value),
                (point.Steps, point.Rejected, point.Clock, point.LogTime, point.Value));
            Trajectory.Follow(new FlowSystem(fused, Clock.Time), new GradientDescent(Rule(name)), onHost, plan with { Resume = kept });
            Assert.Equal(30, onHost.Steps);
            TorchMarginFieldTests.Close(expected.W.ToArray(), onHost.W.ToArray(), 1e-11);
        }
    }

    [Fact]
    public void Stops_that_count_steps_are_met_on_the_step_and_others_at_the_end_of_a_chunk()
    {
        var (_, field, start) = TorchMarginFieldTests.Make("cpu", Widths, MarginLoss.Logistic, ScalarType.Float64, 0.7);
        using (field)
        {
            using var stepper = new QueuedDescent(new ConstantStep(0.5));
            var point = EngineProblems.Point(field, start);
            var looks = new List<long>();
            var end = Trajectory.Follow(new FlowSystem(field, Clock.Time), stepper, point, new RunPlan
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

    [Theory, OnCpu, OnCuda]
    public void A_stop_by_risk_is_met_on_the_step(string device)
    {
        var (fused, field, start) = TorchMarginFieldTests.Make(device, Widths, MarginLoss.Logistic, ScalarType.Float64, 0.7);
        using (field)
        {
            using var stepper = new QueuedDescent(new ConstantStep(0.5));
            var (ours, theirs) = (EngineProblems.Point(field, start), EngineProblems.Point(fused, start));
            IStop[] stops = [Stops.RiskBelow(-0.8), Stops.StepLimit(100_000)];
            var plan = new RunPlan { Stops = stops, Schedule = SampleSchedule.LogSpacedSteps(1) };
            var end = Trajectory.Follow(new FlowSystem(field, Clock.Time), stepper, ours, plan);
            Trajectory.Follow(new FlowSystem(fused, Clock.Time), new GradientDescent(new ConstantStep(0.5)), theirs, plan);
            Assert.Equal("risk-below", end.Name);
            Assert.NotEqual(0, theirs.Steps % stepper.ChunkSteps);
            Assert.Equal(theirs.Steps, ours.Steps);
            TorchMarginFieldTests.Close(theirs.W.ToArray(), ours.W.ToArray(), 1e-11);
            // Where nobody minds the risk, the run goes on from there.
            Assert.Equal(StepOutcome.Advanced, stepper.Advance(ours, 7));
            Assert.Equal(theirs.Steps + Math.Min(7, stepper.ChunkSteps - theirs.Steps % stepper.ChunkSteps), ours.Steps);
        }
    }

    private static IStepRule Rule(string name) => name switch
    {
        "constant" => new ConstantStep(0.3),
        "assumption5" => new AssumptionFiveStep(MarginLoss.Logistic, Widths.Length - 1),
        _ => new LossScaledStep(0.01),
    };

    private static RunEnd Follow(
        IStepper stepper, IVectorField field, double[] start, long steps, List<(long, double, double)> samples, out TrajectoryPoint point)
    {
        point = EngineProblems.Point(field, start);
        return Trajectory.Follow(new FlowSystem(field, Clock.Time), stepper, point, new RunPlan
        {
            Stops = [Stops.StepLimit(steps)],
            Schedule = SampleSchedule.LogSpacedSteps(7),
            OnSample = here =>
            {
                samples.Add((here.Steps, here.Value.LogRisk, here.DirectionNorm));
                return null;
            },
        });
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
