using System.Runtime.ExceptionServices;

namespace TorchAlign.Fields;

/// <summary>Work that splits into parts which may run in any order and on any thread.</summary>
internal interface IParts
{
    void Run(int part);
}

/// <summary>
/// Threads that wait for parts of a <see cref="FusedField"/> evaluation. One team serves the process: a field that
/// finds it busy works alone, with the same result. A run ends when all its parts have, so that no thread is still at one of them
/// while the next run goes on; an exception of a part is thrown then, on the thread that asked for the run. Nothing is allocated.
/// </summary>
internal sealed class FusedFieldWorkers
{
    /// <summary>
    /// How long a worker looks for the next part before it sleeps: longer than the gap between two layers.
    /// </summary>
    private const int LooksBeforeSleep = 200;

    private const int PartBits = 24;
    private const long PartMask = (1L << PartBits) - 1;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _wake = new(0);
    private int _workers;
    private int _allowed;
    private int _sleeping;
    private int _completed;
    private IParts? _work;
    private Exception? _error;

    // Number of parts and next part in one word: who claims a part learns by it whether the run has that part.
    private long _ticket;

    internal static FusedFieldWorkers Shared { get; } = new();

    /// <summary>Runs parts 0 .. count - 1 on at most <paramref name="threads"/> threads, this one among them.</summary>
    internal void Run(IParts work, int count, int threads)
    {
        // A part that starts a run of its own must not touch the run it belongs to.
        if (threads <= 1 || count <= 1 || count > PartMask || _lock.IsHeldByCurrentThread || !_lock.TryEnter())
        {
            for (var part = 0; part < count; part++) work.Run(part);
            return;
        }
        try
        {
            var helpers = Math.Min(threads, count) - 1;
            while (_workers < helpers) StartWorker(_workers++);
            Volatile.Write(ref _allowed, helpers);
            Volatile.Write(ref _completed, 0);
            (_work, _error) = (work, null);
            Interlocked.Exchange(ref _ticket, (long)count << PartBits);
            var asleep = Volatile.Read(ref _sleeping);
            if (asleep > 0) _wake.Release(asleep);
            WorkOff();
            var wait = new SpinWait();
            while (Volatile.Read(ref _completed) < count) wait.SpinOnce(sleep1Threshold: -1);
            if (_error is not null) ExceptionDispatchInfo.Throw(_error);
        }
        finally
        {
            _lock.Exit();
        }
    }

    private void WorkOff()
    {
        while (HasParts(Volatile.Read(ref _ticket)))
        {
            var claimed = Interlocked.Increment(ref _ticket) - 1;
            if (!HasParts(claimed)) return;
            try
            {
                _work!.Run((int)(claimed & PartMask));
            }
            catch (Exception error)
            {
                Interlocked.CompareExchange(ref _error, error, null);
            }
            Interlocked.Increment(ref _completed);
        }
    }

    private static bool HasParts(long ticket) => (ticket & PartMask) < (ticket >> PartBits);

    private void StartWorker(int index) => new Thread(() =>
    {
        while (true)
        {
            for (var look = 0; look < LooksBeforeSleep; look++)
            {
                if (index < Volatile.Read(ref _allowed) && HasParts(Volatile.Read(ref _ticket)))
                {
                    WorkOff();
                    look = 0;
                }
                Thread.SpinWait(20);
            }
            Interlocked.Increment(ref _sleeping);
            if (index >= Volatile.Read(ref _allowed) || !HasParts(Volatile.Read(ref _ticket))) _wake.Wait();
            Interlocked.Decrement(ref _sleeping);
        }
    })
    { IsBackground = true, Name = $"fused-field-{index}" }.Start();
}
