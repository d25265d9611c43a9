using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary>The gradients of an <see cref="EnsembleField"/> as their factors: -dlog R/dW_k = left_k right_{k-1}^T.</summary>
internal sealed class QueuedFactors(EnsembleField source)
    : QueuedGradient(source.Members, source.Shape.Layout, source.Device, source.DType, source.Memory, source.Work)
{
    private Tensor? _next, _left, _right;

    internal override bool IsOfLogRisk => true;

    internal override Tensor LogRisk => source.LogRisk.to(float64);

    internal override Tensor Norms => source.Layers.OuterNorms(_left!, _right!);

    internal override void Evaluate(Tensor w)
    {
        _next ??= empty_like(w).DetachFromDisposeScope();
        source.Evaluate(w);
    }

    internal override void Move(Tensor? taken)
    {
        TorchLayers.Exchange(ref _left, taken, source.Left);
        TorchLayers.Exchange(ref _right, taken, source.Right);
    }

    internal override Tensor Step(Tensor w, Tensor size)
    {
        _next!.copy_(w);
        source.Layers.AddOuter(_next, _left! * size.unsqueeze(1), _right!);
        return _next;
    }

    public override void Dispose()
    {
        foreach (var tensor in (Tensor?[])[_next, _left, _right]) tensor?.Dispose();
    }
}
