using TorchAlign.Devices;
using TorchAlign.Losses;
using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary><see cref="PulledBackField"/> on tensors of any device.</summary>
public sealed class TorchPulledBackField : TorchField
{
    private readonly TorchField _gradient;
    private readonly ITorchLinearMap _map;

    /// <summary>Of a risk that is a loss of the product of the layers W; see <see cref="TorchProductField"/>.</summary>
    public TorchPulledBackField(IProductLoss loss, ILinearMap map, Device? device = null, ScalarType dtype = ScalarType.Float64)
        : this(new TorchProductField(map.Image, loss, device, dtype), map)
    {
    }

    /// <param name="gradient">Of R, in the layers W; freed with this field.</param>
    /// <param name="map">To them.</param>
    /// <exception cref="ArgumentException">The gradient is of a network with other widths, or in other numbers than its layers.</exception>
    /// <exception cref="NotSupportedException">The map has no form on tensors.</exception>
    /// <exception cref="DeviceMemoryException">The device's memory does not hold it.</exception>
    public TorchPulledBackField(TorchField gradient, ILinearMap map)
        : base(map.Shape, map.Layout, gradient.Device, gradient.DType, map.MemoryBefore(gradient.Memory))
    {
        PulledBackField.RequireFit(map, gradient, gradient.Shape, gradient.Layout);
        _gradient = gradient;
        _map = Memory.Guard(Device, () => map.On(Device, DType));
    }

    public override Tensor Risk => _gradient.Risk;

    internal override double Work => _gradient.Work + _map.Work;

    public override void Dispose()
    {
        _gradient.Dispose();
        _map.Dispose();
    }

    private protected override Tensor[] Cut(Tensor state) => _map.Cut(state);

    internal override void Evaluate(Tensor[] w, Tensor[] direction)
    {
        var (layers, behind) = _map.Apply(w, direction);
        _gradient.Evaluate(layers, behind);
        _map.ApplyTransposed(behind, direction);
    }
}
