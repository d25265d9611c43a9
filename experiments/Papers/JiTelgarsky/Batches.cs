using TorchAlign.Checkpoints;
using TorchAlign.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// Batches of a new permutation of 0..n-1 each epoch; what is left of an epoch is a smaller batch. An epoch goes to the device at
/// once: an upload a step would make the host wait for the step before.
/// </summary>
internal sealed class Batches(int count, int size, RandomStream random, Device device) : IResumable, IDisposable
{
    private readonly long[] _order = [.. Enumerable.Range(0, count).Select(i => (long)i)];
    private Tensor? _epoch;
    private int _next = count;

    /// <summary>Rows of the set (b), on the device.</summary>
    public Tensor Next()
    {
        if (_next == _order.Length) Shuffle();
        var length = Math.Min(size, _order.Length - _next);
        var batch = _epoch!.narrow(0, _next, length);
        _next += length;
        return batch;
    }

    public void Save(Snapshot memory)
    {
        memory.Write("order", _order);
        memory.Write("next", _next);
        random.Save(memory.Part("random"));
    }

    public void Restore(Snapshot memory)
    {
        memory.ReadInt64s("order", _order.Length).CopyTo(_order, 0);
        random.Restore(memory.Part("random"));
        Upload((int)memory.ReadInt64("next"));
    }

    public void Dispose() => _epoch?.Dispose();

    /// <summary>Fisher and Yates.</summary>
    private void Shuffle()
    {
        for (var i = _order.Length - 1; i > 0; i--)
        {
            var j = random.NextInt32(i + 1);
            (_order[i], _order[j]) = (_order[j], _order[i]);
        }
        Upload(0);
    }

    private void Upload(int next)
    {
        _epoch?.Dispose();
        _epoch = tensor(_order, device: device).DetachFromDisposeScope();
        _next = next;
    }
}
