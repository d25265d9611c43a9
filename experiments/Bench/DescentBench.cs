using System.Globalization;
using System.Numerics.Tensors;
using TorchAlign.Experiments.Python;
using TorchAlign.Experiments.Runs;
using TorchAlign.Fields;
using TorchAlign.Networks;
using TorchSharp;

namespace TorchAlign.Experiments.Bench;

/// <summary>One case of descent: first that all compute the same weights, then the times, round by round.</summary>
internal sealed class DescentBench(BenchSettings settings, string folder)
{
    /// <summary>Relative, on the weights.</summary>
    public const double AllowedDeviation = 1e-10;

    private const double ReadGoal = 2.5;

    /// <summary>Against the bandwidth, which is the best of several reads, counts the best of so many steps.</summary>
    private const int FastestOf = 20;

    public async Task<DescentResult> Run(DescentCase descent, bool withTwin, CancellationToken cancellation)
    {
        settings.Progress($"{descent.Name}: making points and networks");
        var problem = BenchProblem.Descent(descent, settings.Seed);
        using var scope = torch.NewDisposeScope();
        using var network = new LinearNetwork(problem.Shape);
        var autograd = AutogradMarginField.Of(network, problem.Points, problem.Loss, collapsed: true);
        var fused = new FusedField(problem.Shape, problem.Points.Z, problem.Loss, settings.Threads);
        using var twin = withTwin ? problem.StartTwin(descent.Step, settings.Threads, folder) : null;

        settings.Progress($"{descent.Name}: comparing the weights after {descent.CheckSteps} steps");
        var check = await Compare(descent, problem, fused, autograd, twin, cancellation);
        Report(descent, check);
        if (!check.Passed)
            throw new CheckFailedException($"{descent.Name}: the weights after {check.Steps} steps differ by more than {AllowedDeviation}.");

        Stepping.WarmUp(() => Stepping.WeightsAfter(fused, problem.Start, descent.Step, descent.CheckSteps), settings.WarmUp);
        var eager = await Plan(twin, PythonTwin.Eager, descent, cancellation);
        var collapsed = await Plan(twin, PythonTwin.Collapsed, descent, cancellation);
        // The same steps as the twin's, so that both see the same weights.
        var ourSteps = eager?.Steps ?? descent.CheckSteps;
        var isLargest = descent.Name == DescentCase.Largest.Name;
        using var bandwidth = isLargest ? new Bandwidth(settings.Threads) : null;

        var torchThreads = ChooseThreads(autograd, problem, descent, cancellation);

        List<double> ours = [], autograds = [], eagers = [], collapseds = [], bandwidths = [], fastest = [];
        for (var round = 1; round <= settings.Rounds; round++)
        {
            settings.Progress($"{descent.Name}: round {round} of {settings.Rounds}");
            var before = Time(fused, ourSteps);
            if (eager is not null) eagers.Add(await TimeTwin(eager));
            // On both sides of the twin's sample, so that load that comes or goes meets both.
            ours.Add((before + Time(fused, ourSteps)) / 2);
            if (collapsed is not null) collapseds.Add(await TimeTwin(collapsed));
            autograds.Add(Time(autograd, descent.CheckSteps));
            if (bandwidth is null) continue;
            bandwidths.Add(bandwidth.Measure());
            fastest.Add(Stepping.FastestStep(fused, problem.Start, descent.Step, FastestOf));
        }

        var times = new DescentTimes(Spread.Of(ours), Spread.Of(autograds),
            twin is null ? null : Spread.Of(eagers), twin is null ? null : Spread.Of(collapseds));
        return new DescentResult
        {
            Name = descent.Name,
            Points = descent.Count,
            Dimension = descent.Dimension,
            Hidden = descent.Hidden,
            Loss = descent.Loss,
            Step = descent.Step,
            Goal = descent.Goal,
            Check = check,
            SecondsPerStep = times,
            TorchThreads = new TorchThreads(eager?.Threads, collapsed?.Threads, torchThreads),
            Ratios = new DescentRatios(times.Eager?.Over(times.Ours), times.Collapsed?.Over(times.Ours), times.Autograd.Over(times.Ours)),
            Read = isLargest ? Read(problem, Spread.Of(fastest), Spread.Of(bandwidths)) : null,
        };

        double Time(IVectorField field, long steps) =>
            Stepping.SecondsPerStep(field, problem.Start, descent.Step, steps, settings.OurSample, cancellation);

        async Task<double> TimeTwin(TwinPlan plan)
        {
            await twin!.SetThreads(plan.Threads, cancellation);
            return await twin.Run(plan.Form, plan.Steps, cancellation) / plan.Steps;
        }
    }

    private static ReadResult Read(BenchProblem problem, Spread seconds, Spread bytesPerSecond)
    {
        var bytes = sizeof(double) * (long)problem.Points.Z.Length;
        var multiple = Spread.Of(seconds.Rounds.Zip(bytesPerSecond.Rounds, (step, speed) => step / (bytes / speed)));
        return new ReadResult(bytes, Bandwidth.ArrayBytes, bytesPerSecond, seconds, multiple, ReadGoal);
    }

    private static async Task<DescentCheck> Compare(
        DescentCase descent, BenchProblem problem, FusedField fused, IVectorField autograd, PythonTwin? twin, CancellationToken cancellation)
    {
        var ours = Stepping.WeightsAfter(fused, problem.Start, descent.Step, descent.CheckSteps);
        var theirs = Stepping.WeightsAfter(autograd, problem.Start, descent.Step, descent.CheckSteps);
        return new DescentCheck(descent.CheckSteps, AllowedDeviation,
            await Twin(PythonTwin.Eager), await Twin(PythonTwin.Collapsed), Deviation(theirs));

        async Task<double?> Twin(string form)
        {
            if (twin is null) return null;
            await twin.Run(form, descent.CheckSteps, cancellation);
            return Deviation(await twin.Weights(form, problem.Shape, cancellation));
        }

        double Deviation(double[] weights)
        {
            var distance = TensorPrimitives.Distance<double>(weights, ours) / TensorPrimitives.Norm<double>(ours);
            // NaN would pass any comparison the wrong way round.
            return double.IsNaN(distance) ? double.PositiveInfinity : distance;
        }
    }

    private void Report(DescentCase descent, DescentCheck check)
    {
        var python = check.Eager is { } eager ? $"eager {Text(eager)}, collapsed {Text(check.Collapsed!.Value)}, " : "";
        settings.Progress($"{descent.Name}: weights after {check.Steps} steps differ from ours by {python}autograd {Text(check.Autograd)}");

        static string Text(double value) => value.ToString("0.0e0", CultureInfo.InvariantCulture);
    }

    /// <summary>The threads that are best for the twin, and how many steps take it about as long as a sample should.</summary>
    private async Task<TwinPlan?> Plan(PythonTwin? twin, string form, DescentCase descent, CancellationToken cancellation)
    {
        if (twin is null) return null;
        var (threads, seconds) = await twin.ChooseThreads(form, descent.CheckSteps, settings.Threads, cancellation);
        return new TwinPlan(form, threads, Math.Max(1, (long)Math.Ceiling(settings.TwinSample.TotalSeconds / seconds)));
    }

    /// <summary>As the twin does: sets our torch to 1 thread or all of them, whichever is faster.</summary>
    private int ChooseThreads(IVectorField autograd, BenchProblem problem, DescentCase descent, CancellationToken cancellation)
    {
        int[] choices = [.. new[] { settings.Threads, 1 }.Distinct()];
        var best = choices.MinBy(threads =>
        {
            torch.set_num_threads(threads);
            return Stepping.SecondsPerStep(autograd, problem.Start, descent.Step, descent.CheckSteps, 2 * settings.OurSample, cancellation);
        });
        torch.set_num_threads(best);
        return best;
    }

    private sealed record TwinPlan(string Form, int Threads, long Steps);
}
