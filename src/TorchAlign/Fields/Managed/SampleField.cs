using TorchAlign.Data;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.States;

namespace TorchAlign.Fields;

/// <summary>
/// <see cref="ProductField"/> for fewer samples than inputs: the n samples go through the layers instead of the d_0 unit vectors. With
/// X (d_0, n) the risk is one of V_1 = W_1 X and the layers above, a network of n inputs, and dR/dW_1 = dR/dV_1 X^T. A step costs
/// O(n sum d_k d_{k-1}). Allocates nothing; not safe for concurrent calls.
/// </summary>
public sealed class SampleField : IVectorField, ILayerGradient
{
    private readonly RegressionSet _data;
    private readonly ProductField _field;
    private readonly double[] _weights;
    private readonly double[] _direction;

    /// <param name="shape">Of the network, d_0 inputs.</param>
    /// <param name="data">n samples.</param>
    /// <param name="loss">The risk of a network that is given such data: <c>data => SquaredLoss.Mean(SecondMoments.Of(data))</c>.</param>
    /// <exception cref="ArgumentException">The data have other inputs or outputs than the network.</exception>
    public SampleField(NetworkShape shape, RegressionSet data, Func<RegressionSet, IProductLoss> loss)
    {
        (Shape, _data) = (shape, data);
        var (behind, behindLoss) = Behind(shape, data, loss);
        _field = new ProductField(behind, behindLoss);
        (_weights, _direction) = (new double[behind.Length], new double[behind.Length]);
    }

    public NetworkShape Shape { get; }

    public double Risk => _field.Risk;

    public StateVector NewState() => new ManagedState(Shape.Layout);

    public FieldValue Evaluate(StateVector w, StateVector direction)
    {
        Evaluate(((ManagedState)w).Values, ((ManagedState)direction).Values);
        return new FieldValue(Math.Log(Risk), 0);
    }

    public double Evaluate(ReadOnlySpan<double> w, Span<double> direction)
    {
        var (behind, first) = (_field.Shape, Shape.Layout.LengthOf(0));
        var x = _data.X.Values;
        Gemm.MultiplyRightTransposed(w[..first], x, behind.Layer(_weights.AsSpan(), 0), Shape.Rows(0), Shape.Inputs, _data.Count);
        w[first..].CopyTo(_weights.AsSpan(behind.Layout.LengthOf(0)));
        _field.Evaluate(_weights, _direction);
        Gemm.Multiply(behind.Layer(_direction.AsSpan(), 0), x, direction[..first], Shape.Rows(0), _data.Count, Shape.Inputs);
        _direction.AsSpan(behind.Layout.LengthOf(0)).CopyTo(direction[first..]);
        return Risk;
    }

    /// <summary>The network that sees V_1 = W_1 X for its first layer, and its loss.</summary>
    /// <exception cref="ArgumentException">The data have other inputs or outputs than the network.</exception>
    internal static (NetworkShape Shape, IProductLoss Loss) Behind(
        NetworkShape shape, RegressionSet data, Func<RegressionSet, IProductLoss> loss)
    {
        if (data.Inputs != shape.Inputs || data.Outputs != shape.Outputs)
            throw new ArgumentException(
                $"The data have {data.Inputs} inputs and {data.Outputs} outputs, the network is {shape}.", nameof(data));
        return (new NetworkShape([data.Count, .. shape.Widths.Skip(1)]),
            loss(new RegressionSet(data.Name, Matrix.Identity(data.Count), data.Y)));
    }
}
