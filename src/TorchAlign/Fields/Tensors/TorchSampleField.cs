using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary>
/// <see cref="SampleField"/> on tensors of any device, for fewer samples than inputs: with X (d_0, n) the risk is one of V_1 = W_1 X
/// and the layers above, a network of n inputs, and dR/dW_1 = dR/dV_1 X^T.
/// </summary>
public sealed class TorchSampleField : TorchField
{
    private readonly TorchProductField _behind;
    private readonly Tensor _x;

    /// <param name="shape">Of the network, d_0 inputs.</param>
    /// <param name="data">n samples.</param>
    /// <param name="loss">The risk of a network that is given such data: <c>data => SquaredLoss.Mean(SecondMoments.Of(data))</c>.</param>
    /// <param name="device">The CPU unless told otherwise.</param>
    /// <param name="dtype">float64 or float32.</param>
    /// <exception cref="ArgumentException">The data have other inputs or outputs than the network, or the dtype is another.</exception>
    /// <exception cref="NotSupportedException">The loss has no form on tensors.</exception>
    /// <exception cref="DeviceMemoryException">The device's memory does not hold it.</exception>
    public TorchSampleField(
        NetworkShape shape, RegressionSet data, Func<RegressionSet, IProductLoss> loss,
        Device? device = null, ScalarType dtype = ScalarType.Float64)
        : this(shape, data, SampleField.Behind(shape, data, loss), device ?? CPU, dtype)
    {
    }

    private TorchSampleField(
        NetworkShape shape, RegressionSet data, (NetworkShape Shape, IProductLoss Loss) behind, Device device, ScalarType dtype)
        : base(shape, shape.Layout, device, dtype, new ProductMemory(shape, behind.Loss.TensorNumbers, dtype) { Samples = data.Count })
    {
        _behind = new TorchProductField(behind.Shape, behind.Loss, device, dtype, (ProductMemory)Memory);
        _x = Memory.Guard(device, () => data.X.ToTensor(device, dtype));
    }

    public override Tensor Risk => _behind.Risk;

    /// <summary>W_L ... W_1 X (d_L, n) at the state evaluated last.</summary>
    public Tensor Outputs => _behind.Product;

    internal override double Work => _behind.Work + 2.0 * _x.numel() * Shape.Rows(0);

    public override void Dispose()
    {
        _behind.Dispose();
        _x.Dispose();
    }

    private protected override void WriteDirection(Tensor w, Tensor direction)
    {
        using var scope = NewDisposeScope();
        var (layers, directions) = (LayersOf(w), LayersOf(direction));
        var first = directions[0];
        layers[0] = layers[0].mm(_x.t());
        directions[0] = empty_like(layers[0]);
        _behind.Evaluate(layers, directions);
        first.addmm_(directions[0], _x, beta: 0);
    }
}
