using TorchAlign.Networks.Constraints;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary>
/// The bases of all constrained layers as one sparse matrix on a torch device: states c (sum m_k) and operators W (P) with
/// W = sum_a c_a B_a, or for kernels sum_a theta_a A_a, and c_a = &lt;B_a, M&gt; of operators M.
/// </summary>
internal sealed class TensorBasis : IDisposable
{
    private readonly SparseRows _contract, _expand;

    // The entries of W that some B_a reaches; the others are 0.
    private readonly Tensor _reached;

    internal TensorBasis(ConstrainedLayers layers, Coordinates coordinates, Device device, ScalarType dtype)
    {
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
    }

    /// <summary>Writes the operators (P) of the state (sum m_k); where no basis reaches, they must be 0 already.</summary>
    internal void Expand(Tensor state, Tensor operators)
    {
        using var scope = NewDisposeScope();
        operators.scatter_(0, _reached, _expand.Times(state));
    }

    /// <summary>Writes the coordinates (sum m_k) of a gradient in the operators (P).</summary>
    internal void Contract(Tensor operators, Tensor state)
    {
        using var scope = NewDisposeScope();
        state.copy_(_contract.Times(operators));
    }

    public void Dispose()
    {
        _contract.Dispose();
        _expand.Dispose();
        _reached.Dispose();
    }
}
