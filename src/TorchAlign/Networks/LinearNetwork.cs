using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchAlign.Networks;

/// <summary>
/// A deep linear network: L chained torch <c>Linear</c> layers without bias, x -> W_L ... W_1 x. Every weight is a view into
/// one flat parameter vector, <see cref="Flat"/>, in the order and layout of <see cref="NetworkShape"/>.
/// </summary>
/// <remarks>Choose device and dtype here: moving the module later would copy the weights out of the flat vector.</remarks>
public sealed class LinearNetwork : nn.Module<Tensor, Tensor>
{
    private readonly Linear[] _layers;

    /// <param name="shape">Widths d_0 ... d_L.</param>
    /// <param name="device">CPU unless given.</param>
    /// <param name="dtype">float64 unless given.</param>
    public LinearNetwork(NetworkShape shape, Device? device = null, ScalarType dtype = ScalarType.Float64)
        : base(nameof(LinearNetwork))
    {
        using var scope = NewDisposeScope();
        Shape = shape;
        Flat = zeros(shape.Length, dtype: dtype, device: device);
        _layers = new Linear[shape.Depth];
        for (var k = 0; k < shape.Depth; k++)
        {
            var layout = shape.Layout;
            var view = Flat.narrow(0, layout.Offset(k), layout.LengthOf(k)).view(shape.Rows(k), shape.Columns(k));
            var layer = nn.Linear(shape.Columns(k), shape.Rows(k), hasBias: false, device: device, dtype: dtype);
            var unused = layer.weight;
            layer.weight = nn.Parameter(view);
            unused?.Dispose();
            _layers[k] = layer;
            register_module($"layer{k + 1}", layer);
        }
        scope.Detach(Flat);
    }

    public NetworkShape Shape { get; }

    /// <summary>All parameters (P); writing to it under no_grad writes to the layers.</summary>
    public Tensor Flat { get; }

    public IReadOnlyList<Linear> Layers => _layers;

    /// <summary>Copies P numbers into the layers.</summary>
    public void Load(ReadOnlySpan<double> state)
    {
        if (state.Length != Shape.Length)
            throw new ArgumentException($"The network {Shape} has {Shape.Length} parameters, not {state.Length}.", nameof(state));
        using var scope = NewDisposeScope();
        using (no_grad()) Flat.copy_(tensor(state.ToArray(), dtype: float64, device: CPU));
    }

    /// <summary>x (n, d_0) to (n, d_L), layer by layer: O(n sum d_k d_{k-1}).</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input;
        foreach (var layer in _layers) x = layer.call(x);
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>x (n, d_0) to (n, d_L) through the collapsed product: O(n d_0 d_L + sum d_k d_{k-1}), the same gradient.</summary>
    public Tensor CollapsedForward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return input.mm(Product().t()).MoveToOuterDisposeScope();
    }

    /// <summary>W_L ... W_1 (d_L, d_0), multiplied from the output side, which is cheapest for few outputs.</summary>
    public Tensor Product()
    {
        using var scope = NewDisposeScope();
        var product = (Tensor)_layers[^1].weight;
        for (var k = _layers.Length - 2; k >= 0; k--) product = product.mm(_layers[k].weight);
        return _layers.Length == 1 ? product.alias().MoveToOuterDisposeScope() : product.MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) Flat.Dispose();
        base.Dispose(disposing);
    }
}
