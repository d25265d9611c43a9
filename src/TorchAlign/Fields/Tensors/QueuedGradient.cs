using TorchAlign.Devices;
using TorchAlign.Networks;
using TorchAlign.States;
using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary>
/// The gradient of S networks on tensors, as steps queue up on it: that of the states where they stand is kept while others are tried.
/// Nothing is read back.
/// </summary>
internal abstract class QueuedGradient(
    int members, BlockLayout layout, Device device, ScalarType dtype, MemoryNeed memory, double work) : IDisposable
{
    /// <summary>S.</summary>
    internal int Members => members;

    /// <summary>Of a state (P).</summary>
    internal BlockLayout Layout => layout;

    internal Device Device => device;

    internal ScalarType DType => dtype;

    internal MemoryNeed Memory => memory;

    /// <summary>About how many multiplications an evaluation takes.</summary>
    internal double Work => work;

    /// <summary>
    /// The gradient is of log R and outlives a step that is taken back; else it is of R, and lost by such a step until
    /// <see cref="Evaluate"/> finds it again.
    /// </summary>
    internal abstract bool IsOfLogRisk { get; }

    /// <summary>log R (S), float64, at the states evaluated last, as a tensor of the caller's dispose scope.</summary>
    internal abstract Tensor LogRisk { get; }

    /// <summary>||direction|| (S) where the members stand.</summary>
    internal abstract Tensor Norms { get; }

    /// <summary>Evaluates states w (S, P).</summary>
    internal abstract void Evaluate(Tensor w);

    /// <summary>The members that the mask (S) names, or all, now stand at the states evaluated last.</summary>
    internal abstract void Move(Tensor? taken);

    /// <summary>w + size * direction (S, P) for states w and step sizes (S), valid until the next call.</summary>
    internal abstract Tensor Step(Tensor w, Tensor size);

    public abstract void Dispose();
}

/// <summary>A field of one network on whose gradient steps can queue up.</summary>
internal interface IQueuedField : IVectorField
{
    /// <summary>Its gradient, for one descent.</summary>
    QueuedGradient Queue();

    /// <summary>A state as (1, P): the tensor itself.</summary>
    /// <exception cref="ArgumentException">The state is of another kind, length, device or dtype.</exception>
    Tensor RowOf(StateVector state);
}
