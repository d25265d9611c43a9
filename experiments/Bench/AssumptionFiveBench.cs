using System.Diagnostics;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;

namespace TorchAlign.Experiments.Bench;

/// <summary>A long run of the paper's descent on figure 1: logistic loss, L = 4, the rule of Assumption 5 at every step.</summary>
internal static class AssumptionFiveBench
{
    public const string Name = "assumption5";

    private const int SamplesPerDecade = 40;
    private const int TellEvery = 5;

    public static AssumptionFiveResult Run(BenchSettings settings, CancellationToken cancellation)
    {
        var flow = FlowCase.Figure1;
        var (problem, reference) = BenchProblem.Figure(flow.Data, flow.Hidden, "logistic", settings.Seed, cancellation);
        var field = new FusedField(problem.Shape, problem.Points.Z, problem.Loss, settings.Threads);
        settings.Progress($"{Name}: {settings.DescentSteps:N0} steps");
        var w = field.NewState();
        w.CopyFrom(problem.Start);
        var point = new TrajectoryPoint(w);
        var watch = Stopwatch.StartNew();
        var told = 0;
        var end = Trajectory.Follow(new FlowSystem(field, Clock.Time),
            new GradientDescent(new AssumptionFiveStep(problem.Loss, problem.Shape.Depth)), point, new RunPlan
            {
                Stops = [Stops.StepLimit(settings.DescentSteps)],
                Schedule = SampleSchedule.LogSpacedSteps(SamplesPerDecade),
                Cancellation = cancellation,
                OnSample = here =>
                {
                    if ((int)watch.Elapsed.TotalSeconds / TellEvery is var period && period > told)
                    {
                        told = period;
                        settings.Progress($"{Name}: {here.Steps:N0} steps after {watch.Elapsed.TotalSeconds:0} s");
                    }
                    return null;
                },
            });
        watch.Stop();
        cancellation.ThrowIfCancellationRequested();
        if (point.Steps < settings.DescentSteps) throw new InvalidOperationException($"The descent ended early: {end.Message}");
        var product = LinearProduct.Of(problem.Shape, point.W.ToArray());
        return new AssumptionFiveResult
        {
            Points = problem.Points.Count,
            Hidden = flow.Hidden,
            Steps = point.Steps,
            Seconds = watch.Elapsed.TotalSeconds,
            Log10Risk = point.Value.LogRisk / Math.Log(10),
            OneMinusCosine = DirectionAngle.Between(product, reference.Direction).OneMinusCosine,
        };
    }
}
