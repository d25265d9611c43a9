using TorchAlign.Checkpoints;
using TorchAlign.Experiments.Settings;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Runs;

/// <summary>A run whose folder is held: its networks, followed one after another, and the files that come of it.</summary>
internal sealed class LinearRun : IDisposable
{
    private readonly ExperimentOutcome _outcome;
    private readonly RunKeeper _keeper;
    private readonly bool _json;

    /// <param name="outcome">The networks, none of them followed yet.</param>
    /// <param name="folder">Theirs from here on.</param>
    /// <param name="every">Between two checkpoints; zero for none but that of an interruption.</param>
    /// <param name="json">Whether the summary is printed as JSON.</param>
    public LinearRun(ExperimentOutcome outcome, RunFolder folder, TimeSpan every, bool json)
    {
        (_outcome, Folder, _json) = (outcome, folder, json);
        _keeper = new RunKeeper(folder, outcome.Networks, every);
    }

    public RunFolder Folder { get; }

    public RunSettings Settings => _outcome.Settings;

    public IReadOnlyList<(string Name, NetworkRun Run)> Networks => _outcome.Networks;

    /// <summary>Whether every network has come to an end of its own.</summary>
    public bool HasEnded => Networks.All(network => network.Run.HasEnded);

    /// <summary>Puts the networks where a checkpoint says.</summary>
    public void TakeUp(Snapshot checkpoint) => _keeper.TakeUp(checkpoint);

    /// <summary>Writes a checkpoint of all networks.</summary>
    public void Keep() => _keeper.Keep();

    /// <summary>Who is told of a network: the table and the checkpoints.</summary>
    public RunHooks HooksOf(string network) => new(seen => Folder.Append(network, seen), () => _keeper.IsDue, _keeper.Keep);

    /// <summary>Follows every network that has not ended.</summary>
    public void Follow(CancellationToken cancellation)
    {
        foreach (var (name, run) in Networks.Where(network => !network.Run.HasEnded))
        {
            if (cancellation.IsCancellationRequested)
            {
                // Between two networks nobody else keeps the run.
                Keep();
                return;
            }
            run.Follow(HooksOf(name), cancellation);
            if (!run.HasEnded) return;
        }
    }

    /// <summary>Writes what came of it.</summary>
    /// <returns>The exit code: that of a failure where a network could not go on to a goal or a limit.</returns>
    /// <exception cref="OperationCanceledException">Nothing was seen yet.</exception>
    /// <exception cref="CommandException">Nothing can be seen: the risk is not finite where it starts.</exception>
    public int Finish(CancellationToken cancellation)
    {
        var interrupted = !HasEnded;
        var followed = Networks.Where(network => network.Run.Observations.Count > 0).ToArray();
        if (followed.Length == 0)
            throw HasEnded ? new CommandException(Networks[0].Run.End!.Message) : new OperationCanceledException(cancellation);
        var outcome = _outcome with { Networks = followed };
        outcome.Save(Folder, interrupted, cancellation);
        outcome.Print(Folder.Path, _json, interrupted);
        if (interrupted) return CommandLine.Interrupted;
        return Networks.Any(network => network.Run.End!.Failed) ? CommandLine.Failure : CommandLine.Success;
    }

    public void Dispose()
    {
        _keeper.Dispose();
        Folder.Dispose();
    }
}
