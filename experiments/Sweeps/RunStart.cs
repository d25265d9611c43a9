using System.CommandLine;
using System.Diagnostics;
using TorchAlign.Checkpoints;
using TorchAlign.Data;
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

    /// <summary>
    /// Makes a run in this process, or goes on with it from its newest checkpoint; what goes wrong is the outcome's to tell.
    /// </summary>
    /// <param name="root">The command line.</param>
    /// <param name="arguments">Of the run, without what says where its results go.</param>
    /// <param name="folder">The run's.</param>
    /// <param name="cancellation">Stops the run at a checkpoint.</param>
    public static async Task<RunOutcome> Execute(
        Command root, IReadOnlyList<string> arguments, string folder, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            await WaitUntilFree(folder, cancellation);
            var status = await Make(root, arguments, folder, cancellation);
            if (status == CommandLine.Interrupted) return Outcome(true, null);
            return Outcome(false, status == CommandLine.Success ? null : $"It ended with exit status {status}.");
        }
        catch (OperationCanceledException)
        {
            return Outcome(true, null);
        }
        catch (Exception error)
        {
            var isSaid = CommandLine.IsBadInput(error) || error is SnapshotException;
            return Outcome(false, isSaid ? error.Message : $"{error.GetType().Name}: {error.Message}");
        }

        RunOutcome Outcome(bool stopped, string? cause) => new(stopped, cause, watch.Elapsed.TotalSeconds);
    }

    private static async Task<int> Make(Command root, IReadOnlyList<string> arguments, string folder, CancellationToken cancellation)
    {
        var fresh = root.Parse([.. arguments, $"--out={folder}", "--replace", "--json"]);
        var command = fresh.CommandResult.Command;
        if (RunStates.Of(folder) != RunState.Unfinished || command.Options.All(option => option.Name != "--resume"))
            return await CommandLine.Invoke(fresh, cancellation);
        // run.json knows every option but this one, which is none of the configuration.
        var resumed = root.Parse([.. arguments.TakeWhile(word => !word.StartsWith('-')), $"--resume={folder}", "--json",
            .. arguments.Where(word => word.StartsWith("--checkpoint-every=", StringComparison.Ordinal))]);
        try
        {
            return await CommandLine.Invoke(resumed, cancellation);
        }
        catch (Exception error) when (CannotGoOn(error))
        {
            // Its checkpoints are damaged, or its data have moved: from the start it comes to the same bits, only later.
            return await CommandLine.Invoke(fresh, cancellation);
        }
    }

    /// <summary>
    /// Whether it is the run that cannot be taken up. A disk that is full, or a folder that is held, says nothing against its
    /// checkpoint, which a start afresh would remove.
    /// </summary>
    private static bool CannotGoOn(Exception error) =>
        error is CommandException or DataException or RecordingException or SnapshotException
        && error.InnerException is not (IOException or UnauthorizedAccessException);

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
