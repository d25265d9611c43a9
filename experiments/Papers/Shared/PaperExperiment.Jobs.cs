using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Numerics;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>An experiment that is made of independent jobs, each of which is kept when it ends and not made again.</summary>
/// <typeparam name="TJob">What a job starts from: a network, a start.</typeparam>
/// <typeparam name="TResult">What it leaves; reads back from JSON, but for what <see cref="Restore"/> gives it.</typeparam>
internal abstract class PaperExperiment<TJob, TResult>(string command, string help, RunOptions run) : PaperExperiment(command, help, run)
    where TResult : class
{
    /// <summary>What is being done, in a few words, for the progress bar.</summary>
    protected virtual string Doing => "descending";

    /// <summary>The jobs in the order of the tables.</summary>
    public abstract IReadOnlyList<TJob> Jobs { get; }

    /// <summary>Of the experiment's own table, which has a row for each job; none where jobs leave several rows.</summary>
    protected virtual IReadOnlyList<Column<TResult>> Columns => [];

    /// <summary>Named after the experiment, where that is all there is.</summary>
    protected virtual IReadOnlyList<JobTable<TResult>> Tables => [JobTable<TResult>.Of($"{Name}.csv", Columns)];

    /// <summary>Makes a job; after a cancellation it returns what it has, or throws <see cref="OperationCanceledException"/>.</summary>
    public abstract TResult Do(TJob job, JobRun at);

    protected abstract JobEnd EndOf(TResult result);

    /// <summary>Jobs of greater cost begin first, and of equal ones side by side the last, so that the last to end are short.</summary>
    protected virtual double Cost(TJob job) => 0;

    /// <summary>Gives a result that was read from a checkpoint what JSON left out.</summary>
    protected virtual TResult Restore(TJob job, TResult result) => result;

    /// <summary>What was found, in a sentence or two; asked only when all jobs have ended.</summary>
    protected abstract string Found(IReadOnlyList<TResult> results);

    /// <summary>The experiment's own part of summary.json.</summary>
    /// <param name="results">In the order of the jobs; of an interrupted experiment, what there is.</param>
    /// <param name="found">What was found, or that it was interrupted.</param>
    protected abstract object Results(IReadOnlyList<TResult> results, string found);

    /// <summary>The report.</summary>
    /// <inheritdoc cref="Results"/>
    protected abstract ReportPage Page(IReadOnlyList<TResult> results, string found);

    /// <summary>The arrays of state.npz, which is not written where there are none.</summary>
    protected virtual IEnumerable<NpzArray> State(IReadOnlyList<TResult> results) => [];

    protected override IReadOnlyList<TableDescription> DescribeTables() => [.. Tables.Select(table => table.Description)];

    protected override PaperResult Work(PaperRun run, CancellationToken cancellation)
    {
        var jobs = Jobs;
        using var keeper = new JobKeeper<TResult>(run, Tables, jobs.Count, (i, result) => Restore(jobs[i], result));
        TResult?[] seen = [.. keeper.Results];
        double[] shares = [.. seen.Select(result => result is null ? 0.0 : 1)];
        var all = Enumerable.Range(0, jobs.Count);
        int[] order = [.. (SideBySide ? all.Reverse() : all).Where(i => seen[i] is null).OrderByDescending(i => Cost(jobs[i]))];
        Tell("", 0, 0);
        ParallelLoop.For(order.Length, SideBySide ? Threads : 1, k => Make(order[k]));
        TResult[] results = [.. seen.OfType<TResult>()];
        if (results.Length == 0) throw new OperationCanceledException(cancellation);
        JobEnd[] ends = [.. seen.Select(result => result is null ? JobEnd.Interrupted : EndOf(result))];
        var worst = JobEnd.Worst(ends);
        if (worst.Grade == JobGrade.Interrupted) keeper.Interrupt(seen);
        NpzArray[] state = [.. State(results)];
        if (state.Length > 0) NpzWriter.Write(run.PathOf(RunFolder.StateFile), state);
        var counts = ends.CountBy(end => end.Name).ToDictionary();
        var found = worst.Grade == JobGrade.Interrupted ? PaperResult.NothingClaimed(counts) : Found(results);
        return new PaperResult(Results(results, found), worst, counts, Page(results, found));

        void Make(int i)
        {
            if (cancellation.IsCancellationRequested) return;
            try
            {
                var result = Do(jobs[i], keeper.Begin(i, (what, share) => Tell(what, i, share), cancellation));
                seen[i] = result;
                if (EndOf(result).Grade != JobGrade.Interrupted) keeper.End(i, result);
                Tell("", i, 1);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // It has nothing to show yet.
            }
        }

        void Tell(string what, int job, double share)
        {
            Volatile.Write(ref shares[job], share);
            run.Tell(what.Length > 0 ? what : Doing, shares.Average());
        }
    }
}
