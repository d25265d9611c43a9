using TorchAlign.Dynamics;

namespace TorchAlign.Claims;

/// <summary>
/// Descent under [JT] Assumption 5: R(W(t+1)) - R(W(t)) &lt;= -(eta_t/2) ||grad R(W(t))||^2 at every step; hence
/// sum_t eta_t ||grad R(W(t))||^2 &lt;= 2 R(W(0)).
/// </summary>
internal static class DescentInequality
{
    public static IEnumerable<JiTelgarskyClaim> All { get; } =
    [
        new("jt.descent.step", "[JT] Theorem 3, proof", "(R(W(t+1)) - R(W(t)))/((eta_t/2) ||grad R(W(t))||^2) <= -1 at every step",
            h => h.AssumptionTwo().AssumptionsFourAndFive(), EveryStep),
        new("jt.descent.sum", "[JT] Theorem 3, proof", "sum_t eta_t ||grad R(W(t))||^2 <= 2 R(W(0))",
            h => h.AssumptionTwo().AssumptionsFourAndFive(), Sum),
    ];

    private static Measurement EveryStep(RunEvidence run)
    {
        var record = run.Descent!;
        if (record.Steps == 0) return Measurement.Undecided("the run has no steps");
        var worst = new RunningMaximum();
        for (var t = 0; t < record.Steps; t++) worst.Offer(t, Ratio(record, t));
        var at = worst.Index;
        // Both risks carry a rounding error of their logarithm, relative to R.
        var rounding = 4 * Math.BitIncrement(1.0) - 4;
        var tolerance = rounding * (1 + Math.Abs(record.LogRisk[at])) * Math.Exp(record.LogRisk[at] - LogHalfDecrease(record, at));
        return new(worst.Value, Relation.AtMost, -1, tolerance,
            $"the largest of all {record.Steps} steps, t = {at}; -2 is the flow's own rate");
    }

    private static Measurement Sum(RunEvidence run)
    {
        var record = run.Descent!;
        var sum = 0.0;
        for (var t = 0; t < record.Steps; t++) sum += 2 * Math.Exp(LogHalfDecrease(record, t));
        var risk = Math.Exp(record.LogRisk[0]);
        return new(sum, Relation.AtMost, 2 * risk, LayerBounds.Rounding * record.Steps * risk,
            $"{record.Steps} steps; R(W(0)) = {FourDigits.Of(risk)}, R(W(N)) = {FourDigits.Of(Math.Exp(record.LogRisk[^1]))}");
    }

    private static double Ratio(DescentRecord record, int t)
    {
        var change = record.LogRisk[t + 1] - record.LogRisk[t];
        // e^x - 1 by its series near 0, where the difference of the risks would cancel.
        var relative = Math.Abs(change) < 1e-5 ? change * (1 + change / 2 * (1 + change / 3)) : Math.Exp(change) - 1;
        return relative * Math.Exp(record.LogRisk[t] - LogHalfDecrease(record, t));
    }

    /// <summary>log((eta_t / 2) ||grad R(W(t))||^2).</summary>
    private static double LogHalfDecrease(DescentRecord record, int t) =>
        Math.Log(record.Eta[t] / 2) + 2 * record.LogGradientNorm[t];
}
