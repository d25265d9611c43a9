using System.Collections.Concurrent;
using TorchAlign.Experiments.Sweeps.Planning;

namespace TorchAlign.Experiments.Sweeps.Local;

/// <summary>Makes runs on this machine, in worker processes; a run that dies takes its worker with it and nothing else.</summary>
internal sealed class LocalSweep(SweepFolder folder, SweepPlan plan, int jobs)
{
    /// <summary>A worker that is killed before it is ready is started again, so many times in all.</summary>
    private const int Starts = 3;

    private const string LogFile = "workers.log";

    private readonly object _gate = new();
    private readonly object _log = new();
    private readonly List<WorkerProcess> _workers = [];
    private readonly HashSet<string> _triedAgain = [];

    /// <summary>The words that start the program whose workers make the runs.</summary>
    public IReadOnlyList<string> Program { get; init; } = OwnProgram.Words;

    /// <summary>Loading torch takes a second, and from a busy network disk minutes.</summary>
    public TimeSpan ReadyWithin { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Makes the runs that are not yet made, in order; those that go together as one.</summary>
    /// <exception cref="CommandException">Workers do not start.</exception>
    public void Run(IReadOnlyList<PlannedRun> runs, SweepProgress progress, CancellationToken cancellation)
    {
        var queue = new ConcurrentQueue<IReadOnlyList<PlannedRun>>(RunBatches.Of(runs, plan.Command, jobs));
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var registration = abort.Token.Register(StopAll);
        var jobThreads = Enumerable.Range(0, Math.Min(jobs, queue.Count))
            .Select(job => Task.Factory.StartNew(() => Work(job, queue, progress, abort), TaskCreationOptions.LongRunning)).ToArray();
        var work = Task.WhenAll(jobThreads);
        progress.ShowUntil(work);
        work.GetAwaiter().GetResult();
    }

    private void Work(
        int job, ConcurrentQueue<IReadOnlyList<PlannedRun>> queue, SweepProgress progress, CancellationTokenSource abort)
    {
        WorkerProcess? worker = null;
        try
        {
            while (!abort.IsCancellationRequested && queue.TryDequeue(out var batch))
            {
                progress.Started(job, batch);
                worker ??= Start(abort);
                if (worker is null) return;
                var left = Make(worker, batch, progress, abort, out var death);
                progress.Idle(job);
                if (left.Count == 0 && death is null) continue;
                // Somebody stopped this worker alone: its runs go on in the next one.
                if (death is null) queue.Enqueue(left);
                // One of several took the others with it: halves, and halves of these, show which.
                else if (left.Count > 1) foreach (var half in RunBatches.Halves(left)) queue.Enqueue(half);
                End(worker);
                worker = null;
            }
        }
        catch
        {
            abort.Cancel();
            throw;
        }
        finally
        {
            if (worker is not null) End(worker);
        }
    }

    /// <summary>Makes a batch and marks what failed.</summary>
    /// <returns>The runs that did not end.</returns>
    private List<PlannedRun> Make(
        WorkerProcess worker, IReadOnlyList<PlannedRun> batch, SweepProgress progress, CancellationTokenSource abort,
        out WorkerDiedException? death)
    {
        var left = batch.ToList();
        try
        {
            worker.Run([.. batch.Select(run => new RunOrder(run.Arguments, folder.RunFolder(run), plan.Reports))], (i, outcome) =>
            {
                var path = folder.RunFolder(batch[i]);
                if (outcome.Cause is { } cause) RunStates.Fail(path, cause);
                if (!outcome.Stopped) left.Remove(batch[i]);
                progress.Ended(outcome, RunStates.Of(path));
            });
            death = null;
        }
        catch (WorkerDiedException died)
        {
            // Killed before the run began: nothing is known against the run, but it may be what took the memory.
            if (left.Count == 1 && died.BySignal && RunStates.Of(folder.RunFolder(left[0])) == RunState.Waiting && TryAgain(left[0]))
            {
                death = null;
                return left;
            }
            death = died;
            if (left.Count == 1)
            {
                var path = folder.RunFolder(left[0]);
                // It may have died between the run's last file and its answer.
                if (!abort.IsCancellationRequested && !RunStates.Of(path).IsWhole()) RunStates.Fail(path, died.Message);
                progress.Ended(new RunOutcome(abort.IsCancellationRequested, died.Message, 0), RunStates.Of(path));
            }
        }
        return left;
    }

    /// <summary>Once for each run.</summary>
    private bool TryAgain(PlannedRun run)
    {
        lock (_gate) return _triedAgain.Add(run.Hash);
    }

    /// <summary>A worker; none where the sweep is to stop.</summary>
    private WorkerProcess? Start(CancellationTokenSource abort)
    {
        for (var start = 1; !abort.IsCancellationRequested; start++)
        {
            try
            {
                var worker = new WorkerProcess(Program, plan.StudyFolder, Log, ReadyWithin, abort.Token);
                lock (_gate) _workers.Add(worker);
                // It may have been told between its start and its entry in the list.
                if (abort.IsCancellationRequested) worker.Stop();
                return worker;
            }
            catch (WorkerDiedException death) when (!abort.IsCancellationRequested && (!death.BySignal || start == Starts))
            {
                throw new CommandException($"A worker of the sweep did not start. {death.Message}");
            }
            catch (OperationCanceledException)
            {
                return null;
            }
            catch (WorkerDiedException)
            {
                // Killed as it began: nothing is known against the runs.
            }
        }
        return null;
    }

    private void End(WorkerProcess worker)
    {
        lock (_gate) _workers.Remove(worker);
        worker.Dispose();
    }

    /// <summary>Keeps what a worker, or a library in it, prints: a line each, after the hash of the run at hand.</summary>
    private void Log(string run, string line)
    {
        lock (_log) File.AppendAllText(folder.PathOf(LogFile), $"{Path.GetFileName(run)} {line}\n");
    }

    private void StopAll()
    {
        lock (_gate) _workers.ForEach(worker => worker.Stop());
    }
}
