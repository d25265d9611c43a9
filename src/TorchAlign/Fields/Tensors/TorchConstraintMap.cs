using TorchAlign.Networks.Constraints;
using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary>
/// <see cref="ConstraintMap"/> on tensors: the bases of all constrained layers as one sparse matrix, states c (sum m_k) and operators
/// W (P) with W = sum_a c_a B_a, or for kernels sum_a theta_a A_a, and c_a = &lt;B_a, M&gt; of operators M.
/// </summary>
internal sealed class TorchConstraintMap : ITorchLinearMap
{
    private readonly ConstrainedLayers _layers;
    private readonly SparseRows _contract, _expand;

    // The entries of W that some B_a reaches; the others are 0. Then W and the direction in it, both (P).
    private readonly Tensor _reached, _weights, _direction;

    internal TorchConstraintMap(ConstrainedLayers layers, Coordinates coordinates, Device device, ScalarType dtype)
    {
        _layers = layers;
        (int Row, int Column, double Value)[] entries =
        [
            .. layers.Layers.SelectMany((layer, k) => layer.Entries(coordinates).Select(entry =>
                (layers.Layout.Offset(k) + entry.Parameter, layers.Shape.Layout.Offset(k) + entry.Position, entry.Value))),
        ];
        int[] reached = [.. entries.Select(entry => entry.Column).Distinct().Order()];
        var rowOf = new int[layers.Shape.Length];
        for (var row = 0; row < reached.Length; row++) rowOf[reached[row]] = row;
        _contract = new SparseRows(layers.Layout.Length, entries, device, dtype);
        _expand = new SparseRows(
            reached.Length, [.. entries.Select(entry => (rowOf[entry.Column], entry.Row, entry.Value))], device, dtype);
        using var scope = NewDisposeScope();
        _reached = tensor(reached.Select(place => (long)place).ToArray(), device: CPU).to(device).DetachFromDisposeScope();
        _weights = zeros(layers.Shape.Length, dtype: dtype, device: device).DetachFromDisposeScope();
        _direction = zeros(layers.Shape.Length, dtype: dtype, device: device).DetachFromDisposeScope();
    }

    public double Work => 2.0 * _layers.Layers.Sum(layer => (double)layer.NonzeroCount);

    public Tensor[] Cut(Tensor state) => [state];

    public (Tensor[] W, Tensor[] Direction) Apply(Tensor[] x, Tensor[] direction)
    {
        _weights.scatter_(0, _reached, _expand.Times(x[0]));
        return (TorchLayers.Cut(_layers.Shape, _weights), TorchLayers.Cut(_layers.Shape, _direction));
    }

    public void ApplyTransposed(Tensor[] gradient, Tensor[] direction) => direction[0].copy_(_contract.Times(_direction));

    public void Dispose()
    {
        _contract.Dispose();
        _expand.Dispose();
        foreach (var tensor in (Tensor[])[_reached, _weights, _direction]) tensor.Dispose();
    }
}
