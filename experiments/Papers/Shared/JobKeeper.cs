using TorchAlign.Checkpoints;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// What the jobs of an experiment have left: the results of those that ended, and what those under way need to go on. It is kept in the
/// run's folder every so often and when the run is interrupted, and the rows of ended jobs stand in the tables in the order of the jobs.
/// </summary>
internal sealed class JobKeeper<TResult> : IDisposable where TResult : class
{
    private const string ResultsEntry = "results";
    private const string WrittenEntry = "written";

    private readonly Lock _lock = new();
    private readonly PaperRun _run;
    private readonly IReadOnlyList<JobTable<TResult>> _tables;
    private readonly TResult?[] _results;

    // The results as JSON, each written once; "null" for a job that has not ended.
    private readonly string[] _texts;
    private readonly Snapshot?[] _states;
    private readonly int[] _keptAt;
    private readonly Timer? _timer;
    private int _now;
    private int _writtenAt;
    private int _written;

    /// <param name="run">Whose folder it is; goes on from its checkpoint where it has one.</param>
    /// <param name="tables">Of the experiment.</param>
    /// <param name="count">How many jobs there are.</param>
    /// <param name="restore">Gives a job's result back what no checkpoint keeps.</param>
    /// <exception cref="SnapshotException">The checkpoint is of another version.</exception>
    public JobKeeper(PaperRun run, IReadOnlyList<JobTable<TResult>> tables, int count, Func<int, TResult, TResult> restore)
    {
        (_run, _tables, _states, _keptAt) = (run, tables, new Snapshot?[count], new int[count]);
        if (run.Checkpoint is { } checkpoint)
        {
            var results = ExactJson.Read<TResult?[]>(checkpoint.ReadText(ResultsEntry));
            if (results.Length != count) throw new SnapshotException($"it knows {results.Length} jobs of {count}");
            _results = [.. results.Select((result, i) => result is null ? null : restore(i, result))];
            _written = (int)checkpoint.ReadInt64(WrittenEntry);
            for (var i = 0; i < count; i++) _states[i] = checkpoint.Copy(StateOf(i));
        }
        else
        {
            _results = new TResult?[count];
        }
        _texts = [.. _results.Select(ExactJson.Write)];
        // A job asks at every step, and looking at the clock there would cost more than some steps do.
        if (run.Every > TimeSpan.Zero) _timer = new Timer(_ => Interlocked.Increment(ref _now), null, run.Every, run.Every);
    }

    /// <summary>The jobs that ended; null for others.</summary>
    public IReadOnlyList<TResult?> Results => _results;

    /// <summary>What a job is given.</summary>
    /// <param name="job">Its number.</param>
    /// <param name="tell">Told what it is doing, and the share that is done.</param>
    /// <param name="cancellation">Ends the job in good order.</param>
    public JobRun Begin(int job, Action<string, double> tell, CancellationToken cancellation) => new(
        _states[job], tell, () => Volatile.Read(ref _now) != _keptAt[job], memory => Keep(job, memory), cancellation);

    /// <summary>Takes the result of a job that ended.</summary>
    /// <exception cref="RecordingException">The disk refused.</exception>
    public void End(int job, TResult result)
    {
        lock (_lock)
        {
            (_results[job], _texts[job], _states[job]) = (result, ExactJson.Write(result), null);
            for (; _written < _results.Length && _results[_written] is { } next; _written++) Append(next);
            if (_now != _writtenAt) Write();
        }
    }

    /// <summary>Keeps a run that is interrupted; then its tables get what there is of the other jobs.</summary>
    /// <param name="seen">The results of all jobs, of those that were stopped too.</param>
    /// <exception cref="RecordingException">The disk refused.</exception>
    public void Interrupt(IEnumerable<TResult?> seen)
    {
        lock (_lock)
        {
            Write();
            foreach (var result in seen.Skip(_written).OfType<TResult>()) Append(result);
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void Keep(int job, Snapshot state)
    {
        lock (_lock)
        {
            (_states[job], _keptAt[job]) = (state, _now);
            Write();
        }
    }

    private void Write()
    {
        _writtenAt = _now;
        var memory = new Snapshot();
        memory.Write(ResultsEntry, $"[{string.Join(',', _texts)}]");
        memory.Write(WrittenEntry, _written);
        for (var i = 0; i < _states.Length; i++)
            if (_states[i] is { } state) memory.Write(StateOf(i), state);
        _run.Keep(memory);
    }

    private void Append(TResult result)
    {
        foreach (var (description, rows) in _tables)
        {
            var table = _run.Table(description.File);
            foreach (var row in rows(result)) table.Append(row);
        }
    }

    private static string StateOf(int job) => $"job{job}";
}
