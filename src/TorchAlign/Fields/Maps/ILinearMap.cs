using TorchAlign.Devices;
using TorchAlign.Networks;
using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary>
/// A linear map A from states x of a network to the layers W = A x of one whose risk is known. By it the risk is one of x, with the
/// gradient A^T grad R(W); see <see cref="PulledBackField"/>.
/// </summary>
public interface ILinearMap
{
    /// <summary>The network that x describes.</summary>
    NetworkShape Shape { get; }

    /// <summary>Of x: the layers of <see cref="Shape"/> themselves, or what they are given by.</summary>
    BlockLayout Layout { get; }

    /// <summary>The network of the layers W.</summary>
    NetworkShape Image { get; }

    /// <summary>Writes W = A x.</summary>
    void Apply(ReadOnlySpan<double> x, Span<double> w);

    /// <summary>Writes A^T g of a gradient g in W.</summary>
    void ApplyTransposed(ReadOnlySpan<double> gradient, Span<double> x);

    /// <summary>The same map on tensors of any device, in float64 or float32.</summary>
    /// <exception cref="NotSupportedException">The map has a form for managed memory alone.</exception>
    internal ITorchLinearMap On(Device device, ScalarType dtype) => throw new NotSupportedException(
        $"{GetType().Name} has no form on tensors: use PulledBackField.");

    /// <summary>What a gradient in W takes of a device's memory, with this map before it.</summary>
    internal ProductMemory MemoryBefore(ProductMemory gradient) => gradient;
}
