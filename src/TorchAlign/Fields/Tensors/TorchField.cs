using TorchAlign.Devices;
using TorchAlign.Networks;
using TorchAlign.States;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary>
/// The gradient of a risk R in the layers of a linear network with any number of outputs, in closed form on tensors of any device,
/// in float64 or float32. As an <see cref="IVectorField"/> it reads back one number an evaluation, log R; on tensors it reads back
/// nothing, which <c>QueuedDescent</c> makes use of. LogScale is 0: the direction is -grad R itself, because these risks
/// need not vanish. Not safe for concurrent calls.
/// </summary>
public abstract class TorchField : IVectorField, IQueuedField, IDisposable
{
    private protected TorchField(NetworkShape shape, BlockLayout layout, Device device, ScalarType dtype, ProductMemory memory)
    {
        if (dtype is not (ScalarType.Float64 or ScalarType.Float32))
            throw new ArgumentException($"The field works in float64 or float32, not in {dtype}.", nameof(dtype));
        (Shape, Layout, Device, DType, Memory) = (shape, layout, device, dtype, memory);
    }

    /// <summary>Of the layers W_1, ..., W_L.</summary>
    public NetworkShape Shape { get; }

    /// <summary>Of the states: the layers themselves, or what they are given by.</summary>
    public BlockLayout Layout { get; }

    public Device Device { get; }

    public ScalarType DType { get; }

    /// <summary>What loss, states and work arrays take.</summary>
    public ProductMemory Memory { get; }

    /// <summary>R (scalar) at the state evaluated last.</summary>
    public abstract Tensor Risk { get; }

    /// <summary>log R (scalar, float64) at the state evaluated last, as a new tensor.</summary>
    public Tensor LogRisk
    {
        get
        {
            using var scope = NewDisposeScope();
            return Risk.to(float64).log().MoveToOuterDisposeScope();
        }
    }

    /// <summary>About how many multiplications an evaluation takes.</summary>
    internal abstract double Work { get; }

    /// <exception cref="DeviceMemoryException">The device's memory does not hold it.</exception>
    public StateVector NewState() => Memory.Guard(Device, () => new TorchState(Layout, Device, DType));

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A state is of another kind, length, device or dtype.</exception>
    /// <exception cref="DeviceMemoryException">The device's memory does not hold the work arrays.</exception>
    public FieldValue Evaluate(StateVector w, StateVector direction) => Memory.Guard(Device, () =>
    {
        using var scope = NewDisposeScope();
        Evaluate(ValuesOf(w), ValuesOf(direction));
        return new FieldValue(LogRisk.item<double>(), 0);
    });

    /// <summary>Writes -grad R at the state <paramref name="w"/> into <paramref name="direction"/>; reads nothing back.</summary>
    /// <param name="w">As <see cref="Layout"/> says, on the field's device and in its dtype.</param>
    /// <param name="direction">The same; another tensor.</param>
    /// <exception cref="ArgumentException">A tensor is of another length, device or dtype.</exception>
    public void Evaluate(Tensor w, Tensor direction)
    {
        Require(w);
        Require(direction);
        using var scope = NewDisposeScope();
        Evaluate(Cut(w), Cut(direction));
    }

    public abstract void Dispose();

    QueuedGradient IQueuedField.Queue() => new QueuedDirection(this);

    Tensor IQueuedField.RowOf(StateVector state) => ValuesOf(state).view(1, Layout.Length);

    /// <summary>The same for the pieces of a state and of a direction, in the caller's dispose scope.</summary>
    internal abstract void Evaluate(Tensor[] w, Tensor[] direction);

    /// <summary>The pieces of a flat state, as views: the layers (d_k, d_{k-1}), unless it holds other numbers.</summary>
    private protected virtual Tensor[] Cut(Tensor state) => TorchLayers.Cut(Shape, state);

    private protected static InvalidOperationException NotEvaluated() => new("The field was not evaluated yet.");

    private Tensor ValuesOf(StateVector state)
    {
        if (state is not TorchState torchState) throw Unfit($"a {state.GetType().Name} of length {state.Length}");
        Require(torchState.Values);
        return torchState.Values;
    }

    private void Require(Tensor state)
    {
        if (state.dim() != 1 || state.numel() != Layout.Length || state.device_type != Device.type || state.dtype != DType)
            throw Unfit($"a tensor ({string.Join(", ", state.shape)}), {state.dtype}, on {state.device}");
    }

    private ArgumentException Unfit(string what) => new(
        $"The field works on states of {Layout.Length} numbers, {DType}, on {Device}; this is {what}. Make states with NewState().");
}
