namespace TorchAlign.Experiments;

/// <summary>
/// Work that cannot look at a token, such as opening a file or a library's call: who waits for it need not wait to its end.
/// </summary>
internal static class Aside
{
    /// <summary>Makes something that leaves no trace but its result, in a thread of its own.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the work goes on, and what comes of it is lost.</exception>
    public static T Run<T>(Func<T> make, CancellationToken cancellation)
    {
        var work = Task.Factory.StartNew(make, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return work.WaitAsync(cancellation).GetAwaiter().GetResult();
    }
}
