using TorchAlign.Numerics;

namespace TorchAlign.Experiments.Papers;

/// <summary>Independent runs side by side on the cores, with the progress of all of them together.</summary>
internal static class Jobs
{
    /// <param name="run">Told how far they are.</param>
    /// <param name="what">What is being done, in a few words.</param>
    /// <param name="jobs">In the order in which they start: the longest first.</param>
    /// <param name="threads">How many at a time.</param>
    /// <param name="work">Does a job and tells its share; after a cancellation it returns what it has.</param>
    /// <returns>The results in the order of the jobs.</returns>
    public static TResult[] Run<TJob, TResult>(
        PaperRun run, string what, IReadOnlyList<TJob> jobs, int threads, Func<TJob, Action<double>, TResult> work)
    {
        var (results, shares) = (new TResult[jobs.Count], new double[jobs.Count]);
        run.Tell(what, 0);
        ParallelLoop.For(jobs.Count, threads, i =>
        {
            results[i] = work(jobs[i], share => Tell(i, share));
            Tell(i, 1);
        });
        return results;

        void Tell(int job, double share)
        {
            Volatile.Write(ref shares[job], share);
            run.Tell(what, shares.Average());
        }
    }
}
