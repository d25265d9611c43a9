using TorchAlign.Numerics;
using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary><see cref="SampleMap"/> on tensors: all layers but the first stay where they are.</summary>
internal sealed class TorchSampleMap(SampleMap map, Device device, ScalarType dtype) : ITorchLinearMap
{
    private readonly Tensor _x = map.X.ToTensor(device, dtype);

    public double Work => 2.0 * _x.numel() * map.Shape.Rows(0);

    public Tensor[] Cut(Tensor state) => TorchLayers.Cut(map.Shape, state);

    public (Tensor[] W, Tensor[] Direction) Apply(Tensor[] x, Tensor[] direction)
    {
        var first = x[0].mm(_x.t());
        return ([first, .. x[1..]], [empty_like(first), .. direction[1..]]);
    }

    public void ApplyTransposed(Tensor[] gradient, Tensor[] direction) => direction[0].addmm_(gradient[0], _x, beta: 0);

    public void Dispose() => _x.Dispose();
}
