using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;

namespace TorchAlign.Experiments.Sweeps.Local;

/// <summary>A worker died; the message says how.</summary>
/// <param name="bySignal">Somebody ended it from outside, or the system did.</param>
internal sealed class WorkerDiedException(string message, bool bySignal) : Exception(message)
{
    public bool BySignal => bySignal;
}

/// <summary>A process that makes runs; see <see cref="SweepWorker"/>.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private const int LinesKept = 5;

    /// <summary>What a worker may take to checkpoint its run when it is told to stop.</summary>
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan LastWordsWithin = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly StreamWriter _input;
    private readonly StreamReader _answers;
    private readonly Action<string, string> _said;
    private readonly Queue<string> _lines = new();
    private string _folder = "";

    /// <param name="program">The words that start this program.</param>
    /// <param name="workingFolder">Where paths in the runs' command lines begin.</param>
    /// <param name="said">Told of each line that the worker or a library in it prints, and of the folder of the run at hand, the first
    /// of those made together; empty before the first.</param>
    /// <param name="readyWithin">A worker that takes longer is ended.</param>
    /// <param name="cancellation">Ends a worker that is not ready yet.</param>
    /// <exception cref="WorkerDiedException">It did not come up.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public WorkerProcess(
        IReadOnlyList<string> program, string workingFolder, Action<string, string> said, TimeSpan readyWithin,
        CancellationToken cancellation)
    {
        _said = said;
        using var listener = new WorkerSocket();
        _process = Process.Start(new ProcessStartInfo(program[0], [.. program.Skip(1), SweepWorker.Name, listener.Path])
        {
            WorkingDirectory = workingFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // A worker that is killed cannot take away the pipes that .NET makes for debuggers in the folder of temporary files.
            Environment = { ["DOTNET_EnableDiagnostics"] = "0" },
        })!;
        _input = _process.StandardInput;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        try
        {
            _answers = new StreamReader(new NetworkStream(Connection(listener, readyWithin, cancellation), ownsSocket: true));
        }
        catch
        {
            Kill();
            _process.Dispose();
            throw;
        }
    }

    public int Id => _process.Id;

    /// <summary>Makes runs together, and waits for them.</summary>
    /// <param name="orders">Of one batch.</param>
    /// <param name="ended">Told of each run as it ends, by its index.</param>
    /// <exception cref="WorkerDiedException">The worker ended first.</exception>
    public void Run(IReadOnlyList<RunOrder> orders, Action<int, RunOutcome> ended)
    {
        _folder = orders[0].Folder;
        try
        {
            lock (_input)
            {
                _input.WriteLine(JsonSerializer.Serialize(orders));
                _input.Flush();
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // It is gone, or was told to stop before it got its orders.
            throw Died();
        }
        for (var i = 0; i < orders.Count; i++)
        {
            var answer = Answer();
            ended(answer.Index, answer.Outcome);
        }
    }

    /// <summary>Tells the worker to stop its run and to end; from any thread.</summary>
    public void Stop()
    {
        try
        {
            lock (_input) _input.Close();
        }
        catch (IOException)
        {
            // It has ended.
        }
    }

    public void Dispose()
    {
        Stop();
        WaitForEnd();
        _answers.Dispose();
        _process.Dispose();
    }

    /// <summary>Waits until the worker connects: that it is ready.</summary>
    private Socket Connection(WorkerSocket listener, TimeSpan readyWithin, CancellationToken cancellation)
    {
        using var waiting = new CancellationTokenSource();
        var accepted = listener.Accept(waiting.Token);
        try
        {
            var exited = _process.WaitForExitAsync(CancellationToken.None);
            return Task.WaitAny([accepted, exited], (int)readyWithin.TotalMilliseconds, cancellation) switch
            {
                0 => accepted.GetAwaiter().GetResult(),
                1 => throw Died(),
                _ => throw new WorkerDiedException(FormattableString.Invariant(
                    $"Its process was not ready after {readyWithin.TotalSeconds:0.#} s and was ended.{LastLines()}"), bySignal: false),
            };
        }
        finally
        {
            waiting.Cancel();
        }
    }

    private SweepWorker.Answer Answer()
    {
        try
        {
            return JsonSerializer.Deserialize<SweepWorker.Answer>(_answers.ReadLine() ?? throw Died())!;
        }
        catch (Exception error) when (error is JsonException or IOException)
        {
            // Killed in the middle of a line.
            throw Died();
        }
    }

    private WorkerDiedException Died()
    {
        WaitForEnd();
        // .NET reports a signal as a shell does.
        var how = _process.ExitCode switch
        {
            137 => "was killed (signal 9), by hand or because memory ran out",
            > 128 and var code => $"was ended by signal {code - 128}",
            var code => $"ended with exit status {code}",
        };
        return new WorkerDiedException($"Its process {how}.{LastLines()}", _process.ExitCode > 128);
    }

    /// <summary>Waits for the end of the process, which it is to come to by itself, and for its last words.</summary>
    private void WaitForEnd()
    {
        if (!_process.WaitForExit(EndsWithin)) Kill();
        // A process that it started may hold its output open.
        _process.WaitForExitAsync().Wait(LastWordsWithin);
    }

    private void Kill()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit(EndsWithin);
    }

    private string LastLines()
    {
        lock (_lines) return string.Concat(_lines.Select(line => "\n    " + line));
    }

    private void Keep(string? line)
    {
        if (string.IsNullOrEmpty(line)) return;
        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > LinesKept) _lines.Dequeue();
        }
        _said(_folder, line);
    }
}
