using System.CommandLine;
using System.Diagnostics;
using TorchAlign.Checkpoints;
using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Sweeps;

/// <summary>The one place that knows how a run of a sweep is started, and how one that was begun goes on.</summary>
internal static class RunStart
{
    /// <summary>A worker whose sweep was killed takes this long at most to notice and to let go of its run.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Makes runs in this process: one by itself, several as one batched problem.</summary>
    /// <param name="root">The command line.</param>
    /// <param name="orders">Runs that <see cref="Planning.RunBatches"/> put together.</param>
    /// <param name="ended">Told of each run as it ends, by its index; one call at a time.</param>
    /// <param name="cancellation">Stops the runs at a checkpoint.</param>
    public static async Task Execute(
        Command root, IReadOnlyList<RunOrder> orders, Action<int, RunOutcome> ended, CancellationToken cancellation)
    {
        Reporting.ReportChoice.Current = orders[0].Reports;
        if (orders.Count == 1) ended(0, await Execute(root, orders[0], cancellation));
        else await RunsTogether.Execute(orders, ended, cancellation);
    }

    /// <summary>
    /// Makes a run in this process, or goes on with it from its newest checkpoint; what goes wrong is the outcome's to tell.
    /// </summary>
    /// <param name="root">The command line.</param>
    /// <param name="order">What is to be made.</param>
    /// <param name="cancellation">Stops the run at a checkpoint.</param>
    private static async Task<RunOutcome> Execute(Command root, RunOrder order, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            await WaitUntilFree(order.Folder, cancellation);
            return OutcomeOf(await Make(root, order, cancellation), watch.Elapsed.TotalSeconds);
        }
        catch (Exception error)
        {
            return OutcomeOf(error, watch.Elapsed.TotalSeconds);
        }
    }

    /// <summary>What an exit status says of a run.</summary>
    public static RunOutcome OutcomeOf(int status, double seconds) => new(
        status == CommandLine.Interrupted,
        status is CommandLine.Success or CommandLine.Interrupted ? null : $"It ended with exit status {status}.", seconds);

    /// <summary>What an exception says of a run.</summary>
    public static RunOutcome OutcomeOf(Exception error, double seconds)
    {
        if (error is OperationCanceledException) return new RunOutcome(true, null, seconds);
        var isSaid = CommandLine.IsBadInput(error) || error is SnapshotException;
        return new RunOutcome(false, isSaid ? error.Message : $"{error.GetType().Name}: {TorchError.Text(error)}", seconds);
    }

    /// <summary>Goes on with a run that was begun, where it can be; else begins it.</summary>
    /// <param name="order">The run.</param>
    /// <param name="resumes">Whether its command can go on with runs.</param>
    /// <param name="make">What is done with a command line.</param>
    public static async Task<T> GoOnOrBegin<T>(RunOrder order, bool resumes, Func<string[], Task<T>> make)
    {
        if (!resumes || !order.IsUnfinished) return await make(order.Fresh);
        try
        {
            return await make(order.Resuming);
        }
        catch (Exception error) when (CannotGoOn(error))
        {
            // Its checkpoints are damaged, or its data have moved: from the start it comes to the same bits, only later.
            return await make(order.Fresh);
        }
    }

    private static Task<int> Make(Command root, RunOrder order, CancellationToken cancellation)
    {
        var resumes = root.Parse(order.Fresh).CommandResult.Command.Options.Any(option => option.Name == "--resume");
        return GoOnOrBegin(order, resumes, words => CommandLine.Invoke(root.Parse(words), cancellation));
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

    /// <summary>Waits for a process that is about to let go of the run.</summary>
    public static async Task WaitUntilFree(string folder, CancellationToken cancellation)
    {
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < Patience && IsHeld(folder)) await Task.Delay(50, cancellation);
    }
}
