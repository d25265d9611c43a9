using System.Numerics.Tensors;
using TorchAlign.Dynamics;

namespace TorchAlign.Claims;

/// <summary>
/// [JT] Theorem 2 (flow; A2, A3; exponential or logistic loss) and Theorem 4 (descent; A2 to A5; logistic), as t -&gt; infinity:
/// |&lt;v_1, u_bar&gt;| -&gt; 1 and w_prod / prod ||W_k||_F -&gt; u_bar; and their corollary,
/// min_i &lt;w_prod, z_i&gt; / prod_k ||W_k||_F -&gt; gamma.
/// </summary>
/// <remarks>
/// Tolerances: the direction misses u_bar by a sine of at most s = (2|v| + 1 + |c|) / ||w_prod|| (<see cref="LayerBounds.LargestSine"/>),
/// and the layers lose a share tau of the product of their norms that Lemma 2 bounds (<see cref="LayerBounds.LeastProduct"/>). In plain time
/// ||w_prod|| grows like log t, so a descent of N steps gets no nearer than about 1/log N: the same tolerance then is wide. Nor need the
/// angle fall within those steps (it may pass through 0 first), so no trend is claimed; the suite continues some descents by the flow, on
/// which Theorem 2 is checked.
/// </remarks>
internal static class DirectionLimits
{
    public static IEnumerable<JiTelgarskyClaim> TheoremTwo { get; } =
        Claims("jt.theorem2", "[JT] Theorem 2", "jt.corollary.margin", "[JT] Corollary of Theorem 2",
            h => h.Flow().ExponentialOrLogisticLoss().Separable().AssumptionTwo().AssumptionThree());

    public static IEnumerable<JiTelgarskyClaim> TheoremFour { get; } =
        Claims("jt.theorem4", "[JT] Theorem 4", "jt.theorem4.margin", "[JT] Theorem 4",
            h => h.LogisticLoss().Separable().AssumptionTwo().AssumptionThree().AssumptionsFourAndFive());

    private static JiTelgarskyClaim[] Claims(
        string id, string source, string marginId, string marginSource, Action<JiTelgarskyHypothesis> needs) =>
        [
            new($"{id}.first-layer", source, "|<v_1, u_bar>| -> 1", needs, FirstLayer),
            new($"{id}.direction", source, "w_prod/prod_k ||W_k||_F -> u_bar", needs, Direction),
            new(marginId, marginSource, "min_i <w_prod, z_i>/prod_k ||W_k||_F -> gamma", needs, Margin),
        ];

    private static Measurement FirstLayer(RunEvidence run)
    {
        var bounds = new LayerBounds(run);
        if (Unknown(run) is { } unknown) return unknown;
        // The angle of v_1 to u_bar is at most that of v_1 to w_prod plus that of w_prod to u_bar.
        var angle = Math.Acos(bounds.LeastProduct(run.Last)) + Math.Asin(bounds.LargestSine());
        var half = Math.Sin(Math.Min(angle, Math.PI / 2) / 2);
        return Measurement.Limit(run.Last.FirstRightAlignment, 1, 2 * half * half + LayerBounds.Rounding, 1,
            $"{run.EndText}; the tolerance is 1 - cos of the angle that Lemma 2 and (2|v| + 1 + |c|)/||w_prod|| leave together");
    }

    /// <summary>The distance of w_prod / prod_k ||W_k||_F from u_bar.</summary>
    private static Measurement Direction(RunEvidence run)
    {
        if (Unknown(run) is { } unknown) return unknown;
        var scaled = run.Last.Product.ToArray();
        TensorPrimitives.Divide(scaled, run.Last.FrobeniusNorms.Aggregate(1.0, (a, b) => a * b), scaled);
        var distance = TensorPrimitives.Distance<double>(scaled, run.Margin.Direction);
        var bounds = new LayerBounds(run);
        var tolerance = 1 - bounds.LeastProduct(run.Last)
            + 2 * Math.Sin(Math.Asin(bounds.LargestSine()) / 2) + LayerBounds.Rounding;
        return Measurement.Limit(distance, 0, tolerance, 1,
            $"distance from u_bar {run.EndText}; |v| = {FourDigits.Of(run.Residual.Norm)}, "
            + $"||w_prod|| = {FourDigits.Of(run.Last.ProductNorm)}, "
            + $"1 - cos = {FourDigits.Of(run.Last.OneMinusCosine)}");
    }

    /// <summary>
    /// min_i &lt;w, z_i&gt; of a unit w at angle theta from u_bar lies within gamma (1 - cos theta) + sin theta of gamma,
    /// as ||z_i|| &lt;= 1.
    /// </summary>
    private static Measurement Margin(RunEvidence run)
    {
        if (Unknown(run) is { } unknown) return unknown;
        var gamma = run.Margin.Gamma;
        return Measurement.Limit(run.Last.NormalizedMargin, gamma, MarginTolerance(run) * gamma, gamma,
            $"{run.EndText}, relative gap {FourDigits.Of(1 - run.Last.NormalizedMargin / gamma)}; "
            + $"gamma is certified to {FourDigits.Of(run.Margin.RelativeGap)}");
    }

    /// <summary>What the normalised margin may miss gamma by, relative to gamma.</summary>
    internal static double MarginTolerance(RunEvidence run)
    {
        var bounds = new LayerBounds(run);
        var sine = bounds.LargestSine();
        var cosineGap = sine * sine / (1 + Math.Sqrt(1 - sine * sine));
        return 1 - bounds.LeastProduct(run.Last) + cosineGap + sine / run.Margin.Gamma + run.Margin.RelativeGap + LayerBounds.Rounding;
    }

    private static Measurement? Unknown(RunEvidence run) => run.Residual.Complete
        ? null
        : Measurement.Undecided("the rate of the direction is not known: " + run.Residual.Reason);
}
