using TorchAlign.Checkpoints;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Runs;

/// <summary>Keeps the networks of a run in its folder, every so often and when the run is interrupted.</summary>
internal sealed class RunKeeper : IDisposable
{
    private readonly RunFolder _folder;
    private readonly IReadOnlyList<(string Name, NetworkRun Run)> _networks;
    private readonly Timer? _timer;
    private volatile bool _due;

    public RunKeeper(RunFolder folder, IReadOnlyList<(string Name, NetworkRun Run)> networks, TimeSpan every)
    {
        (_folder, _networks) = (folder, networks);
        // A run asks at every step, and looking at the clock there would cost more than some steps do.
        if (every > TimeSpan.Zero) _timer = new Timer(_ => _due = true, null, every, every);
    }

    public bool IsDue => _due;

    /// <summary>Writes a checkpoint of all networks.</summary>
    /// <exception cref="RecordingException">The disk refused.</exception>
    public void Keep()
    {
        _due = false;
        var memory = new Snapshot();
        foreach (var (name, run) in _networks) run.Save(memory.Part(name));
        _folder.WriteCheckpoint(memory);
    }

    /// <summary>Puts the networks where a checkpoint says, with the observations up to there.</summary>
    public void TakeUp(Snapshot memory)
    {
        var rows = _folder.ReadTrajectory().ToLookup(row => row.Network, row => row.Observation);
        foreach (var (name, run) in _networks) run.Restore(memory.Part(name), rows[name]);
    }

    public void Dispose() => _timer?.Dispose();
}
