using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Tests.Engine;

namespace TorchAlign.Tests.Devices;

/// <summary>Runs of one shape, followed together or one by one, and what it means that both are the same.</summary>
internal static class EnsembleRuns
{
    private const int Count = 24;
    private const double Share = 1e-12;

    public static readonly NetworkShape Shape = new(5, 4, 3, 1);
    public static readonly MarginLoss Loss = MarginLoss.Logistic;

    public static (IReadOnlyList<TrajectoryPoint> Points, IReadOnlyList<RunEnd> Ends) Together(
        string device, IReadOnlyList<FollowedRun> members, EnsembleFlowSettings? flow = null)
    {
        using var ensemble = new EnsembleTrajectory(
            Shape, Loss, [.. members.Select(member => member.Run)], DeviceName.Resolve(device), flow: flow);
        var told = new RunEnd?[members.Count];
        var ends = ensemble.Follow((i, end) => told[i] = told[i] is null ? end : throw new InvalidOperationException("It ended twice."));
        Assert.Equal(ends, told.Select(end => end!));
        return (ensemble.Points, ends);
    }

    /// <summary>On a device, or step by step on the host.</summary>
    public static (TrajectoryPoint Point, RunEnd End) Alone(string? device, EnsembleRun run)
    {
        if (device is null)
        {
            var fused = new FusedField(Shape, run.Points.Z, Loss, 1);
            var there = EngineProblems.Point(fused, run.Start);
            return (there, Trajectory.Follow(new FlowSystem(fused, Clock.Time), new GradientDescent(run.Rule!), there, run.Plan));
        }
        using var field = new TorchMarginField(Shape, run.Points, Loss, DeviceName.Resolve(device));
        using var stepper = new QueuedDescent(run.Rule!);
        var point = EngineProblems.Point(field, run.Start);
        return (point, Trajectory.Follow(new FlowSystem(field, Clock.Time), stepper, point, run.Plan));
    }

    public static void SameSamples(
        FollowedRun expected, FollowedRun actual, double risk = Share, double norm = 1e-9, double state = 1e-11)
    {
        Assert.Equal(expected.Samples.Select(sample => sample.Steps), actual.Samples.Select(sample => sample.Steps));
        Assert.All(expected.Samples.Zip(actual.Samples), pair =>
        {
            Assert.Equal(1, pair.Second.LogRisk / pair.First.LogRisk, risk);
            Assert.Equal(1, pair.Second.Norm / pair.First.Norm, norm);
            TorchMarginFieldTests.Close(pair.First.W, pair.Second.W, state);
        });
    }

    public static void SamePoint(TrajectoryPoint expected, TrajectoryPoint actual)
    {
        Assert.Equal((expected.Steps, expected.Rejected), (actual.Steps, actual.Rejected));
        Assert.Equal(1, actual.Value.LogRisk / expected.Value.LogRisk, Share);
        Assert.Equal(expected.Clock, actual.Clock, Share * expected.Clock);
        if (expected.Steps > 0) Assert.Equal(expected.LogTime, actual.LogTime, 1e-11 * (1 + Math.Abs(expected.LogTime)));
        TorchMarginFieldTests.Close(expected.W.ToArray(), actual.W.ToArray(), 1e-11);
    }

    public static SignedPoints Points(int seed) => new(EngineProblems.Separable(Count, Shape.Inputs, seed), Count, Shape.Inputs);
}

/// <summary>A run built anew each time, and what its observer saw.</summary>
internal sealed class FollowedRun
{
    public FollowedRun(int seed, string rule, bool ownData, long steps, Func<RunPlan, RunPlan>? change = null)
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
        IStepRule? steppingBy = rule switch
        {
            "flow" => null,
            "constant" => new ConstantStep(0.1 * (1 + seed % 3)),
            "scheduled" => ScheduledStep.Harmonic(0.2 * (1 + seed % 3), 10 + seed),
            "assumption5" => new AssumptionFiveStep(EnsembleRuns.Loss, EnsembleRuns.Shape.Depth),
            _ => new LossScaledStep(1e-4 * (1 + seed)),
        };
        Run = new EnsembleRun(EnsembleRuns.Points(ownData ? seed : 0), EngineProblems.Gaussian(EnsembleRuns.Shape, 100 + seed, 0.9),
            steppingBy, change?.Invoke(plan) ?? plan);
    }

    public EnsembleRun Run { get; }

    public List<(long Steps, double LogRisk, double Norm, double[] W)> Samples { get; } = [];
}
