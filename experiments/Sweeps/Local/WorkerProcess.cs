using System.Diagnostics;
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
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StreamWriter _input;
    private readonly Queue<string> _errors = new();

    /// <param name="workingFolder">Where paths in the runs' command lines begin.</param>
    /// <exception cref="WorkerDiedException">It did not come up.</exception>
    public WorkerProcess(string workingFolder)
    {
        var start = OwnProgram.Start(SweepWorker.Name);
        start.WorkingDirectory = workingFolder;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        _input = _process.StandardInput;
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginErrorReadLine();
        if (_process.StandardOutput.ReadLine() != SweepWorker.Ready) throw Died();
    }

    public int Id => _process.Id;

    /// <summary>Makes runs together, and waits for them.</summary>
    /// <param name="orders">Of one batch.</param>
    /// <param name="ended">Told of each run as it ends, by its index.</param>
    /// <exception cref="WorkerDiedException">The worker ended first.</exception>
    public void Run(IReadOnlyList<RunOrder> orders, Action<int, RunOutcome> ended)
    {
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
        if (!_process.WaitForExit(Patience)) _process.Kill();
        _process.Dispose();
    }

    private SweepWorker.Answer Answer()
    {
        try
        {
            return JsonSerializer.Deserialize<SweepWorker.Answer>(_process.StandardOutput.ReadLine() ?? throw Died())!;
        }
        catch (JsonException) when (_process.StandardOutput.EndOfStream)
        {
            // Killed in the middle of a line.
            throw Died();
        }
    }

    private WorkerDiedException Died()
    {
        _process.WaitForExit();
        // .NET reports a signal as a shell does.
        var how = _process.ExitCode switch
        {
            137 => "was killed (signal 9), by hand or because memory ran out",
            > 128 and var code => $"was ended by signal {code - 128}",
            var code => $"ended with exit status {code}",
        };
        lock (_errors)
            return new WorkerDiedException(
                $"Its process {how}.{string.Concat(_errors.Select(line => "\n    " + line))}", _process.ExitCode > 128);
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        lock (_errors)
        {
            _errors.Enqueue(line);
            if (_errors.Count > LinesKept) _errors.Dequeue();
        }
    }
}
