using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary>
/// W_1 to V_1 = W_1 X for samples X (d_0, n), the layers above to themselves: the risk is one of a network of n inputs, and
/// dR/dW_1 = dR/dV_1 X^T. With fewer samples than inputs they go through the layers instead of the d_0 unit vectors, and a step costs
/// O(n sum d_k d_{k-1}).
/// </summary>
public sealed class SampleMap : ILinearMap
{
    /// <param name="shape">Of the network, d_0 inputs.</param>
    /// <param name="data">n samples.</param>
    /// <exception cref="ArgumentException">The data have other inputs or outputs than the network.</exception>
    public SampleMap(NetworkShape shape, RegressionSet data)
    {
        if (data.Inputs != shape.Inputs || data.Outputs != shape.Outputs)
            throw new ArgumentException(
                $"The data have {data.Inputs} inputs and {data.Outputs} outputs, the network is {shape}.", nameof(data));
        (Shape, X) = (shape, data.X);
        Image = new NetworkShape([data.Count, .. shape.Widths.Skip(1)]);
        Seen = new RegressionSet(data.Name, Matrix.Identity(data.Count), data.Y);
    }

    public NetworkShape Shape { get; }

    public BlockLayout Layout => Shape.Layout;

    public NetworkShape Image { get; }

    /// <summary>The data as the network of <see cref="Image"/> sees them: its risk is that of these.</summary>
    public RegressionSet Seen { get; }

    /// <summary>A sample a row (n, d_0).</summary>
    internal Matrix X { get; }

    public void Apply(ReadOnlySpan<double> x, Span<double> w)
    {
        var first = Layout.LengthOf(0);
        Gemm.MultiplyRightTransposed(x[..first], X.Values, Image.Layer(w, 0), Shape.Rows(0), Shape.Inputs, Image.Inputs);
        x[first..].CopyTo(w[Image.Layout.LengthOf(0)..]);
    }

    public void ApplyTransposed(ReadOnlySpan<double> gradient, Span<double> x)
    {
        var first = Layout.LengthOf(0);
        Gemm.Multiply(Image.Layer(gradient, 0), X.Values, x[..first], Shape.Rows(0), Image.Inputs, Shape.Inputs);
        gradient[Image.Layout.LengthOf(0)..].CopyTo(x[first..]);
    }

    ITorchLinearMap ILinearMap.On(Device device, ScalarType dtype) => new TorchSampleMap(this, device, dtype);

    ProductMemory ILinearMap.MemoryBefore(ProductMemory gradient) => gradient with { Shape = Shape, Samples = Image.Inputs };
}
