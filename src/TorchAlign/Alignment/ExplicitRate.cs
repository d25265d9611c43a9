using TorchAlign.Data;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Alignment;

/// <summary>A step of descent that the data and the start allow.</summary>
/// <param name="Eta">The step.</param>
/// <param name="Curvature">b = ||X||_2^2.</param>
/// <param name="LayerNorm">s, the greatest layer norm that is reckoned with; NaN where none is.</param>
public sealed record ExplicitRate(double Eta, double Curvature, double LayerNorm)
{
    /// <summary>
    /// Of the mean squared loss: n / (L b s^(2L-2)) with b = ||X||_2^2 and s the greater of ||P*||_2^(1/L) and max_k ||W_k(0)||_2. Where
    /// the data allow alignment, all b_j are equal and the layers start equal and below s, this is the explicit rate
    /// n / (L max_j b_j s_j*^(2L-2)) of [RNBU], under which every mode rises monotonically; elsewhere it takes the worst of each factor.
    /// </summary>
    /// <param name="moments">Of the data.</param>
    /// <param name="shape">Of the network.</param>
    /// <param name="start">W(0) (P).</param>
    public static ExplicitRate Squared(SecondMoments moments, NetworkShape shape, ReadOnlySpan<double> start)
    {
        var b = moments.Eigen.Values[^1];
        var norm = Math.Pow(Svd.Of(moments.LeastSquares).S[0], 1.0 / shape.Depth);
        for (var k = 0; k < shape.Depth; k++) norm = Math.Max(norm, Svd.Of(LinearProduct.Layer(shape, start, k)).S[0]);
        return new ExplicitRate(moments.Count / (shape.Depth * b * Math.Pow(norm, 2 * shape.Depth - 2)), b, norm);
    }

    /// <summary>
    /// Of cross-entropy: 2n / ||X||_2^2, the inverse of the smoothness of the risk in the product (softmax is 1/2-Lipschitz). The
    /// curvature in the layers grows with them, but falls with the risk. Derived; the theory gives no rate here.
    /// </summary>
    /// <param name="moments">Of the data.</param>
    public static ExplicitRate CrossEntropy(SecondMoments moments)
    {
        var b = moments.Eigen.Values[^1];
        return new ExplicitRate(2 * moments.Count / b, b, double.NaN);
    }
}
