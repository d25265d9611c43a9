using TorchAlign.Losses;
using static TorchSharp.torch;

namespace Tour;

/// <summary>
/// An own loss: (1 + m)^-a for m >= 0, continued by its tangent 1 - a m. Its tail is polynomial, and then the direction
/// does not tend to the maximum margin (Z. Ji, M. Dudík, R. Schapire, M. Telgarsky, <i>Gradient descent follows the
/// regularization path for general losses</i>, COLT 2020).
/// </summary>
internal sealed class PolynomialLoss(double a) : MarginLoss
{
    public override string Name => $"polynomial {a}";

    public override double? Smoothness => a * (a + 1); // loss'' is largest at m = 0+

    public override double? Lipschitz => a;

    public override double LogValue(double margin) =>
        margin >= 0 ? -a * Math.Log(1 + margin) : Math.Log(1 - a * margin);

    public override double LogSlope(double margin) =>
        Math.Log(a) - (a + 1) * Math.Log(1 + Math.Max(margin, 0));

    /// <summary>The shift makes the largest loss 1, so that nothing underflows however small the risk.</summary>
    public override double ShiftedSlopes(ReadOnlySpan<double> margins, Span<double> slopes, out double shift)
    {
        var smallest = double.PositiveInfinity;
        foreach (var margin in margins) smallest = Math.Min(smallest, margin);
        shift = -LogValue(smallest);
        var sum = 0.0;
        for (var i = 0; i < margins.Length; i++)
        {
            slopes[i] = Math.Exp(LogSlope(margins[i]) + shift);
            sum += Math.Exp(LogValue(margins[i]) + shift);
        }
        return sum;
    }

    /// <summary>loss'' = -loss' (a + 1) / (1 + m) for m >= 0, else 0.</summary>
    public override void Curvatures(
        ReadOnlySpan<double> margins, ReadOnlySpan<double> weights, Span<double> curvatures)
    {
        for (var i = 0; i < margins.Length; i++)
            curvatures[i] = margins[i] >= 0 ? weights[i] * (a + 1) / (1 + margins[i]) : 0;
    }

    public override Tensor LogRisk(Tensor margins)
    {
        using var scope = NewDisposeScope();
        // Both branches are clamped to where they are used: where() would let a NaN of the other into the gradient.
        var logs = where(margins.ge(0), -a * margins.clamp(min: 0).log1p(), (1 - a * margins.clamp(max: 0)).log());
        return LogMeanExp(logs).MoveToOuterDisposeScope();
    }
}
