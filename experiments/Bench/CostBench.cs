using System.Diagnostics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.States;

namespace TorchAlign.Experiments.Bench;

/// <summary>
/// How the time of a gradient grows with n, d, width and depth: O(n d + P), so each size is varied where its own term
/// outweighs the rest and, for the layers, while they fit into a core's cache. One thread, since where a second one joins in
/// there is a step in the curve.
/// </summary>
internal static class CostBench
{
    public const string Name = "cost";

    private static readonly Sweep[] Sweeps =
    [
        new("points", "d = 64, hidden 16", [2000, 4000, 8000, 16_000, 32_000], 1, n => (n, NetworkShape.Uniform(64, 2, 16))),
        new("dimension", "n = 2000, hidden 16", [64, 128, 256, 512, 1024], 1, d => (2000, NetworkShape.Uniform(d, 2, 16))),
        new("width", "n = 20, d = 4, L = 4", [64, 96, 128, 192, 256], 2, width => (20, NetworkShape.Uniform(4, 4, width))),
        new("depth", "n = 20, d = 4, width 32", [16, 32, 64, 128], 1, depth => (20, NetworkShape.Uniform(4, depth, 32))),
    ];

    public static IReadOnlyList<CostResult> Run(BenchSettings settings, CancellationToken cancellation)
    {
        List<CostResult> results = [];
        foreach (var sweep in Sweeps)
        {
            settings.Progress($"{Name}: against {sweep.Against}");
            (FusedField Field, StateVector W, StateVector Direction)[] sizes =
                [.. sweep.Sizes.Select(size => Make(sweep.Problem(size), settings.Seed))];
            var best = new double[sizes.Length];
            Array.Fill(best, double.PositiveInfinity);
            // Round by round over all sizes: load that comes and goes meets them all, and the fastest round is without it.
            for (var round = 0; round <= settings.Rounds; round++)
                for (var i = 0; i < sizes.Length; i++)
                    best[i] = Math.Min(best[i], Seconds(sizes[i].Field, sizes[i].W, sizes[i].Direction, settings.OurSample, cancellation));
            double[] x = [.. sweep.Sizes.Select(size => (double)size)];
            results.Add(new CostResult(sweep.Against, sweep.Fixed, x, best, PowerFit.Of(x, best).Exponent, sweep.Expected));
        }
        return results;
    }

    private static (FusedField, StateVector, StateVector) Make((int Points, NetworkShape Shape) problem, int seed)
    {
        var random = new RandomStream(seed);
        var z = new double[problem.Points * problem.Shape.Inputs];
        random.FillGaussian(z);
        var field = new FusedField(problem.Shape, z, MarginLoss.Logistic, threads: 1);
        var w = field.NewState();
        w.CopyFrom(Initialization.Gaussian(problem.Shape, 1, random));
        return (field, w, field.NewState());
    }

    private static double Seconds(FusedField field, StateVector w, StateVector direction, TimeSpan least, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        // The fastest of many short bursts: one that was preempted says nothing about the code.
        var best = long.MaxValue;
        var begin = Stopwatch.GetTimestamp();
        do
        {
            var start = Stopwatch.GetTimestamp();
            field.Evaluate(w, direction);
            best = Math.Min(best, Stopwatch.GetTimestamp() - start);
        } while (Stopwatch.GetElapsedTime(begin) < least);
        return (double)best / Stopwatch.Frequency;
    }

    private sealed record Sweep(
        string Against, string Fixed, int[] Sizes, double Expected, Func<int, (int Points, NetworkShape Shape)> Problem);
}
