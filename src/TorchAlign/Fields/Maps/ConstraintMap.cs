using TorchAlign.Devices;
using TorchAlign.Networks;
using TorchAlign.Networks.Constraints;
using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary>
/// Coefficients, or kernels, of constrained layers to their operators: W_k = sum_a c_a B_a, so that the gradient in c_a is
/// &lt;B_a, dR/dW_k&gt;. Descent on <see cref="Coordinates.Orthonormal"/> is projected descent W &lt;- W - eta P_S(grad) [RNBU].
/// </summary>
/// <param name="layers">The constraints.</param>
/// <param name="coordinates">What the states hold.</param>
public sealed class ConstraintMap(ConstrainedLayers layers, Coordinates coordinates = Coordinates.Orthonormal) : ILinearMap
{
    public NetworkShape Shape => layers.Shape;

    public BlockLayout Layout => layers.Layout;

    public NetworkShape Image => layers.Shape;

    public void Apply(ReadOnlySpan<double> x, Span<double> w) => layers.Expand(x, w, coordinates);

    public void ApplyTransposed(ReadOnlySpan<double> gradient, Span<double> x) => layers.ContractGradient(gradient, x, coordinates);

    ITorchLinearMap ILinearMap.On(Device device, ScalarType dtype) => new TorchConstraintMap(layers, coordinates, device, dtype);

    ProductMemory ILinearMap.MemoryBefore(ProductMemory gradient) => gradient with
    {
        Coordinates = layers.Layout.Length,
        BasisEntries = layers.Layers.Sum(layer => (double)layer.NonzeroCount),
    };
}
