using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Landscape;

/// <summary>
/// The Hessian of R(W) = loss(W_L ... W_1) at one state as a product with vectors, at the cost of about three gradients: the
/// derivative of dR/dW_k = A_k^T G B_{k-1}^T, A_k = W_L ... W_{k+1}, B_k = W_k ... W_1, G = dR/dP, along a direction in W.
/// </summary>
public sealed class ProductHessian
{
    private readonly NetworkShape _shape;
    private readonly IQuadraticLoss _loss;
    private readonly Matrix[] _layers;

    // B_k (d_k, d_0) and A_k^T G (d_k, d_0) by layer, k = 1 .. L.
    private readonly Matrix[] _below;
    private readonly Matrix[] _left;

    public ProductHessian(NetworkShape shape, IQuadraticLoss loss, ReadOnlySpan<double> state)
    {
        (_shape, _loss) = (shape, loss);
        var depth = shape.Depth;
        (_layers, _below, _left) = (new Matrix[depth], new Matrix[depth], new Matrix[depth]);
        for (var k = 0; k < depth; k++)
        {
            _layers[k] = LinearProduct.Layer(shape, state, k);
            _below[k] = k == 0 ? _layers[0] : _layers[k] * _below[k - 1];
        }
        _left[^1] = new Matrix(shape.Outputs, shape.Inputs);
        loss.Evaluate(_below[^1].Values, _left[^1].Values);
        for (var k = depth - 1; k > 0; k--) _left[k - 1] = _layers[k].TransposedTimes(_left[k]);
    }

    /// <summary>Number of parameters.</summary>
    public int Size => _shape.Length;

    /// <summary>H v (P).</summary>
    public double[] Times(ReadOnlySpan<double> v)
    {
        var depth = _shape.Depth;
        var result = new double[Size];
        var (moved, below) = (new Matrix[depth], new Matrix[depth]);
        for (var k = 0; k < depth; k++)
        {
            moved[k] = LinearProduct.Layer(_shape, v, k);
            below[k] = k == 0 ? moved[0] : moved[k] * _below[k - 1] + _layers[k] * below[k - 1];
        }
        var left = _loss.Curvature(below[^1]);
        for (var k = depth - 1; k > 0; k--)
        {
            var layer = left.TimesTransposed(_below[k - 1]) + _left[k].TimesTransposed(below[k - 1]);
            layer.Values.CopyTo(_shape.Layer(result.AsSpan(), k));
            left = _layers[k].TransposedTimes(left) + moved[k].TransposedTimes(_left[k]);
        }
        left.Values.CopyTo(_shape.Layer(result.AsSpan(), 0));
        return result;
    }
}
