using TorchAlign.Devices;
using TorchAlign.Losses;
using TorchAlign.Networks.Constraints;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary>
/// <see cref="ConstrainedField"/> on tensors of any device: the gradient of R(W) = loss(W_L ... W_1) in the coefficients, or in the
/// kernels, of constrained layers. Descent on <see cref="Coordinates.Orthonormal"/> is projected descent
/// W &lt;- W - eta P_S(grad) [RNBU].
/// </summary>
public sealed class TorchConstrainedField : TorchField
{
    private readonly TorchField _gradient;
    private readonly TensorBasis _basis;
    private readonly Tensor _weights, _direction;

    /// <param name="layers">The constraints.</param>
    /// <param name="loss">Of the product.</param>
    /// <param name="coordinates">What the states hold.</param>
    /// <param name="device">The CPU unless told otherwise.</param>
    /// <param name="dtype">float64 or float32.</param>
    /// <exception cref="ArgumentException">The loss is for other inputs or outputs than the network's, or the dtype is
    /// another.</exception>
    /// <exception cref="NotSupportedException">The loss has no form on tensors.</exception>
    /// <exception cref="DeviceMemoryException">The device's memory does not hold it.</exception>
    public TorchConstrainedField(
        ConstrainedLayers layers, IProductLoss loss, Coordinates coordinates = Coordinates.Orthonormal,
        Device? device = null, ScalarType dtype = ScalarType.Float64)
        : this(layers, new TorchProductField(layers.Shape, loss, device, dtype), coordinates)
    {
    }

    /// <param name="layers">The constraints.</param>
    /// <param name="gradient">In the operators, such as <see cref="TorchSampleField"/> where samples are few; freed with this
    /// field.</param>
    /// <param name="coordinates">What the states hold.</param>
    /// <exception cref="ArgumentException">The gradient is of a network with other widths, or of constrained layers itself.</exception>
    /// <exception cref="DeviceMemoryException">The device's memory does not hold it.</exception>
    public TorchConstrainedField(ConstrainedLayers layers, TorchField gradient, Coordinates coordinates = Coordinates.Orthonormal)
        : base(layers.Shape, layers.Layout, gradient.Device, gradient.DType, MemoryOf(layers, gradient))
    {
        (Layers, Coordinates, _gradient) = (layers, coordinates, gradient);
        (_basis, _weights, _direction) = Memory.Guard(Device, () => (
            new TensorBasis(layers, coordinates, Device, DType),
            zeros(Shape.Length, dtype: DType, device: Device).DetachFromDisposeScope(),
            zeros(Shape.Length, dtype: DType, device: Device).DetachFromDisposeScope()));
    }

    public ConstrainedLayers Layers { get; }

    /// <summary>What the states of this field hold.</summary>
    public Coordinates Coordinates { get; }

    /// <summary>The operators W_1, ..., W_L (P) at the state evaluated last.</summary>
    public Tensor Weights => _weights;

    public override Tensor Risk => _gradient.Risk;

    internal override double Work => _gradient.Work + 2.0 * Layers.Layers.Sum(layer => (double)layer.NonzeroCount);

    public override void Dispose()
    {
        _gradient.Dispose();
        _basis.Dispose();
        _weights.Dispose();
        _direction.Dispose();
    }

    private protected override void WriteDirection(Tensor w, Tensor direction)
    {
        _basis.Expand(w, _weights);
        _gradient.Evaluate(_weights, _direction);
        _basis.Contract(_direction, direction);
    }

    private static ProductMemory MemoryOf(ConstrainedLayers layers, TorchField gradient)
    {
        if (gradient is TorchConstrainedField || !gradient.Shape.Widths.SequenceEqual(layers.Shape.Widths))
            throw new ArgumentException($"The gradient ({gradient.GetType().Name}) is of a network {gradient.Shape}; "
                + $"it must be in the operators of the layers {layers.Shape}.", nameof(gradient));
        return gradient.Memory with
        {
            Coordinates = layers.Layout.Length,
            BasisEntries = layers.Layers.Sum(layer => (double)layer.NonzeroCount),
        };
    }
}
