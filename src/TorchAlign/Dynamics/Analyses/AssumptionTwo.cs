using System.Globalization;
using System.Numerics.Tensors;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;

namespace TorchAlign.Dynamics;

/// <summary>
/// [JT, Assumption 2]: grad R(W(0)) != 0 and R(W(0)) &lt;= R(0) = loss(0). Without it the flow may end at the saddle at 0:
/// take L = 2, all widths 1, w_2 = -w_1. W_1(0) = 0 with W_L(0) ... W_2(0) != 0 is sufficient.
/// </summary>
/// <param name="LogRisk">log R(W(0)).</param>
/// <param name="LogRiskAtZero">log loss(0).</param>
/// <param name="DirectionNorm">||grad log R(W(0))||.</param>
/// <param name="Rounding">What rounding a mean of n equal losses can add to log R: n 2^-53.</param>
public sealed record AssumptionTwo(double LogRisk, double LogRiskAtZero, double DirectionNorm, double Rounding)
{
    /// <summary>Halvings of the last layer that <see cref="Rescale"/> tries for either sign before it gives up.</summary>
    private const int Halvings = 60;

    public bool GradientIsNonzero => DirectionNorm > 0;

    public bool RiskIsAtMostThatOfZero => LogRisk <= LogRiskAtZero + Rounding;

    public bool Holds => GradientIsNonzero && RiskIsAtMostThatOfZero;

    /// <summary>Which part fails and what to do, or that nothing fails.</summary>
    public string Message => (GradientIsNonzero, RiskIsAtMostThatOfZero) switch
    {
        (true, true) => "Assumption 2 holds.",
        (false, _) => "Assumption 2 fails: the gradient at the start is 0 in float64, so the flow stays there. Start from larger layers.",
        _ => "Assumption 2 fails: the risk at the start, " + Risk(LogRisk)
            + ", exceeds that of the zero network, " + Risk(LogRiskAtZero)
            + "; the flow may end at the saddle at 0. Rescale the start, make it smaller, or take another seed.",
    };

    private static string Risk(double logRisk) => logRisk < Math.Log(double.MaxValue)
        ? Math.Exp(logRisk).ToString("G6", CultureInfo.InvariantCulture)
        : $"10^{(logRisk / Math.Log(10)).ToString("G6", CultureInfo.InvariantCulture)}";

    /// <summary>Evaluates both parts at <paramref name="state"/> (P).</summary>
    public static AssumptionTwo Check(IVectorField field, MarginLoss loss, ReadOnlySpan<double> state)
    {
        using var w = field.NewState();
        using var direction = field.NewState();
        w.CopyFrom(state);
        var value = field.Evaluate(w, direction);
        var terms = field is IMarginField margins ? margins.Margins.Length : 1;
        return new AssumptionTwo(value.LogRisk, loss.LogValue(0), direction.Norm(), Math.ScaleB(terms, -53));
    }

    /// <summary>
    /// Multiplies the last layer by the largest of 1, 1/2, 1/4, ... for which the assumption holds, with the other sign where
    /// w_prod points to the wrong side of the mean of the z_i. Returns the factor, or null where no factor helps (w_prod = 0
    /// with a zero gradient, or orthogonal to that mean); <paramref name="state"/> is then unchanged.
    /// </summary>
    public static double? Rescale(IVectorField field, MarginLoss loss, NetworkShape shape, Span<double> state)
    {
        var last = shape.Layer(state, shape.Depth - 1);
        var original = last.ToArray();
        for (var halving = 0; halving <= Halvings; halving++)
            foreach (var sign in (ReadOnlySpan<double>)[1, -1])
            {
                var factor = sign * Math.ScaleB(1, -halving);
                TensorPrimitives.Multiply(original, factor, last);
                if (Check(field, loss, state).Holds) return factor;
            }
        original.CopyTo(last);
        return null;
    }
}
