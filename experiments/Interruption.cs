using System.Globalization;
using System.Runtime.InteropServices;
using TorchAlign.Recording;

namespace TorchAlign.Experiments;

/// <summary>
/// SIGINT and SIGTERM, for all commands in one place. The first cancels the command, which keeps what it has and ends; one that cannot
/// look up within 1.5 s (a file that does not answer, a library's long call) is left where it is, and its run as its last checkpoint has
/// it; the environment variable TORCHALIGN_PATIENCE gives other seconds, for a slow disk or long steps. Further signals change nothing, but
/// for the third SIGINT, which ends the process at once.
/// </summary>
internal static partial class Interruption
{
    private const string PatienceVariable = "TORCHALIGN_PATIENCE";

    /// <summary>With what the system takes, the process is gone within two seconds.</summary>
    private const double DefaultPatience = 1.5;

    private const double MostPatience = 1e6;
    private const int Impatient = 3;
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(100);

    // One for the process, as its signals are.
    private static readonly CancellationTokenSource Stop = new();
    private static readonly TaskCompletionSource<int> Came = new();
    private static TimeSpan _patience = TimeSpan.FromSeconds(DefaultPatience);
    private static int _interrupts;
    private static volatile Func<string?> _remedy = () => null;

    /// <summary>Runs a command to its end, or to the signal that ends it; for the entry point of the process alone.</summary>
    /// <returns>The exit code: the command's where it failed or no signal came; else that of the first signal, however late.</returns>
    public static int Run(Func<CancellationToken, Task<int>> command)
    {
        var seconds = DefaultPatience;
        if (Environment.GetEnvironmentVariable(PatienceVariable) is { Length: > 0 } given
            && !(double.TryParse(given, CultureInfo.InvariantCulture, out seconds) && seconds is >= 0 and <= MostPatience))
        {
            Console.Error.WriteLine($"torchalign: {PatienceVariable} takes seconds from 0 to {MostPatience:0}; got '{given}'.");
            return CommandLine.BadInput;
        }
        _patience = TimeSpan.FromSeconds(seconds);
        // Never given back: a signal that comes late must not find its default action.
        PosixSignalRegistration[] registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Take), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Take),
        ];
        var work = Task.Factory.StartNew(
            () => command(Stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
        Task.WaitAny(work, Came.Task);
        if (Came.Task.IsCompleted && !work.Wait(_patience)) Leave(Came.Task.Result, "Interrupted in the middle of something long.");
        var code = work.GetAwaiter().GetResult();
        GC.KeepAlive(registrations);
        // What failed has failed, and a cluster's queue is not to try it again.
        if (!Came.Task.IsCompleted || code is not (CommandLine.Success or CommandLine.Interrupted)) return code;
        if (_remedy() is { } remedy) Tell($"torchalign: {remedy}", _patience);
        return Came.Task.Result;
    }

    /// <summary>Names the command that goes on with what is under way, to be told where a signal ends it.</summary>
    /// <param name="words">After <c>torchalign</c>.</param>
    /// <param name="isOpen">Whether there is something left to go on with, asked at the end.</param>
    public static void GoesOnWith(string words, Func<bool> isOpen) =>
        _remedy = () => isOpen() ? $"To go on: torchalign {words}" : null;

    /// <summary>Ends the process where it stands, after as long as a signal would leave it, unless it ends by itself before that.</summary>
    public static void LeaveSoon()
    {
        Thread.Sleep(_patience);
        Leave(CommandLine.Interrupted, null);
    }

    private static void Take(PosixSignalContext context)
    {
        context.Cancel = true;
        var isInterrupt = context.Signal == PosixSignal.SIGINT;
        if (isInterrupt && Interlocked.Increment(ref _interrupts) == Impatient) Leave(CommandLine.Interrupted, null);
        if (!Came.TrySetResult(isInterrupt ? CommandLine.Interrupted : CommandLine.Terminated)) return;
        // What is called back may wait for somebody, and the pool's threads may all be computing.
        new Thread(CancelAll) { IsBackground = true }.Start();
    }

    private static void CancelAll()
    {
        try
        {
            Stop.Cancel();
        }
        catch (AggregateException)
        {
            // Somebody's reaction failed; the others have been told.
        }
    }

    /// <summary>Ends the process while its threads compute: nothing half-written stays, and no library cleans up after itself.</summary>
    private static void Leave(int code, string? word)
    {
        try
        {
            AtomicFile.Abandon();
            Leftovers.Remove();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It ends all the same.
        }
        // A progress bar hides the cursor.
        if (!Console.IsErrorRedirected) Tell("\u001b[?25h", LastWords);
        if (word is not null) Tell($"torchalign: {word} {_remedy()}".TrimEnd(), LastWords);
        if (OperatingSystem.IsWindows()) Environment.Exit(code);
        Exit(code);
    }

    /// <summary>Writes to standard error, which may be a pipe that nobody empties.</summary>
    private static void Tell(string line, TimeSpan within)
    {
        var said = Task.Factory.StartNew(
            () => Console.Error.WriteLine(line), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Task.WaitAny([said], within);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int code);
}
