using System.Numerics.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TorchAlign.Losses;

/// <summary>loss(m) = log(1 + exp(-m)): 1/4-smooth and 1-Lipschitz, so [JT] Assumption 4 holds with beta = 1/4, G = 1.</summary>
internal sealed class LogisticLoss : MarginLoss
{
    /// <summary>Above it exp(-m) is below half an ulp of 1, so log(1 + exp(-m)) = exp(-m) in float64.</summary>
    private const double ExponentialAbove = 37;

    /// <summary>Below minus it exp(-m) overflows, and log(1 + exp(-m)) = -m to rounding long before.</summary>
    private const double LinearBelow = -37;

    public override string Name => "logistic";

    public override double? Smoothness => 0.25;

    public override double? Lipschitz => 1;

    public override double LogValue(double margin) =>
        margin > ExponentialAbove ? -margin : Math.Log(Value(margin));

    public override double LogSlope(double margin) =>
        margin > 0 ? -margin - LogDomain.Log1p(Math.Exp(-margin)) : -LogDomain.Log1p(Math.Exp(margin));

    public override double LogRiskAndWeights(ReadOnlySpan<double> margins, Span<double> weights)
    {
        if (TensorPrimitives.Min(margins) > ExponentialAbove) return Exponential.LogRiskAndWeights(margins, weights);
        var sum = 0.0;
        for (var i = 0; i < margins.Length; i++)
        {
            sum += Value(margins[i]);
            weights[i] = 1 / (1 + Math.Exp(margins[i]));
        }
        TensorPrimitives.Multiply(weights, 1 / sum, weights);
        return Math.Log(sum / margins.Length);
    }

    public override void Curvatures(ReadOnlySpan<double> margins, ReadOnlySpan<double> weights, Span<double> curvatures)
    {
        // loss'' = -loss' sigmoid(m).
        for (var i = 0; i < margins.Length; i++) curvatures[i] = weights[i] / (1 + Math.Exp(-margins[i]));
    }

    public override Tensor LogRisk(Tensor margins)
    {
        // The two branches are clamped to where they are used: where() alone would let inf * 0 = NaN into the gradient.
        using var scope = NewDisposeScope();
        var far = margins.gt(ExponentialAbove);
        var near = (-margins.clamp(max: ExponentialAbove)).softplus(1, -LinearBelow).log();
        var log = where(far, -margins, near).logsumexp(0) - Math.Log(margins.shape[0]);
        return log.MoveToOuterDisposeScope();
    }

    private static double Value(double margin) =>
        margin < LinearBelow ? -margin : LogDomain.Log1p(Math.Exp(-margin));
}
