using TorchAlign.Checkpoints;
using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Experiments.Machines;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Settings;
using TorchAlign.MaxMargin;
using TorchAlign.Recording;
using static TorchSharp.torch;

namespace TorchAlign.Experiments.Runs;

/// <summary>
/// Data, maximum margin, one run a network, and the folder that keeps it all: what <c>figure1</c> and <c>train</c> have in common.
/// </summary>
internal sealed class LinearExperiment(
    string command, string title, string claim, RunSettings settings, Output output, Keeping keeping) : IExperiment
{
    private readonly RunVersions _versions = ProgramVersions.Current;

    public RunSettings Settings { get; private set; } = settings;

    public int Run(CancellationToken cancellation)
    {
        using var run = Open(new DataCache(), together: false, cancellation);
        if (run is null) return CommandLine.Success;
        var folder = run.Folder.Path;
        Interruption.GoesOnWith($"{command} --resume {folder}", () => RunFolder.CanGoOn(folder));
        var work = Task.Run(() => run.Follow(cancellation), CancellationToken.None);
        RunProgress.Show([.. run.Networks.Select(network => ($"L = {network.Run.Shape.Depth}", network.Run))], Settings.Stop, work);
        return run.Finish(cancellation);
    }

    /// <summary>
    /// Finds everything that can be wrong, then takes the folder: a run ready to be followed; null where it was only to be described,
    /// which is done then.
    /// </summary>
    /// <param name="cache">Where other runs may have left the data.</param>
    /// <param name="together">Whether the networks will be followed together with those of other runs.</param>
    /// <param name="cancellation">Ends the search for the maximum margin.</param>
    /// <exception cref="CommandException">The settings cannot be met.</exception>
    /// <exception cref="DataException">The data cannot be read.</exception>
    /// <exception cref="RecordingException">The folder is not to be had.</exception>
    /// <exception cref="DeviceMemoryException">The data do not fit on the device.</exception>
    public LinearRun? Open(DataCache cache, bool together, CancellationToken cancellation)
    {
        SettingsCheck.Require(Settings);
        var problem = cache.Load(Settings, cancellation);
        keeping.Earlier?.RequireSame(new DataIdentity(problem.Data.Name, problem.Data.Hash));
        set_num_threads(Settings.Method.Threads);
        if (Settings.Stop.MayGoWithoutTarget && problem.Reference.Separability == Separability.No)
            Settings = Settings with { Stop = Settings.Stop with { OneMinusCosine = null } };
        RequireWhatStopsNeed(problem.Reference);
        var runs = Settings.Networks
            .Select(network => new NetworkRun(Settings, network, problem.Points, problem.Reference)).ToArray();
        NetworkIdentity[] identities =
        [
            .. NetworkIdentity.ByDepth(runs.Select(run => run.Shape))
                .Zip(runs, (identity, run) => identity with { StartNote = run.StartNote }),
        ];
        var networks = identities.Zip(runs, (identity, run) => (identity.Name, Run: run)).ToArray();
        // What does not fit is found before anything is written.
        if (!together && !output.Describes && keeping.Earlier is null) runs[0].Prepare();
        var folder = output.Open(Describe(problem.Data, identities), keeping.Earlier is not null, Notice, out var checkpoint);
        if (folder is null) return null;
        foreach (var note in problem.Data.Notes) Notice(note);
        var opened = new LinearRun(
            new ExperimentOutcome(command, title, claim, Settings, problem, networks), folder, keeping.Every, output.Json);
        try
        {
            if (checkpoint is not null) GoOn(opened, checkpoint);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>The run that a folder holds, as far as it came, for its report.</summary>
    /// <exception cref="CommandException">Its data have changed.</exception>
    /// <exception cref="DataException">Its data, or its start, are not there any more.</exception>
    /// <exception cref="RecordingException">Its trajectory is not there, or damaged.</exception>
    public ExperimentOutcome Recall(CancellationToken cancellation)
    {
        var earlier = keeping.Earlier!;
        var problem = new DataCache().Load(Settings, cancellation);
        earlier.RequireSame(new DataIdentity(problem.Data.Name, problem.Data.Hash));
        var runs = Settings.Networks
            .Select(network => new NetworkRun(Settings, network, problem.Points, problem.Reference)).ToArray();
        var identities = NetworkIdentity.ByDepth(runs.Select(run => run.Shape));
        var rows = RunFolder.ReadTrajectory(earlier.Folder, identities).ToLookup(row => row.Network, row => row.Observation);
        // The summary tells of those that were seen, in their order.
        var seen = identities.Zip(runs, (identity, run) => (identity.Name, Run: run)).Where(network => rows[network.Name].Any()).ToArray();
        var ends = earlier.Ends();
        var state = NpzReader.Read(Path.Combine(earlier.Folder, RunFolder.StateFile));
        foreach (var (i, network) in seen.Index())
            network.Run.Recall(ends.ElementAtOrDefault(i), Final(network.Name, network.Run.Shape.Depth), rows[network.Name]);
        return new ExperimentOutcome(command, title, claim, Settings, problem, seen);

        double[] Final(string name, int depth) => [.. Enumerable.Range(1, depth).SelectMany(k =>
            state.TryGetValue($"{name}_W{k}_final", out var layer) ? layer.ToDoubles()
                : throw new DataException($"{earlier.Folder}: {RunFolder.StateFile} has no array {name}_W{k}_final."))];
    }

    /// <summary>Puts the networks where the checkpoint says, and writes down who goes on from where.</summary>
    private void GoOn(LinearRun run, Snapshot checkpoint)
    {
        run.TakeUp(checkpoint);
        var next = run.Networks.FirstOrDefault(network => !network.Run.HasEnded);
        run.Folder.AddSession(new RunSession(output.CommandLine, _versions, Device, next.Name, next.Run?.ResumedAt ?? 0));
        if (keeping.Earlier!.OtherVersions(_versions) is { } note) Notice(note);
    }

    private static void Notice(string text) => Console.Error.WriteLine($"torchalign: {text}");

    private string Device => DeviceName.Describe(DeviceChoice.Resolve(Settings.Method.Device));

    private RunDescription Describe(ShownData data, IReadOnlyList<NetworkIdentity> networks) => new()
    {
        CommandLine = keeping.Earlier?.Record.CommandLine ?? output.CommandLine,
        Command = command,
        Configuration = Settings,
        Seed = Settings.Seed,
        Versions = _versions,
        Device = Device,
        Dtype = Settings.Method.Dtype,
        Data = new DataIdentity(data.Name, data.Hash) { Prepared = data.Summary },
        Networks = networks,
    };

    private void RequireWhatStopsNeed(MarginSolution reference)
    {
        if (reference.Separability != Separability.No) return;
        if ((Settings.Stop.OneMinusCosine ?? Settings.Stop.MarginGap) is null) return;
        throw new CommandException($"{reference.Message} So there is no maximum-margin direction to converge to: "
            + "append a constant feature (--append-constant), or stop by --risk, --steps or --stagnation.");
    }
}
