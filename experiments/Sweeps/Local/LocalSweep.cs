using System.Collections.Concurrent;
using TorchAlign.Experiments.Sweeps.Planning;

namespace TorchAlign.Experiments.Sweeps.Local;

/// <summary>Makes runs on this machine, in worker processes; a run that dies takes its worker with it and nothing else.</summary>
internal sealed class LocalSweep(SweepFolder folder, SweepPlan plan, int jobs)
{
    private readonly object _gate = new();
    private readonly List<WorkerProcess> _workers = [];

    /// <summary>Makes the runs that are not yet made, in order.</summary>
    /// <exception cref="CommandException">Workers do not start.</exception>
    public void Run(IEnumerable<PlannedRun> runs, SweepProgress progress, CancellationToken cancellation)
    {
        var queue = new ConcurrentQueue<PlannedRun>(runs);
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var registration = abort.Token.Register(StopAll);
        var jobThreads = Enumerable.Range(0, Math.Min(jobs, queue.Count))
            .Select(job => Task.Factory.StartNew(() => Work(job, queue, progress, abort), TaskCreationOptions.LongRunning)).ToArray();
        var work = Task.WhenAll(jobThreads);
        progress.ShowUntil(work);
        work.GetAwaiter().GetResult();
    }

    private void Work(int job, ConcurrentQueue<PlannedRun> queue, SweepProgress progress, CancellationTokenSource abort)
    {
        WorkerProcess? worker = null;
        try
        {
            while (!abort.IsCancellationRequested && queue.TryDequeue(out var run))
            {
                progress.Started(job, run);
                worker ??= Start(abort);
                if (worker is null) return;
                try
                {
                    var outcome = worker.Run(run.Arguments, folder.RunFolder(run));
                    if (outcome.Cause is { } cause) RunStates.Fail(folder.RunFolder(run), cause);
                    // Somebody stopped this worker alone: its run goes on in the next one.
                    if (outcome.Stopped) queue.Enqueue(run);
                    progress.Ended(job, run, outcome);
                    if (!outcome.Stopped) continue;
                }
                catch (WorkerDiedException death)
                {
                    if (!abort.IsCancellationRequested) RunStates.Fail(folder.RunFolder(run), death.Message);
                    progress.Ended(job, run, new RunOutcome(abort.IsCancellationRequested, death.Message, 0));
                }
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

    private WorkerProcess? Start(CancellationTokenSource abort)
    {
        try
        {
            var worker = new WorkerProcess(plan.StudyFolder);
            lock (_gate) _workers.Add(worker);
            // It may have been told between its start and its entry in the list.
            if (abort.IsCancellationRequested) worker.Stop();
            return worker;
        }
        catch (WorkerDiedException) when (abort.IsCancellationRequested)
        {
            return null;
        }
        catch (WorkerDiedException death)
        {
            throw new CommandException($"A worker of the sweep did not start. {death.Message}");
        }
    }

    private void End(WorkerProcess worker)
    {
        lock (_gate) _workers.Remove(worker);
        worker.Dispose();
    }

    private void StopAll()
    {
        lock (_gate) _workers.ForEach(worker => worker.Stop());
    }
}
