using System.Diagnostics;
using System.Numerics.Tensors;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Python;
using TorchAlign.Experiments.Runs;
using TorchAlign.Fields;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;

namespace TorchAlign.Experiments.Bench;

/// <summary>Time to 1 - cos by SEULEX, and what plain descent in PyTorch reaches in a bounded number of steps.</summary>
internal sealed class FlowBench(BenchSettings settings, string folder)
{
    /// <summary>The largest that stays stable on figure 1, and the furthest the script gets.</summary>
    private const double TwinLearningRate = 1;

    private const int TwinLooksEvery = 100;
    private const int MostSteps = 1_000_000;

    /// <summary>In a sample.</summary>
    private const int FewestRuns = 15;

    public async Task<FlowResult> Run(FlowCase flow, bool withTwin, CancellationToken cancellation)
    {
        settings.Progress($"{flow.Name}: making points and maximum margin");
        var (problem, reference) = BenchProblem.Figure(flow.Data, flow.Hidden, "exponential", settings.Seed, cancellation);
        var field = new FusedField(problem.Shape, problem.Points.Z, problem.Loss, settings.Threads);
        double[] targets = [.. flow.Targets.Select(target => target.OneMinusCosine)];
        using var twin = withTwin && flow.WithTwin ? problem.StartTwin(TwinLearningRate, settings.Threads, folder) : null;

        Stepping.WarmUp(() => Follow(field, problem, reference, targets, cancellation), settings.WarmUp);
        var last = Follow(field, problem, reference, targets, cancellation);
        var ours = targets.Select(_ => new List<double>()).ToArray();
        for (var round = 1; round <= settings.Rounds; round++)
        {
            settings.Progress($"{flow.Name}: round {round} of {settings.Rounds}");
            Sample();
        }
        (TwinFlow Run, double?[] Reached)? python =
            twin is null ? null : await FollowTwin(twin, flow, targets, reference, cancellation);

        return new FlowResult
        {
            Name = flow.Name,
            Points = problem.Points.Count,
            Dimension = problem.Points.Dimension,
            Hidden = flow.Hidden,
            Loss = problem.Loss.Name,
            Stepper = "seulex",
            Targets =
            [
                .. flow.Targets.Select((target, i) =>
                {
                    var seconds = Spread.Of(ours[i]);
                    var theirs = python?.Reached[i];
                    return new FlowTarget(
                        target.OneMinusCosine, seconds, last.Evaluations[i], target.Goal, theirs, theirs / seconds.Median);
                }),
            ],
            BalancednessDrift = last.Drift,
            AngleTimesNorm = last.AngleTimesNorm,
            PredictedAngleTimesNorm = ResidualPrediction.Of(problem.Points, reference) is { Complete: true } residual ? residual.Norm : null,
            Python = python?.Run,
        };

        // Several runs, each a few milliseconds long; their median is the round's number.
        void Sample()
        {
            var runs = targets.Select(_ => new List<double>()).ToArray();
            for (var begin = Stopwatch.GetTimestamp(); runs[0].Count < FewestRuns || Stopwatch.GetElapsedTime(begin) < settings.OurSample;)
            {
                var run = Follow(field, problem, reference, targets, cancellation);
                for (var i = 0; i < targets.Length; i++) runs[i].Add(run.Seconds[i]);
            }
            for (var i = 0; i < targets.Length; i++) ours[i].Add(Spread.Of(runs[i]).Median);
        }
    }

    /// <summary>
    /// One run, as it takes thousands of ours; a target counts from where on all looks were below it, since a direction that
    /// turns may cross the right one early.
    /// </summary>
    private async Task<(TwinFlow Run, double?[] Reached)> FollowTwin(
        PythonTwin twin, FlowCase flow, double[] targets, MarginSolution reference, CancellationToken cancellation)
    {
        settings.Progress($"{flow.Name}: {settings.TwinFlowSteps:N0} steps in PyTorch");
        var (threads, _) = await twin.ChooseThreads(PythonTwin.Eager, TwinLooksEvery, settings.Threads, cancellation);
        var looks = await twin.Follow(PythonTwin.Eager, settings.TwinFlowSteps, TwinLooksEvery, cancellation);
        double[] distances = [.. looks.Select(look => DirectionAngle.Between(look.Product, reference.Direction).OneMinusCosine)];
        var reached = targets.Select(target => Array.FindLastIndex(distances, distance => !(distance <= target)) + 1);
        return (new TwinFlow(TwinLearningRate, settings.TwinFlowSteps, threads, looks[^1].Seconds, distances[^1]),
            [.. reached.Select(look => look < looks.Count ? looks[look].Seconds : (double?)null)]);
    }

    /// <summary>One run to the last target, with the seconds from which on each one held.</summary>
    private static FlowRun Follow(
        FusedField field, BenchProblem problem, MarginSolution reference, double[] targets, CancellationToken cancellation)
    {
        var seconds = new double[targets.Length];
        var evaluations = new long[targets.Length];
        var w = field.NewState();
        w.CopyFrom(problem.Start);
        var point = new TrajectoryPoint(w);
        var reached = new RunEnd("reached", true, "");
        var angle = default(DirectionAngle);
        var begin = Stopwatch.GetTimestamp();
        var end = Trajectory.Follow(new FlowSystem(field, Clock.LogRisk), new Seulex(), point, new RunPlan
        {
            Stops = [Stops.StepLimit(MostSteps)],
            Schedule = SampleSchedule.EveryStep,
            Cancellation = cancellation,
            OnSample = here =>
            {
                angle = DirectionAngle.Between(field.Product, reference.Direction);
                var distance = angle.OneMinusCosine;
                for (var i = 0; i < targets.Length; i++)
                {
                    if (!(distance <= targets[i])) seconds[i] = 0;
                    else if (seconds[i] == 0) (seconds[i], evaluations[i]) = (Stopwatch.GetElapsedTime(begin).TotalSeconds, here.Evaluations);
                }
                return seconds[^1] > 0 ? reached : null;
            },
        });
        cancellation.ThrowIfCancellationRequested();
        if (end != reached) throw new InvalidOperationException($"The flow ended before 1 - cos = {targets[^1]}: {end.Message}");
        var state = point.W.ToArray();
        var drift = Balancedness.Drift(Balancedness.Of(problem.Shape, problem.Start), Balancedness.Of(problem.Shape, state));
        return new FlowRun(seconds, evaluations, drift / TensorPrimitives.SumOfSquares<double>(state),
            angle.Sine * TensorPrimitives.Norm(field.Product));
    }

    private sealed record FlowRun(double[] Seconds, long[] Evaluations, double Drift, double AngleTimesNorm);
}
