using System.Numerics.Tensors;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;

namespace TorchAlign.Alignment;

/// <summary>
/// (derived) The part of w_prod that no gradient moves and the upper layers carry along. dW_1/dt = -(W_L...W_2)^T g^T with g in the span
/// of the data, so C = W_1 (I - P), P the projection on that span, is the same at every t, and the part of w_prod outside the span is
/// (W_L...W_2) C. For L = 1 it is constant; for L >= 2 its norm ||a|| ||C^T a/||a|| ||, a = (W_L...W_2)^T, grows like rho^(1 - 1/L), rho =
/// &lt;w_prod, u_bar&gt;, and the direction converges like rho^(-1/L) only.
/// </summary>
/// <remarks>
/// Once the weights of all other points have vanished the same holds of the span of the support vectors, with C as it is by then.
/// </remarks>
public sealed class CarriedPart
{
    private readonly NetworkShape _shape;

    // C (d_1, d), row-major; empty where the span is R^d.
    private readonly double[] _c;

    /// <param name="shape">One output.</param>
    /// <param name="span">Of the support vectors, which must span the data where this is to hold at every t.</param>
    /// <param name="state">The state (P) that C is taken from.</param>
    public CarriedPart(NetworkShape shape, SupportSpan span, ReadOnlySpan<double> state)
    {
        _shape = shape;
        _c = span.IsAll ? [] : shape.Layer(state, 0).ToArray();
        for (var row = 0; row < _c.Length; row += shape.Inputs) span.Reject(_c.AsSpan(row, shape.Inputs));
    }

    /// <summary>||C||_F.</summary>
    public double FrobeniusNorm => TensorPrimitives.Norm<double>(_c);

    /// <summary>The part (d) of w_prod outside the span at a state (P): C^T a.</summary>
    public double[] At(ReadOnlySpan<double> state)
    {
        var part = new double[_shape.Inputs];
        if (_c.Length == 0) return part;
        var a = LinearProduct.Above(_shape, state);
        for (var i = 0; i < a.Length; i++) TensorPrimitives.MultiplyAdd(_c.AsSpan(i * part.Length, part.Length), a[i], part, part);
        return part;
    }
}
