using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary>
/// The gradient of one network as the direction (1, P) of a <see cref="TorchField"/>. There is one direction for the state and what is
/// tried from it: a state that stays is evaluated where it is, and its direction comes out as it was.
/// </summary>
internal sealed class QueuedDirection(TorchField source)
    : QueuedGradient(1, source.Layout, source.Device, source.DType, source.Memory, source.Work)
{
    private Tensor? _direction;

    internal override bool IsOfLogRisk => false;

    internal override Tensor LogRisk => source.LogRisk.view(1);

    internal override Tensor Norms => _direction!.norm().view(1);

    internal override void Evaluate(Tensor w)
    {
        using var scope = NewDisposeScope();
        _direction ??= empty_like(w).DetachFromDisposeScope();
        source.Evaluate(w.select(0, 0), _direction.select(0, 0));
    }

    internal override void Move(Tensor? taken)
    {
    }

    internal override Tensor Step(Tensor w, Tensor size) => (_direction! * size.unsqueeze(1)).add_(w);

    public override void Dispose() => _direction?.Dispose();
}
