using TorchAlign.Checkpoints;
using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Dynamics;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Tests.Engine;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Devices;

/// <summary>Runs followed together against the same runs followed one by one, on the device and on the host.</summary>
public class EnsembleTrajectoryTests
{
    private const int Count = 24;
    private const double Share = 1e-12;

    private static readonly NetworkShape Shape = new(5, 4, 3, 1);
    private static readonly MarginLoss Loss = MarginLoss.Logistic;

    [Theory]
    [OnCpu("constant", false), OnCuda("constant", false)]
    [OnCpu("constant", true), OnCuda("constant", true)]
    [OnCpu("assumption5", false), OnCuda("assumption5", false)]
    [OnCpu("assumption5", true), OnCuda("assumption5", true)]
    [OnCpu("loss-scaled", false), OnCuda("loss-scaled", false)]
    [OnCpu("loss-scaled", true), OnCuda("loss-scaled", true)]
    public void Each_run_goes_and_ends_as_it_would_alone(string device, string rule, bool own)
    {
        var steps = rule == "loss-scaled" ? 60 : 200;
        var third = Alone(null, new Member(3, rule, own, steps / 3)).Point;
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
        Member[] members = [.. changes.Select((change, s) => new Member(s, rule, own, steps, change))];
        var (points, ends) = Together(device, members);
        for (var s = 0; s < members.Length; s++)
        {
            foreach (var onHost in (bool[])[false, true])
            {
                var alone = new Member(s, rule, own, steps, changes[s]);
                var (point, end) = Alone(onHost ? null : device, alone);
                Assert.Equal(end, ends[s]);
                SameSamples(alone, members[s]);
                SamePoint(point, points[s]);
            }
        }
        Assert.True(ends.Select(end => end.Name).Distinct().Count() >= 4, string.Join(' ', ends.Select(end => end.Name)));
    }

    private static void SameSamples(Member expected, Member actual)
    {
        Assert.Equal(expected.Samples.Select(sample => sample.Steps), actual.Samples.Select(sample => sample.Steps));
        Assert.All(expected.Samples.Zip(actual.Samples), pair =>
        {
            Assert.Equal(1, pair.Second.LogRisk / pair.First.LogRisk, Share);
            Assert.Equal(1, pair.Second.Norm / pair.First.Norm, 1e-9);
            TorchMarginFieldTests.Close(pair.First.W, pair.Second.W, 1e-11);
        });
    }

    private static void SamePoint(TrajectoryPoint expected, TrajectoryPoint actual)
    {
        Assert.Equal((expected.Steps, expected.Rejected), (actual.Steps, actual.Rejected));
        Assert.Equal(1, actual.Value.LogRisk / expected.Value.LogRisk, Share);
        Assert.Equal(expected.Clock, actual.Clock, Share * expected.Clock);
        if (expected.Steps > 0) Assert.Equal(expected.LogTime, actual.LogTime, 1e-11 * (1 + Math.Abs(expected.LogTime)));
        TorchMarginFieldTests.Close(expected.W.ToArray(), actual.W.ToArray(), 1e-11);
    }

    private static (IReadOnlyList<TrajectoryPoint> Points, IReadOnlyList<RunEnd> Ends) Together(
        string device, IReadOnlyList<Member> members)
    {
        using var ensemble = new EnsembleTrajectory(Shape, Loss, [.. members.Select(member => member.Run)], DeviceName.Resolve(device));
        var ends = ensemble.Follow();
        return (ensemble.Points, ends);
    }

    /// <summary>On a device, or step by step on the host.</summary>
    private static (TrajectoryPoint Point, RunEnd End) Alone(string? device, Member member)
    {
        var run = member.Run;
        if (device is null)
        {
            var fused = new FusedField(Shape, run.Points.Z, Loss, 1);
            var there = EngineProblems.Point(fused, run.Start);
            return (there, Trajectory.Follow(new FlowSystem(fused, Clock.Time), new GradientDescent(run.Rule), there, run.Plan));
        }
        using var field = new TorchMarginField(Shape, run.Points, Loss, DeviceName.Resolve(device));
        using var stepper = new DeviceDescent(run.Rule);
        var point = EngineProblems.Point(field, run.Start);
        return (point, Trajectory.Follow(new FlowSystem(field, Clock.Time), stepper, point, run.Plan));
    }

    private static SignedPoints Points(int seed) => new(EngineProblems.Separable(Count, Shape.Inputs, seed), Count, Shape.Inputs);

    /// <summary>A run built anew each time, and what its observer saw.</summary>
    private sealed class Member
    {
        public Member(int seed, string rule, bool ownData, long steps, Func<RunPlan, RunPlan>? change = null)
        {
            var plan = new RunPlan
            {
                Stops = [Stops.StepLimit(steps)],
                Schedule = SampleSchedule.LogSpacedSteps(7),
                OnSample = point =>
                {
                    Samples.Add((point.Steps, point.Value.LogRisk, point.DirectionNorm, point.W.ToArray()));
                    return null;
                },
            };
            IStepRule steppingBy = rule switch
            {
                "constant" => new ConstantStep(0.1 * (1 + seed % 3)),
                "assumption5" => new AssumptionFiveStep(Loss, Shape.Depth),
                _ => new LossScaledStep(1e-4 * (1 + seed)),
            };
            Run = new EnsembleRun(Points(ownData ? seed : 0), EngineProblems.Gaussian(Shape, 100 + seed, 0.9), steppingBy,
                change?.Invoke(plan) ?? plan);
        }

        public EnsembleRun Run { get; }

        public List<(long Steps, double LogRisk, double Norm, double[] W)> Samples { get; } = [];
    }
}
