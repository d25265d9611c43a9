using TorchAlign.Checkpoints;
using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Experiments.Commands;
using TorchAlign.MaxMargin;
using TorchAlign.Recording;
using static TorchSharp.torch;

namespace TorchAlign.Experiments.Runs;

/// <summary>
/// Data, maximum margin, one run a network, and the folder that keeps it all: what <c>figure1</c> and <c>train</c> have in common.
/// </summary>
internal sealed class LinearExperiment(
    string command, string title, string claim, RunSettings settings, Output output, Keeping keeping)
{
    /// <summary>Entries of data whose garbage is worth a collection, which takes milliseconds.</summary>
    private const int LargeData = 1 << 17;

    private readonly RunVersions _versions = RunVersions.Current(__version__);

    public int Run(CancellationToken cancellation)
    {
        SettingsCheck.Require(settings);
        var (data, points) = Load();
        keeping.Earlier?.RequireSame(new DataIdentity(data.Name, data.Hash));
        // Reading leaves garbage of the size of the data, which the collector would keep for the length of the run.
        if (points.Z.Length > LargeData) GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var reference = HardMargin.Solve(points, cancellation);
        set_num_threads(settings.Method.Threads);
        RequireWhatStopsNeed(reference);
        var runs = settings.Networks.Select(network => new NetworkRun(settings, network, points, reference)).ToArray();
        var identities = NetworkIdentity.ByDepth(runs.Select(run => run.Shape));

        var named = identities.Zip(runs, (identity, run) => (identity.Name, Run: run)).ToArray();
        using var folder = output.Open(Describe(data, identities), keeping.Earlier is not null, Notice, out var checkpoint);
        if (folder is null) return CommandLine.Success;
        using var keeper = new RunKeeper(folder, named, keeping.Every);
        if (checkpoint is not null) GoOn(folder, keeper, checkpoint, named);
        var work = Task.Run(() => Follow(folder, keeper, named, cancellation), CancellationToken.None);
        RunProgress.Show([.. named.Select(network => ($"L = {network.Run.Shape.Depth}", network.Run))], settings.Stop, work);

        var interrupted = named.Any(network => !network.Run.HasEnded);
        var followed = named.Where(network => network.Run.Observations.Count > 0).ToArray();
        if (followed.Length == 0) throw new OperationCanceledException(cancellation);
        var outcome = new ExperimentOutcome(command, title, claim, settings, data, points, reference, followed);
        outcome.Save(folder, keepCheckpoint: interrupted);
        outcome.Print(folder.Path, output.Json);
        return interrupted ? CommandLine.Interrupted : CommandLine.Success;
    }

    private static void Follow(
        RunFolder folder, RunKeeper keeper, IEnumerable<(string Name, NetworkRun Run)> networks, CancellationToken cancellation)
    {
        foreach (var (name, run) in networks.Where(network => !network.Run.HasEnded))
        {
            if (cancellation.IsCancellationRequested)
            {
                // Between two networks nobody else keeps the run.
                keeper.Keep();
                return;
            }
            run.Follow(seen => folder.Append(name, seen), () => keeper.IsDue, keeper.Keep, cancellation);
            if (!run.HasEnded) return;
        }
    }

    /// <summary>Puts the networks where the checkpoint says, and writes down who goes on from where.</summary>
    private void GoOn(RunFolder folder, RunKeeper keeper, Snapshot checkpoint, (string Name, NetworkRun Run)[] networks)
    {
        keeper.TakeUp(checkpoint);
        var next = networks.FirstOrDefault(network => !network.Run.HasEnded);
        folder.AddSession(new RunSession(output.CommandLine, _versions, Device, next.Name, next.Run?.ResumedAt ?? 0));
        if (keeping.Earlier!.OtherVersions(_versions) is { } note) Notice(note);
    }

    private static void Notice(string text) => Console.Error.WriteLine($"torchalign: {text}");

    private string Device => DeviceName.Describe(DeviceName.Resolve(settings.Method.Device));

    /// <summary>What the run needs of the data: the points once, and of the labelled set what is shown.</summary>
    private (ShownData Data, SignedPoints Points) Load()
    {
        var data = DataLoading.Load(settings.Data, settings.Seed);
        var points = data.ToSignedPoints();
        return (ShownData.Of(data, points), points);
    }

    private RunDescription Describe(ShownData data, IReadOnlyList<NetworkIdentity> networks) => new()
    {
        CommandLine = keeping.Earlier?.Record.CommandLine ?? output.CommandLine,
        Command = command,
        Configuration = settings,
        Seed = settings.Seed,
        Versions = _versions,
        Device = Device,
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
