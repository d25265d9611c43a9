using System.Numerics.Tensors;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Dynamics;

/// <summary>
/// The gradient of R(W) = loss(W_L ... W_1) in closed form on the CPU, for any number of outputs: with G = dR/dP (d_L, d_0),
/// dR/dW_k = (W_L ... W_{k+1})^T G (W_{k-1} ... W_1)^T. The data enter through the product alone. LogScale is 0: the direction
/// is -grad R itself, because these risks need not vanish. Allocates nothing; not safe for concurrent calls.
/// </summary>
public sealed class ProductField : IVectorField
{
    private readonly double[][] _below;
    private readonly double[] _gradient;
    private readonly double[] _left;
    private readonly double[] _nextLeft;

    /// <exception cref="ArgumentException">The loss is for other inputs or outputs than the network's.</exception>
    public ProductField(NetworkShape shape, IProductLoss loss)
    {
        if (loss.Inputs != shape.Inputs || loss.Outputs != shape.Outputs)
            throw new ArgumentException(
                $"The loss is of {loss.Inputs} inputs and {loss.Outputs} outputs, the network is {shape}.", nameof(loss));
        (Shape, Loss) = (shape, loss);
        _below = [.. Enumerable.Range(0, shape.Depth).Select(k => new double[shape.Rows(k) * shape.Inputs])];
        _gradient = new double[shape.Outputs * shape.Inputs];
        var largest = shape.Widths.Max() * shape.Inputs;
        (_left, _nextLeft) = (new double[largest], new double[largest]);
    }

    public NetworkShape Shape { get; }

    public IProductLoss Loss { get; }

    /// <summary>P = W_L ... W_1 (d_L, d_0), row-major, at the state evaluated last.</summary>
    public ReadOnlySpan<double> Product => _below[^1];

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
        var (shape, inputs) = (Shape, Shape.Inputs);
        shape.Layer(w, 0).CopyTo(_below[0]);
        for (var k = 1; k < shape.Depth; k++)
            Gemm.Multiply(shape.Layer(w, k), _below[k - 1], _below[k], shape.Rows(k), shape.Columns(k), inputs);
        Risk = Loss.Evaluate(_below[^1], _gradient);

        // left = -(W_L ... W_{k+1})^T G (d_k, d_0), carried down from the last layer.
        var (left, next) = (_left, _nextLeft);
        TensorPrimitives.Negate(_gradient, left.AsSpan(0, _gradient.Length));
        for (var k = shape.Depth - 1; k >= 0; k--)
        {
            var (rows, columns) = (shape.Rows(k), shape.Columns(k));
            var layer = shape.Layer(direction, k);
            if (k == 0)
            {
                left.AsSpan(0, layer.Length).CopyTo(layer);
                break;
            }
            Gemm.MultiplyRightTransposed(left, _below[k - 1], layer, rows, inputs, columns);
            Gemm.MultiplyLeftTransposed(shape.Layer(w, k), left, next, columns, rows, inputs);
            (left, next) = (next, left);
        }
        return Risk;
    }
}
