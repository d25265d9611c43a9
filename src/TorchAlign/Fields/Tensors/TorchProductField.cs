using TorchAlign.Devices;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary>
/// <see cref="ProductField"/> on tensors of any device: R(W) = loss(W_L ... W_1), and with G = dR/dP (d_L, d_0),
/// dR/dW_k = (W_L ... W_{k+1})^T G (W_{k-1} ... W_1)^T, cut where that costs least (<see cref="ProductCut"/>).
/// </summary>
public sealed class TorchProductField : TorchField
{
    private readonly int _cut;
    private readonly ITorchProductLoss _onDevice;
    private Tensor? _product, _gradient, _risk;

    /// <param name="shape">Of the network.</param>
    /// <param name="loss">Of its product.</param>
    /// <param name="device">The CPU unless told otherwise.</param>
    /// <param name="dtype">float64 or float32.</param>
    /// <exception cref="ArgumentException">The loss is for other inputs or outputs than the network's, or the dtype is another.</exception>
    /// <exception cref="NotSupportedException">The loss has no form on tensors.</exception>
    /// <exception cref="DeviceMemoryException">The device's memory does not hold it.</exception>
    public TorchProductField(NetworkShape shape, IProductLoss loss, Device? device = null, ScalarType dtype = ScalarType.Float64)
        : base(shape, shape.Layout, device ?? CPU, dtype, new ProductMemory(shape, loss.TensorNumbers, dtype))
    {
        ProductField.RequireFit(shape, loss);
        Loss = loss;
        _cut = ProductCut.Of(shape);
        _onDevice = Memory.Guard(Device, () => loss.On(Device, dtype));
    }

    public IProductLoss Loss { get; }

    /// <summary>P = W_L ... W_1 (d_L, d_0) at the state evaluated last.</summary>
    public Tensor Product => _product ?? throw NotEvaluated();

    /// <summary>dR/dP (d_L, d_0) at the state evaluated last.</summary>
    public Tensor ProductGradient => _gradient ?? throw NotEvaluated();

    public override Tensor Risk => _risk ?? throw NotEvaluated();

    // Each number of the loss meets about one row or column of the product; the last term is the steps themselves.
    internal override double Work => ProductCut.Work(Shape) + Loss.TensorNumbers * Math.Min(Shape.Inputs, Shape.Outputs) + Shape.Length;

    public override void Dispose()
    {
        foreach (var tensor in (Tensor?[])[_product, _gradient, _risk]) tensor?.Dispose();
        _onDevice.Dispose();
    }

    /// <summary>Writes -dR/dW_k into <paramref name="direction"/>, layer by layer.</summary>
    /// <param name="w">W_1, ..., W_L, (d_k, d_{k-1}).</param>
    /// <param name="direction">The same sizes; other tensors.</param>
    internal override void Evaluate(Tensor[] w, Tensor[] direction)
    {
        var last = w.Length - 1;
        // W_k ... W_{b+1} (d_k, w) for the layers above the cut, W_b ... W_k (w, d_{k-1}) for those below.
        Tensor[] above = [.. w], below = [.. w];
        for (var k = _cut + 1; k <= last; k++) above[k] = w[k].mm(above[k - 1]);
        for (var k = _cut - 2; k >= 0; k--) below[k] = below[k + 1].mm(w[k]);
        var product = last == 0 ? w[0].clone() : _cut == 0 ? above[last] : _cut > last ? below[0] : above[last].mm(below[0]);
        var (risk, gradient) = _onDevice.Evaluate(product);

        // Carried is -G, so that what comes out is the direction; at the cut it is the layer's own.
        var minus = gradient.neg();
        if (_cut <= last)
        {
            var carried = _cut == 0 ? minus : minus.mm(below[0].t());
            for (var k = last; k > _cut; k--)
            {
                direction[k].addmm_(carried, above[k - 1].t(), beta: 0);
                carried = w[k].t().mm(carried);
            }
            direction[_cut].copy_(carried);
        }
        if (_cut > 0)
        {
            var carried = _cut > last ? minus : above[last].t().mm(minus);
            for (var k = 0; k < _cut - 1; k++)
            {
                direction[k].addmm_(below[k + 1].t(), carried, beta: 0);
                carried = carried.mm(w[k].t());
            }
            direction[_cut - 1].copy_(carried);
        }
        TorchLayers.Keep(ref _product, product);
        TorchLayers.Keep(ref _gradient, gradient);
        TorchLayers.Keep(ref _risk, risk);
    }
}
