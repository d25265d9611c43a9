using TorchAlign.Data;
using TorchAlign.Experiments.Papers;
using TorchAlign.Experiments.Python;
using TorchAlign.Experiments.Runs;
using TorchAlign.Experiments.Settings;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Bench;

/// <summary>What both sides start from: points, network and start; Start is (P).</summary>
internal sealed record BenchProblem(SignedPoints Points, NetworkShape Shape, double[] Start, MarginLoss Loss)
{
    private const double GaussianMargin = 0.1;

    /// <summary>Planar points for d = 2, Gaussian ones else; a Gaussian start of scale 1, which keeps the size of what goes through.</summary>
    public static BenchProblem Descent(DescentCase descent, int seed)
    {
        var data = descent.Dimension == 2
            ? Generators.PlanarSet(seed, descent.Count)
            : Generators.Gaussian(seed, descent.Count, descent.Dimension, GaussianMargin);
        var shape = new NetworkShape([descent.Dimension, .. descent.Hidden, 1]);
        var start = Initialization.Gaussian(shape, 1, new RandomStream(seed));
        return new BenchProblem(data.ToSignedPoints(), shape, start, LossOf(descent.Loss));
    }

    /// <summary>The settings of figure 1, start included, on its own data or other ones.</summary>
    public static (BenchProblem Problem, MarginSolution Reference) Figure(
        DataSettings data, IReadOnlyList<int> hidden, string loss, int seed, CancellationToken cancellation)
    {
        var figure = Figure1.Settings(seed, target: 0.5, threads: 1);
        var settings = figure with { Data = data, Loss = loss, Stop = new StopSettings { Steps = 1 } };
        var points = DataLoading.Load(data, seed).ToSignedPoints();
        var reference = HardMargin.Solve(points, cancellation);
        // For the start that the run takes after Assumption 2 has been met.
        var run = new NetworkRun(settings, figure.Networks[^1] with { Hidden = hidden }, points, reference);
        return (new BenchProblem(points, run.Shape, run.Start, LossOf(loss)), reference);
    }

    /// <summary>z (n, d) and w1 (d_1, d), w2 (d_2, d_1), ... as descent.py reads them.</summary>
    public void Write(string path) => NpzWriter.Write(path,
    [
        NpzArray.Float64("z", Points.Z, Points.Count, Points.Dimension),
        .. Enumerable.Range(0, Shape.Depth).Select(layer => NpzArray.Float64(
            $"w{layer + 1}", Shape.Layer(Start.AsSpan(), layer).ToArray(), Shape.Rows(layer), Shape.Columns(layer))),
    ]);

    /// <summary>PyTorch on this problem, which is written into <paramref name="folder"/>.</summary>
    /// <exception cref="TwinException">No Python with torch, or it does not start.</exception>
    public PythonTwin StartTwin(double step, int threads, string folder, params IEnumerable<string> more)
    {
        var path = Path.Combine(folder, "problem.npz");
        Write(path);
        return PythonTwin.Start(path, Loss.Name, step, threads, more);
    }

    private static MarginLoss LossOf(string name) => MarginLoss.All.Single(loss => loss.Name == name);
}
