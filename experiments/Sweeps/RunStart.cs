using System.Diagnostics;
using TorchAlign.Data;
using TorchAlign.Experiments.Sweeps.Planning;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Sweeps;

/// <summary>How a run of a sweep ended in this process.</summary>
/// <param name="Cause">Why it failed; null where it did not.</param>
/// <param name="Seconds">From its command line to its last file.</param>
internal sealed record RunOutcome(bool Stopped, string? Cause, double Seconds);

/// <summary>The one place that knows how a run of a sweep is started, and how one that was begun goes on.</summary>
internal static class RunStart
{
    /// <summary>A worker whose sweep was killed takes this long at most to notice and to let go of its run.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Runs in this process; what goes wrong is the outcome's to tell.</summary>
    public static async Task<RunOutcome> Execute(
        System.CommandLine.Command root, IReadOnlyList<string> arguments, string folder, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            await WaitUntilFree(folder, cancellation);
            var status = await CommandLine.Invoke(root.Parse([.. arguments, $"--out={folder}", "--replace", "--json"]), cancellation);
            if (cancellation.IsCancellationRequested && RunStates.Of(folder) != RunState.Done) return Outcome(true, null);
            return Outcome(false, status == CommandLine.Success ? null : $"It ended with exit status {status}.");
        }
        catch (OperationCanceledException)
        {
            return Outcome(true, null);
        }
        catch (Exception error)
        {
            var expected = error is CommandException or DataException or RecordingException;
            return Outcome(false, expected ? error.Message : $"{error.GetType().Name}: {error.Message}");
        }

        RunOutcome Outcome(bool stopped, string? cause) => new(stopped, cause, watch.Elapsed.TotalSeconds);
    }

    /// <summary>Whether a process holds the run's folder.</summary>
    public static bool IsHeld(string folder)
    {
        var mark = Path.Combine(folder, RunFolder.UnfinishedFile);
        try
        {
            if (File.Exists(mark)) new FileStream(mark, FileMode.Open, FileAccess.Write, FileShare.None).Dispose();
            return false;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static async Task WaitUntilFree(string folder, CancellationToken cancellation)
    {
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < Patience && IsHeld(folder)) await Task.Delay(50, cancellation);
    }
}
