using System.Numerics;
using System.Numerics.Tensors;
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

    public override double ShiftedSlopes(ReadOnlySpan<double> margins, Span<double> slopes, out double shift)
    {
        if (TensorPrimitives.Min(margins) > ExponentialAbove)
            return Exponential.ShiftedSlopes(margins, slopes, out shift);
        shift = 0;
        var width = Vector<double>.Count;
        var values = Vector<double>.Zero;
        var i = 0;
        for (; i <= margins.Length - width; i += width)
        {
            ValueAndSlope(new Vector<double>(margins[i..]), out var value, out var slope);
            values += value;
            slope.CopyTo(slopes[i..]);
        }
        var sum = Vector.Sum(values);
        if (i == margins.Length) return sum;
        // The rest goes through the same vector functions, so that a margin's slope does not depend on its place.
        Span<double> rest = stackalloc double[width];
        margins[i..].CopyTo(rest);
        ValueAndSlope(new Vector<double>(rest), out var lastValues, out var lastSlopes);
        for (var lane = 0; i + lane < margins.Length; lane++)
        {
            sum += lastValues[lane];
            slopes[i + lane] = lastSlopes[lane];
        }
        return sum;
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

    private static double Value(double margin) =>
        margin < LinearBelow ? -margin : LogDomain.Log1p(Math.Exp(-margin));

    /// <summary>
    /// With e = exp(-|m|) in (0, 1], which never overflows: loss = log(1 + e) + max(-m, 0), -loss' = (m &gt; 0 ? e : 1) / (1 + e).
    /// </summary>
    private static void ValueAndSlope(Vector<double> margin, out Vector<double> value, out Vector<double> slope)
    {
        var e = LogDomain.ExpOrZero(-Vector.Abs(margin));
        var u = Vector<double>.One + e;
        // log(1 + e) as in LogDomain.Log1p.
        var log = Vector.ConditionalSelect(
            Vector.Equals(u, Vector<double>.One), e, Vector.Log(u) * (e / (u - Vector<double>.One)));
        value = log + Vector.Max(-margin, Vector<double>.Zero);
        slope = Vector.ConditionalSelect(Vector.GreaterThan(margin, Vector<double>.Zero), e, Vector<double>.One) / u;
    }
}
