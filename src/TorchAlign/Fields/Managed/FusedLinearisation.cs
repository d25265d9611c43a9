using System.Numerics.Tensors;
using TorchAlign.Networks;

namespace TorchAlign.Fields;

/// <summary>
/// What <see cref="FusedField"/> finds at one state: the margins, their weights p, and the factors of the gradient, left_k =
/// (W_L ... W_{k+1})^T and right_k = W_k ... W_1 g, g = Z^T p. Whoever owns it decides which state it is of: the field writes to the
/// one it is handed and to no other.
/// </summary>
internal sealed class FusedLinearisation
{
    private readonly int[] _offsets;
    private readonly double[] _left, _right;

    internal FusedLinearisation(NetworkShape shape, int count)
    {
        _offsets = new int[shape.Depth + 2];
        for (var k = 0; k <= shape.Depth; k++) _offsets[k + 1] = _offsets[k] + shape.Widths[k];
        (_left, _right) = (new double[_offsets[^1]], new double[_offsets[^1]]);
        _left[^1] = 1;
        (Margins, Weights) = (new double[count], new double[count]);
    }

    internal double LogRisk { get; set; }

    /// <summary>m (n).</summary>
    internal double[] Margins { get; }

    /// <summary>p (n).</summary>
    internal double[] Weights { get; }

    /// <summary>w_prod (d_0).</summary>
    internal ReadOnlySpan<double> Product => Left(0);

    /// <summary>g (d_0) = -grad log R in w_prod.</summary>
    internal Span<double> ProductGradient => Right(0);

    /// <summary>left_k (d_k), k = 0 .. L; left_0 = w_prod, left_L = 1.</summary>
    internal Span<double> Left(int k) => _left.AsSpan(_offsets[k], _offsets[k + 1] - _offsets[k]);

    /// <summary>right_k (d_k), k = 0 .. L - 1; right_0 = g.</summary>
    internal Span<double> Right(int k) => _right.AsSpan(_offsets[k], _offsets[k + 1] - _offsets[k]);

    /// <summary>||grad log R|| = sqrt(sum_k ||left_k||^2 ||right_{k-1}||^2).</summary>
    internal double DirectionNorm()
    {
        var sum = 0.0;
        for (var layer = 0; layer < _offsets.Length - 2; layer++)
            sum += TensorPrimitives.SumOfSquares<double>(Left(layer + 1)) * TensorPrimitives.SumOfSquares<double>(Right(layer));
        return Math.Sqrt(sum);
    }
}
