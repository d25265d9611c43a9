namespace TorchAlign.Held;

/// <summary>
/// Workers of sweeps that wait before they begin to start, or are killed as they begin to work, through files in a folder: what would
/// take luck where signals are sent to processes that go their own way.
/// </summary>
public sealed class HeldFolder(string path)
{
    /// <summary>The folder, for the workers.</summary>
    public const string Variable = "TORCHALIGN_TEST_HELD_WORKERS";

    private const string Waiting = "worker-";
    private const string Kill = "kill-";

    private readonly HashSet<string> _seen = [];
    private readonly string _free = Path.Combine(path, "free");

    public bool IsFree => File.Exists(_free);

    public void Release() => File.WriteAllText(_free, "");

    public void Hold() => File.Delete(_free);

    /// <summary>So many workers are killed when they have their orders and before a run's folder is made.</summary>
    public void KillBeforeRuns(int workers)
    {
        for (var i = 0; i < workers; i++) File.WriteAllText(Path.Combine(path, $"{Kill}{i}"), "");
    }

    /// <summary>The process of a worker that waits and that was not named before; null for none.</summary>
    public int? Next() => Directory.GetFiles(path, Waiting + "*").FirstOrDefault(_seen.Add) is { } file
        ? int.Parse(Path.GetFileName(file)[Waiting.Length..])
        : null;

    internal void Enter(int process) => File.WriteAllText(Path.Combine(path, $"{Waiting}{process}"), "");

    /// <summary>Whether this worker is one of those to be killed.</summary>
    internal bool TakeKill()
    {
        if (Directory.GetFiles(path, Kill + "*") is not [var mark, ..]) return false;
        File.Delete(mark);
        return true;
    }
}
