using System.Text.Json;
using System.Text.Json.Nodes;
using TorchAlign.Data;
using TorchAlign.Experiments.Papers;
using TorchAlign.Experiments.Runs;
using TorchAlign.Experiments.Settings;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Compare;

/// <summary>The problems that `compare pytorch` knows, and how it takes one from the folder of a run.</summary>
internal static class CompareCases
{
    public static readonly string[] Names = ["figure1", "iris", "digits35"];

    /// <summary>
    /// Of a case the networks for descent, whose Gaussian start of scale 1 keeps the size of what goes through, so that
    /// 1,000 steps lead somewhere; and of figure 1 those of the figure itself, for the flow.
    /// </summary>
    public static (IReadOnlyList<ComparedNetwork> Descent, IReadOnlyList<ComparedNetwork> Flow) Named(
        string name, int seed, int threads, CancellationToken cancellation)
    {
        var figure = Figure1.Settings(seed, target: 0.5, threads);
        var data = name switch
        {
            "iris" => Shipped("iris", new ReadOptions { Positive = "setosa", Center = true }),
            "digits35" => Shipped("digits", new ReadOptions { Positive = "3", Negative = "5" }),
            _ => figure.Data,
        };
        int[][] hidden = name switch
        {
            "figure1" => [[], [4, 4, 4]],
            "iris" => [[4, 4, 4]],
            _ => [[64, 32]],
        };
        var settings = figure with { Data = data, Stop = new StopSettings { Steps = 1 } };
        var points = DataLoading.Load(data, seed).ToSignedPoints();
        var reference = HardMargin.Solve(points, cancellation);
        return (
            Of(hidden.Select(widths => figure.Networks[0] with { Hidden = widths, Init = "gaussian", Scale = 1 })),
            name == "figure1" ? Of(figure.Networks) : []);

        ComparedNetwork[] Of(IEnumerable<NetworkSettings> networks) =>
            [.. networks.Select(network => Started(settings, network, points, reference))];
    }

    /// <summary>The networks of a run, from its run.json and state.npz.</summary>
    /// <exception cref="CommandException">It is no run of train or figure1, or its data have changed.</exception>
    public static IReadOnlyList<ComparedNetwork> OfRun(string folder, CancellationToken cancellation)
    {
        var description = Path.Combine(folder, RunFolder.DescriptionFile);
        var state = Path.Combine(folder, RunFolder.StateFile);
        foreach (var file in (string[])[description, state])
            if (!File.Exists(file))
                throw new CommandException(
                    $"{folder} is not the folder of a finished run: there is no {Path.GetFileName(file)}.");
        RunSettings settings;
        string hash;
        try
        {
            var json = JsonNode.Parse(File.ReadAllText(description))!;
            settings = json["configuration"].Deserialize<RunSettings>(RecordJson.Options)!;
            hash = json["data"]!["sha256"]!.GetValue<string>();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new CommandException(
                $"{description} does not describe a run of train or figure1 ({error.Message.TrimEnd('.')}).");
        }
        var data = DataLoading.Load(settings.Data, settings.Seed);
        if (data.Hash != hash)
            throw new CommandException(
                $"The data of {folder} have changed: {data.Name} now has SHA-256 {data.Hash}, then {hash}.");
        var points = data.ToSignedPoints();
        var reference = HardMargin.Solve(points, cancellation);
        var arrays = NpzReader.Read(state);
        var shapes = settings.Networks.Select(network => new NetworkShape([points.Dimension, .. network.Hidden, 1]));
        return
        [
            .. NetworkIdentity.ByDepth(shapes).Select(identity => new ComparedNetwork(
                identity.Name, settings, points, reference, identity.Shape, Initial(arrays, identity, state))),
        ];
    }

    private static double[] Initial(
        IReadOnlyDictionary<string, NpyArray> arrays, NetworkIdentity identity, string file)
    {
        return [.. Enumerable.Range(1, identity.Shape.Depth).SelectMany(k => Layer($"{identity.Name}_W{k}_initial", k - 1))];

        double[] Layer(string name, int layer) =>
            arrays.TryGetValue(name, out var array) && array.Length == identity.Shape.Layout.LengthOf(layer)
                ? array.ToDoubles()
                : throw new CommandException($"{file} has no tensor '{name}' of the shape in run.json.");
    }

    private static DataSettings Shipped(string source, ReadOptions read) => new() { Source = source, Read = read };

    private static ComparedNetwork Started(
        RunSettings settings, NetworkSettings network, SignedPoints points, MarginSolution reference)
    {
        var run = new NetworkRun(settings, network, points, reference);
        return new ComparedNetwork($"L{run.Shape.Depth}", settings, points, reference, run.Shape, run.Start);
    }
}
