using System.Numerics;
using System.Numerics.Tensors;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TorchAlign.Losses;

/// <summary>
/// loss(m) = log(1 + exp(-m)): 1/4-smooth and 1-Lipschitz, so [JT] Assumption 4 holds with beta = 1/4, G = 1.
/// </summary>
internal sealed class LogisticLoss : MarginLoss
{
    /// <summary>Above it exp(-m) is below half an ulp of 1, so log(1 + exp(-m)) = exp(-m) in float64.</summary>
    private const double ExponentialAbove = 37;

    /// <summary>Below minus it exp(-m) overflows, and log(1 + exp(-m)) = -m to rounding long before.</summary>
    private const double LinearBelow = -37;

    /// <summary>
    /// Factors 1 + e &lt;= 2 in a product before its logarithm is taken: far from overflow, and few roundings.
    /// </summary>
    private const int ProductLength = 64;

    public override string Name => "logistic";

    public override double? Smoothness => 0.25;

    public override double? Lipschitz => 1;

    public override double LogValue(double margin) =>
        margin > ExponentialAbove ? -margin : Math.Log(Value(margin));

    public override double LogSlope(double margin) =>
        margin > 0 ? -margin - LogDomain.Log1p(Math.Exp(-margin)) : -LogDomain.Log1p(Math.Exp(margin));

    public override double ShiftedSlopes(ReadOnlySpan<double> margins, Span<double> slopes, out double shift)
    {
        if (TensorPrimitives.Min(margins) > ExponentialAbove)
            return Exponential.ShiftedSlopes(margins, slopes, out shift);
        shift = 0;
        var width = Vector<double>.Count;
        var (sums, product, inProduct) = (Vector<double>.Zero, Vector<double>.Zero, 0);
        var i = 0;
        for (; i <= margins.Length - width; i += width)
        {
            AddValue(new Vector<double>(margins[i..]), ref sums, ref product, out var slope);
            slope.CopyTo(slopes[i..]);
            if (++inProduct < ProductLength) continue;
            sums += Log1p(product);
            (product, inProduct) = (Vector<double>.Zero, 0);
        }
        if (i < margins.Length)
        {
            // The rest goes through the same vector function, so that a margin's slope does not depend on its place;
            // the lanes that are left over hold a margin whose loss is 0.
            Span<double> rest = stackalloc double[width];
            rest.Fill(double.PositiveInfinity);
            margins[i..].CopyTo(rest);
            AddValue(new Vector<double>(rest), ref sums, ref product, out var slope);
            for (var lane = 0; i + lane < margins.Length; lane++) slopes[i + lane] = slope[lane];
        }
        return Vector.Sum(sums + Log1p(product));
    }

    public override void Curvatures(ReadOnlySpan<double> margins, ReadOnlySpan<double> weights, Span<double> curvatures)
    {
        // loss'' = -loss' sigmoid(m) = -loss' / (1 + exp(-m)).
        TensorPrimitives.Negate(margins, curvatures);
        TensorPrimitives.Exp(curvatures, curvatures);
        TensorPrimitives.Add(curvatures, 1, curvatures);
        TensorPrimitives.Divide(weights, curvatures, curvatures);
    }

    public override Tensor LogRisk(Tensor margins)
    {
        // The two branches are clamped to where they are used: where() alone would let inf * 0 = NaN into the gradient.
        using var scope = NewDisposeScope();
        var far = margins.gt(ExponentialAbove);
        var near = (-margins.clamp(max: ExponentialAbove)).softplus(1, -LinearBelow).log();
        return LogMeanExp(where(far, -margins, near)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Where all margins lie in the tail, e^s loss(m) = loss(m - s) to rounding, so they are shifted down to its edge, where
    /// nothing underflows; else s = 0. One formula for both: no branch that the host would have to decide.
    /// </remarks>
    public override (Tensor LogRisk, Tensor Weights) LogRiskAndWeights(Tensor margins)
    {
        using var scope = NewDisposeScope();
        var shift = (margins.amin([-1], keepdim: true) - ExponentialAbove).clamp_min_(0);
        var shifted = shift - margins;
        var sum = shifted.softplus(1, -LinearBelow).sum(-1, keepdim: true);
        var logRisk = (sum / margins.shape[^1]).log_().sub_(shift).squeeze(-1);
        return (logRisk.MoveToOuterDisposeScope(), shifted.sigmoid_().div_(sum).MoveToOuterDisposeScope());
    }

    private static double Value(double margin) =>
        margin < LinearBelow ? -margin : LogDomain.Log1p(Math.Exp(-margin));

    /// <summary>
    /// With e = exp(-|m|) in [0, 1], which never overflows: loss = log(1 + e) + max(-m, 0), -loss' = (m &gt; 0 ? e :
    /// 1) / (1 + e). The logarithms are taken of products, sum_i log(1 + e_i) = log(1 + p), p = prod_i (1 + e_i) - 1
    /// by p &lt;- p + e (1 + p): all terms are positive, so small p keeps its digits, and one logarithm serves many
    /// margins.
    /// </summary>
    private static void AddValue(
        Vector<double> margin, ref Vector<double> sums, ref Vector<double> product, out Vector<double> slope)
    {
        var e = LogDomain.ExpOrZero(-Vector.Abs(margin));
        var u = Vector<double>.One + e;
        product = Vector.MultiplyAddEstimate(e, Vector<double>.One + product, product);
        sums += Vector.Max(-margin, Vector<double>.Zero);
        slope = Vector.ConditionalSelect(Vector.GreaterThan(margin, Vector<double>.Zero), e, Vector<double>.One) / u;
    }

    /// <summary>log(1 + x), x &gt;= 0, as in <see cref="LogDomain.Log1p"/>.</summary>
    private static Vector<double> Log1p(Vector<double> x)
    {
        var u = Vector<double>.One + x;
        return Vector.ConditionalSelect(
            Vector.Equals(u, Vector<double>.One), x, Vector.Log(u) * (x / (u - Vector<double>.One)));
    }
}
