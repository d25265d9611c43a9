using TorchAlign.Data;
using TorchAlign.Experiments.Commands;
using TorchAlign.MaxMargin;
using TorchAlign.Recording;
using static TorchSharp.torch;

namespace TorchAlign.Experiments.Runs;

/// <summary>
/// Data, maximum margin, one run a network, and the folder that keeps it all: what <c>figure1</c> and <c>train</c> have in common.
/// </summary>
internal sealed class LinearExperiment(string command, string title, string claim, RunSettings settings, Output output)
{
    /// <summary>Entries of data whose garbage is worth a collection, which takes milliseconds.</summary>
    private const int LargeData = 1 << 17;

    public int Run(CancellationToken cancellation)
    {
        var (data, points) = Load();
        // Reading leaves garbage of the size of the data, which the collector would keep for the length of the run.
        if (points.Z.Length > LargeData) GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var reference = HardMargin.Solve(points, cancellation);
        set_num_threads(settings.Method.Threads);
        RequireWhatStopsNeed(reference);
        var runs = settings.Networks.Select(network => new NetworkRun(settings, network, points, reference)).ToArray();
        var identities = NetworkIdentity.ByDepth(runs.Select(run => run.Shape));

        using var folder = output.Open(Describe(data, identities));
        if (folder is null) return CommandLine.Success;
        var named = identities.Zip(runs, (identity, run) => (identity.Name, Run: run)).ToArray();
        var work = Task.Run(() =>
        {
            foreach (var (name, run) in named)
            {
                run.Follow(seen => folder.Append(name, seen), cancellation);
                if (cancellation.IsCancellationRequested) break;
            }
        }, CancellationToken.None);
        RunProgress.Show([.. named.Select(network => ($"L = {network.Run.Shape.Depth}", network.Run))], settings.Stop, work);

        var followed = named.Where(network => network.Run.Observations.Count > 0).ToArray();
        var outcome = new ExperimentOutcome(command, title, claim, settings, data, points, reference, followed);
        outcome.Save(folder);
        outcome.Print(folder.Path, output.Json);
        return cancellation.IsCancellationRequested ? CommandLine.Interrupted : CommandLine.Success;
    }

    /// <summary>What the run needs of the data: the points once, and of the labelled set what is shown.</summary>
    private (ShownData Data, SignedPoints Points) Load()
    {
        var data = DataLoading.Load(settings.Data, settings.Seed);
        var points = data.ToSignedPoints();
        return (ShownData.Of(data, points), points);
    }

    private RunDescription Describe(ShownData data, IReadOnlyList<NetworkIdentity> networks) => new()
    {
        CommandLine = output.CommandLine,
        Configuration = settings,
        Seed = settings.Seed,
        Versions = RunVersions.Current(__version__),
        Device = "cpu",
        Dtype = "float64",
        Data = new DataIdentity(data.Name, data.Hash),
        Networks = networks,
    };

    private void RequireWhatStopsNeed(MarginSolution reference)
    {
        if (reference.Separability != Separability.No) return;
        if ((settings.Stop.OneMinusCosine ?? settings.Stop.MarginGap) is null) return;
        throw new CommandException($"{reference.Message} So there is no maximum-margin direction to converge to: "
            + "append a constant feature (--append-constant), or stop by --risk, --steps or --stagnation.");
    }
}
