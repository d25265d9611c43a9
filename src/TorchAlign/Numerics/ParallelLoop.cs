using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace TorchAlign.Numerics;

/// <summary>Work on several threads whose exceptions come out as they were thrown, where <see cref="Parallel"/> wraps them.</summary>
public static class ParallelLoop
{
    /// <summary>
    /// Does <paramref name="work"/> for 0, ..., count - 1, begun in this order. After an exception no further work begins, and the first
    /// one that is not a cancellation is thrown, else the cancellation.
    /// </summary>
    /// <param name="count">At least 0.</param>
    /// <param name="threads">At most so many at a time, at least 1.</param>
    /// <param name="work">Of any length, so handed out one by one.</param>
    public static void For(int count, int threads, Action<int> work)
    {
        try
        {
            Parallel.ForEach(
                Partitioner.Create(Enumerable.Range(0, count), EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { MaxDegreeOfParallelism = threads }, work);
        }
        catch (AggregateException errors)
        {
            ExceptionDispatchInfo.Throw(
                errors.InnerExceptions.FirstOrDefault(error => error is not OperationCanceledException) ?? errors.InnerExceptions[0]);
        }
    }
}
