using System.Numerics.Tensors;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.States;

namespace TorchAlign.Fields;

/// <summary>
/// The gradient of R(W) = loss(W_L ... W_1) in closed form on the CPU, for any number of outputs: with G = dR/dP (d_L, d_0),
/// dR/dW_k = (W_L ... W_{k+1})^T G (W_{k-1} ... W_1)^T. The data enter through the product alone. LogScale is 0: the direction
/// is -grad R itself, because these risks need not vanish. Allocates nothing; not safe for concurrent calls.
/// </summary>
/// <remarks>The network is cut where that costs least; see <see cref="ProductCut"/>.</remarks>
public sealed class ProductField : IVectorField, ILayerGradient
{
    private readonly int _cut;

    // Above the cut, by layer: W_k ... W_{b+1} (d_k, w); below it: W_b ... W_k (w, d_{k-1}). The layers at the cut are their own.
    private readonly double[]?[] _partial;
    private readonly double[] _product;
    private readonly double[] _gradient;
    private readonly double[] _carried;
    private readonly double[] _next;

    /// <exception cref="ArgumentException">The loss is for other inputs or outputs than the network's.</exception>
    public ProductField(NetworkShape shape, IProductLoss loss)
    {
        RequireFit(shape, loss);
        (Shape, Loss) = (shape, loss);
        _cut = ProductCut.Of(shape);
        var width = shape.Widths[_cut];
        _product = new double[shape.Outputs * shape.Inputs];
        _gradient = new double[shape.Outputs * shape.Inputs];
        _partial = new double[shape.Depth][];
        for (var k = _cut + 1; k < shape.Depth; k++)
            _partial[k] = _cut == 0 && k == shape.Depth - 1 ? _product : new double[shape.Rows(k) * width];
        for (var k = _cut - 2; k >= 0; k--)
            _partial[k] = _cut == shape.Depth && k == 0 ? _product : new double[width * shape.Columns(k)];
        var largest = width * shape.Widths.Max();
        (_carried, _next) = (new double[largest], new double[largest]);
    }

    public NetworkShape Shape { get; }

    public IProductLoss Loss { get; }

    /// <summary>P = W_L ... W_1 (d_L, d_0), row-major, at the state evaluated last.</summary>
    public ReadOnlySpan<double> Product => _product;

    /// <summary>dR/dP (d_L, d_0), row-major, at the state evaluated last.</summary>
    public ReadOnlySpan<double> ProductGradient => _gradient;

    /// <summary>R at the state evaluated last.</summary>
    public double Risk { get; private set; }

    public StateVector NewState() => new ManagedState(Shape.Layout);

    public FieldValue Evaluate(StateVector w, StateVector direction)
    {
        Evaluate(((ManagedState)w).Values, ((ManagedState)direction).Values);
        return new FieldValue(Math.Log(Risk), 0);
    }

    /// <summary>Writes -grad R (P) at the flat state <paramref name="w"/> (P) and returns R.</summary>
    public double Evaluate(ReadOnlySpan<double> w, Span<double> direction)
    {
        var (depth, width) = (Shape.Depth, Shape.Widths[_cut]);
        for (var k = _cut + 1; k < depth; k++)
            Gemm.Multiply(Shape.Layer(w, k), Above(w, k - 1), _partial[k], Shape.Rows(k), Shape.Columns(k), width);
        for (var k = _cut - 2; k >= 0; k--)
            Gemm.Multiply(Below(w, k + 1), Shape.Layer(w, k), _partial[k], width, Shape.Rows(k), Shape.Columns(k));
        if (_cut > 0 && _cut < depth)
            Gemm.Multiply(Above(w, depth - 1), Below(w, 0), _product, Shape.Outputs, width, Shape.Inputs);
        else if (depth == 1)
            w.CopyTo(_product);
        Risk = Loss.Evaluate(_product, _gradient);
        if (_cut < depth) DescendAbove(w, direction);
        if (_cut > 0) DescendBelow(w, direction);
        TensorPrimitives.Negate(direction, direction);
        return Risk;
    }

    /// <exception cref="ArgumentException">The loss is for other inputs or outputs than the network's.</exception>
    internal static void RequireFit(NetworkShape shape, IProductLoss loss)
    {
        if (loss.Inputs != shape.Inputs || loss.Outputs != shape.Outputs)
            throw new ArgumentException(
                $"The loss is of {loss.Inputs} inputs and {loss.Outputs} outputs, the network is {shape}.", nameof(loss));
    }

    /// <summary>From the last layer down to the cut, carrying (W_L ... W_{k+1})^T G V^T (d_k, w).</summary>
    private void DescendAbove(ReadOnlySpan<double> w, Span<double> direction)
    {
        var (shape, last, width) = (Shape, Shape.Depth - 1, Shape.Widths[_cut]);
        // At the cut what is carried is the layer's own gradient.
        var carried = last == _cut ? shape.Layer(direction, last) : _carried;
        var next = _next.AsSpan();
        if (_cut > 0) Gemm.MultiplyRightTransposed(_gradient, Below(w, 0), carried, shape.Outputs, shape.Inputs, width);
        else _gradient.CopyTo(carried);
        for (var k = last; k > _cut; k--)
        {
            var (rows, columns) = (shape.Rows(k), shape.Columns(k));
            Gemm.MultiplyRightTransposed(carried, Above(w, k - 1), shape.Layer(direction, k), rows, width, columns);
            var below = k - 1 == _cut ? shape.Layer(direction, _cut) : next;
            Gemm.MultiplyLeftTransposed(shape.Layer(w, k), carried, below, columns, rows, width);
            next = carried;
            carried = below;
        }
    }

    /// <summary>From the first layer up to the cut, carrying U^T G (W_{k-1} ... W_1)^T (w, d_{k-1}).</summary>
    private void DescendBelow(ReadOnlySpan<double> w, Span<double> direction)
    {
        var (shape, last, width) = (Shape, _cut - 1, Shape.Widths[_cut]);
        var carried = last == 0 ? shape.Layer(direction, 0) : _carried;
        var next = _next.AsSpan();
        if (_cut < shape.Depth)
            Gemm.MultiplyLeftTransposed(Above(w, shape.Depth - 1), _gradient, carried, width, shape.Outputs, shape.Inputs);
        else
            _gradient.CopyTo(carried);
        for (var k = 0; k < last; k++)
        {
            var (rows, columns) = (shape.Rows(k), shape.Columns(k));
            Gemm.MultiplyLeftTransposed(Below(w, k + 1), carried, shape.Layer(direction, k), rows, width, columns);
            var above = k + 1 == last ? shape.Layer(direction, last) : next;
            Gemm.MultiplyRightTransposed(carried, shape.Layer(w, k), above, width, columns, rows);
            next = carried;
            carried = above;
        }
    }

    /// <summary>W_k ... W_{b+1}, k counted from 0.</summary>
    private ReadOnlySpan<double> Above(ReadOnlySpan<double> w, int layer) =>
        layer == _cut ? Shape.Layer(w, layer) : _partial[layer];

    /// <summary>W_b ... W_k, k counted from 0.</summary>
    private ReadOnlySpan<double> Below(ReadOnlySpan<double> w, int layer) =>
        layer == _cut - 1 ? Shape.Layer(w, layer) : _partial[layer];
}
