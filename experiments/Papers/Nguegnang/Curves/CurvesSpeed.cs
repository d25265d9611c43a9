using System.Globalization;
using System.Numerics.Tensors;
using TorchAlign.Experiments.Python;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Runs;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>What the networks of a problem took side by side, samples for the charts included.</summary>
/// <param name="Problem">Its name.</param>
/// <param name="Steps">Of all networks together.</param>
/// <param name="Seconds">The wall time of each network, added up and divided by how many ran at a time.</param>
internal sealed record ProblemTime(string Problem, long Steps, double Seconds)
{
    public double SecondsPerStep => Seconds / Steps;
}

/// <summary>A network against its PyTorch twin over the same steps.</summary>
/// <param name="Problem">Of the network.</param>
/// <param name="Label">Of the network.</param>
/// <param name="Ours">Seconds a step, alone on one core.</param>
/// <param name="Twin">Seconds a step, with the threads that suit it best.</param>
/// <param name="TwinThreads">Those threads.</param>
/// <param name="Deviation">Of the weights after the steps, relative.</param>
internal sealed record NetworkSpeed(string Problem, string Label, double Ours, double Twin, int TwinThreads, double Deviation);

/// <summary>Speed against pytorch/squared.py, measured before the run itself, on the same machine in the same process.</summary>
internal sealed record CurvesSpeed(IReadOnlyList<NetworkSpeed> Networks)
{
    /// <summary>Steps that both take.</summary>
    public const int Steps = 1000;

    private static readonly TimeSpan _sample = TimeSpan.FromSeconds(0.3);

    /// <exception cref="CommandException">The twin fails.</exception>
    public static CurvesSpeed Measure(PaperRun run, IReadOnlyList<CurveNetwork> networks, int threads, CancellationToken cancellation)
    {
        var speeds = new List<NetworkSpeed>();
        using var folder = Leftovers.Folder("torchalign-squared-");
        try
        {
            foreach (var problem in networks.GroupBy(network => network.Problem))
            {
                run.Tell("timing PyTorch", (double)speeds.Count / networks.Count);
                var path = Path.Combine(folder.Path, "problem.npz");
                NpzWriter.Write(path, [.. Arrays(problem.Key, problem)]);
                var results = new List<(int Threads, IReadOnlyDictionary<string, Data.NpyArray> Arrays)>();
                foreach (var count in new[] { 1, threads }.Distinct())
                    results.Add((count, TwinScript.Run("squared.py", [path], folder.Path, count,
                        [
                            "--steps", Steps.ToString(CultureInfo.InvariantCulture), "--threads",
                            count.ToString(CultureInfo.InvariantCulture),
                        ], cancellation).GetAwaiter().GetResult()));
                run.Tell("timing TorchAlign", (speeds.Count + 0.8 * problem.Count()) / networks.Count);
                speeds.AddRange(problem.Select(network => Against(network, results, cancellation)));
            }
        }
        catch (TwinException error)
        {
            throw new CommandException($"{error.Message} Repair it, or leave --compare-pytorch away.");
        }
        return new CurvesSpeed(speeds);
    }

    /// <param name="times">Of the run, problem by problem.</param>
    public object Summary(IReadOnlyList<ProblemTime> times) => new
    {
        Steps,
        Networks,
        Problems = times.Select(time => new { time.Problem, time.SecondsPerStep, TwinSecondsPerStep = Twin(time), Ratio = Ratio(time) }),
    };

    public ReportTable Table(IReadOnlyList<ProblemTime> times) => new("Against PyTorch",
        ["network", "µs a step", "PyTorch µs a step", "PyTorch's threads", "ratio", "deviation of the weights"],
        [
            .. Networks.Select(network => (IReadOnlyList<string>)
            [
                network.Label, Numbers.Short(1e6 * network.Ours), Numbers.Short(1e6 * network.Twin), Numbers.Count(network.TwinThreads),
                Numbers.Short(network.Twin / network.Ours), Numbers.Short(network.Deviation),
            ]),
            .. times.Select(time => (IReadOnlyList<string>)
            [
                $"{time.Problem}, all side by side", Numbers.Short(1e6 * time.SecondsPerStep), Numbers.Short(1e6 * Twin(time)), "",
                Numbers.Short(Ratio(time)), "",
            ]),
        ])
    {
        Note = $"Single networks: {Numbers.Count(Steps)} steps from the start, one network at a time: ours on one core, PyTorch (eager, "
            + $"n samples through the layers, autograd, SGD) with the threads that suit it best. All side by side: the wall time of the "
            + "run itself, on all threads and with the samples for the charts, over the steps of all networks. PyTorch's time grows with "
            + "n, ours does not.",
    };

    public string Claim(IReadOnlyList<ProblemTime> times) => "A step took " + string.Join(" and ", times.Select(time =>
        $"{Numbers.Short(Math.Round(1e6 * time.SecondsPerStep, 1))} µs ({time.Problem}), {Numbers.Short(Math.Round(Ratio(time), 1))} "
            + $"times less than the PyTorch twin's")) + ".";

    /// <summary>Seconds a step, the mean of the problem's networks.</summary>
    private double Twin(ProblemTime time) => Networks.Where(network => network.Problem == time.Problem).Average(network => network.Twin);

    private double Ratio(ProblemTime time) => Twin(time) / time.SecondsPerStep;

    private static NetworkSpeed Against(
        CurveNetwork network, List<(int Threads, IReadOnlyDictionary<string, Data.NpyArray> Arrays)> results,
        CancellationToken cancellation)
    {
        var loss = new EigenbasisLoss(network.Problem.Moments);
        var field = new ProductField(network.Shape, loss);
        var start = loss.Rotate(network.Shape, network.Start);
        var ours = loss.RotateBack(network.Shape, Stepping.WeightsAfter(field, start, network.Step, Steps));
        var name = $"N{network.Shape.Depth}";
        var best = results.MinBy(result => result.Arrays[$"{name}_seconds"].ToDoubles()[0]);
        double[] theirs = [.. Enumerable.Range(1, network.Shape.Depth).SelectMany(k => best.Arrays[$"{name}_w{k}"].ToDoubles())];
        return new NetworkSpeed(
            network.Problem.Name,
            Curves.Label(network),
            Stepping.SecondsPerStep(field, start, network.Step, Steps, _sample, cancellation),
            best.Arrays[$"{name}_seconds"].ToDoubles()[0] / Steps,
            best.Threads,
            TensorPrimitives.Distance<double>(ours, theirs) / TensorPrimitives.Norm<double>(ours));
    }

    private static IEnumerable<NpzArray> Arrays(SquaredProblem problem, IEnumerable<CurveNetwork> networks)
    {
        yield return NpzArray.Float64("x", problem.Data.X.Values.ToArray(), problem.Data.Count, problem.Data.Inputs);
        yield return NpzArray.Float64("y", problem.Data.Y.Values.ToArray(), problem.Data.Count, problem.Data.Outputs);
        foreach (var network in networks)
        {
            var (shape, name) = (network.Shape, $"N{network.Shape.Depth}");
            yield return NpzArray.Float64($"{name}_lr", [network.Step]);
            for (var k = 0; k < shape.Depth; k++)
                yield return NpzArray.Float64($"{name}_w{k + 1}", shape.Layer(network.Start.AsSpan(), k).ToArray(), shape.Rows(k),
                    shape.Columns(k));
        }
    }
}
