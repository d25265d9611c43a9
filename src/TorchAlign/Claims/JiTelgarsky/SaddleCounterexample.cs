using TorchAlign.Dynamics;

namespace TorchAlign.Claims;

/// <summary>
/// Why [JT] Assumption 2 matters: with R(W(0)) &gt; R(0) the flow may converge to the saddle at 0 (take L = 2, all widths 1, w_2 = -w_1).
/// Theorem 1's own claims are not judged on such a run: their hypothesis is not met.
/// </summary>
/// <remarks>
/// There w_2 = -w_1 stays, p = w_1 w_2 = -w_1^2 &lt;= 0 and dw_1/dt = R'(p) w_1, where R'(p) &lt;= R'(0) &lt; 0 as the loss is convex. So
/// |w_1(t)| &lt;= |w_1(0)| e^{R'(0) t}, R(0) &lt;= R(W(t)) &lt;= R(0) + |R'(p(0))| w_1(0)^2 e^{2 R'(0) t},
/// R'(0) = loss'(0) mean(z) (derived): the tolerances.
/// </remarks>
internal static class SaddleCounterexample
{
    public static IEnumerable<JiTelgarskyClaim> All { get; } =
    [
        new("jt.assumption2.saddle", "[JT] Assumption 2",
            "without A2 (L = 2, widths 1, w_2 = -w_1) the flow may end at the saddle: R -> loss(0)", Needs, RiskStays),
        new("jt.assumption2.origin", "[JT] Assumption 2",
            "without A2 (L = 2, widths 1, w_2 = -w_1) the flow may end at the saddle: ||W||_F -> 0", Needs, NormVanishes),
    ];

    private static void Needs(JiTelgarskyHypothesis hypothesis) => hypothesis.Flow().Separable().Counterexample();

    private static Measurement RiskStays(RunEvidence run)
    {
        var (initial, decay) = Rates(run);
        var atZero = Math.Exp(run.AssumptionTwo.LogRiskAtZero);
        // |R'(p(0))| is the slope of R in p, read off the start's gradient: ||grad R|| = |R'(p)| ||W||.
        var slope = Math.Exp(run.Observations[0].LogGradientNorm) / RiskRate.TotalNorm(run.Observations[0]);
        return Measurement.Limit(Math.Exp(run.Last.LogRisk), atZero, slope * initial * decay * decay + LayerBounds.Rounding,
            atZero, $"R(W(0)) = {FourDigits.Of(Math.Exp(run.Observations[0].LogRisk))}; at log t = {FourDigits.Of(run.Last.LogTime)}");
    }

    private static Measurement NormVanishes(RunEvidence run)
    {
        var (initial, decay) = Rates(run);
        return Measurement.Limit(RiskRate.TotalNorm(run.Last), 0, Math.Sqrt(2 * initial) * decay + LayerBounds.Rounding,
            Math.Sqrt(2 * initial), $"||W(0)||_F = {FourDigits.Of(Math.Sqrt(2 * initial))}; at log t = {FourDigits.Of(run.Last.LogTime)}");
    }

    /// <summary>w_1(0)^2, and e^{R'(0) t} at the end, granted the integrator's relative error.</summary>
    private static (double InitialSquare, double Decay) Rates(RunEvidence run)
    {
        var rate = Math.Exp(run.Loss.LogSlope(0)) * run.Points.Z.Average();
        var decay = Math.Exp(-rate * Math.Exp(run.Last.LogTime) * (1 - run.IntegrationTolerance));
        return (run.Start[0] * run.Start[0], decay);
    }
}
