using TorchAlign.Data;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Experiments.Papers;

/// <summary>A step of descent and where it comes from.</summary>
internal sealed record StepSource(double Eta, string Why)
{
    /// <summary>
    /// Of the mean squared loss: n / (L b s^(2L-2)) with b = ||X||_2^2 and s the greater of ||P*||_2^(1/L) and max_k ||W_k(0)||_2. Where
    /// the data allow alignment, all b_j are equal and the layers start equal and below s, this is the explicit rate
    /// n / (L max_j b_j s_j*^(2L-2)), under which every mode rises monotonically; elsewhere it takes the worst of each factor.
    /// </summary>
    /// <param name="settings">A step given there goes first.</param>
    /// <param name="moments">Of the data.</param>
    /// <param name="shape">Of the network.</param>
    /// <param name="start">W(0) (P).</param>
    public static StepSource Squared(DescentSettings settings, SecondMoments moments, NetworkShape shape, ReadOnlySpan<double> start)
    {
        if (settings.Rate is { } given) return new StepSource(given, "as given");
        var b = moments.Eigen.Values[^1];
        var norm = Math.Pow(Svd.Of(moments.LeastSquares).S[0], 1.0 / shape.Depth);
        for (var k = 0; k < shape.Depth; k++) norm = Math.Max(norm, Svd.Of(LinearProduct.Layer(shape, start, k)).S[0]);
        var eta = moments.Count / (shape.Depth * b * Math.Pow(norm, 2 * shape.Depth - 2));
        return new StepSource(eta, $"explicit rate n / (L b s^(2L−2)) with b = ‖X‖₂² = {Numbers.Short(b)}, s = {Numbers.Short(norm)}");
    }

    /// <summary>
    /// Of cross-entropy: 2n / ||X||_2^2, the inverse of the smoothness of the risk in the product (softmax is 1/2-Lipschitz). The
    /// curvature in the layers grows with them, but falls with the risk.
    /// </summary>
    public static StepSource CrossEntropy(DescentSettings settings, SecondMoments moments)
    {
        if (settings.Rate is { } given) return new StepSource(given, "as given");
        var b = moments.Eigen.Values[^1];
        return new StepSource(2 * moments.Count / b,
            $"2n / ‖X‖₂² with ‖X‖₂² = {Numbers.Short(b)}, the inverse smoothness in the product; the theory gives no rate here");
    }
}
