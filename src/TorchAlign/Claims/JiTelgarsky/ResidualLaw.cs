using TorchAlign.Dynamics;

namespace TorchAlign.Claims;

/// <summary>
/// w_prod = rho u_bar + v + c + o(1) along the flow. v is orthogonal to u_bar and the same for every depth and both losses, fixed by the
/// dual weights a: &lt;v, z_i - z_j&gt; = ln(a_j/a_i) for support vectors i, j ([SHNGS], see <see cref="JiTelgarskyClaims"/>). c is what
/// W_1(0) has outside the span of the data, carried by the upper layers (derived, see <see cref="Alignment.CarriedPart"/>): 0 where the data
/// span R^d, so that sin(w_prod, u_bar) ||w_prod|| -&gt; |v|, and sqrt(|v|^2 + |c|^2) with c = (W_L...W_2) W_1(0) (I - P) where they do not.
/// An integrator that has left the true curve can still show a small angle, with a wrong v.
/// </summary>
internal static class ResidualLaw
{
    /// <summary>1% of the limit: the accuracy asked for; the o(1) is of order 1/||w_prod||.</summary>
    private const double Accuracy = 0.01;

    public static IEnumerable<JiTelgarskyClaim> All { get; } =
    [
        new("shngs.residual", "[SHNGS]", "sin(w_prod, u_bar) ||w_prod|| -> |v|, <v, z_i - z_j> = ln(a_j/a_i) on the support",
            h => Needs(h).DataSpanSpace(true), run => Limit(run, 0)),
        new("residual.outside", "derived",
            "where the data do not span R^d, sin(w_prod, u_bar) ||w_prod|| -> sqrt(|v|^2 + |c|^2), c = (W_L...W_2) W_1(0) (I - P)",
            h => Needs(h).DataSpanSpace(false), run => Limit(run, run.CarriedNorm)),
        new("residual.span-needed", "derived",
            "without data that span R^d the limit is not |v|: sin(w_prod, u_bar) ||w_prod|| / |v| exceeds 1 by more than 1%",
            h => Needs(h).DataSpanSpace(false), Excess),
    ];

    private static JiTelgarskyHypothesis Needs(JiTelgarskyHypothesis hypothesis) =>
        hypothesis.Flow().ExponentialOrLogisticLoss().Separable().AssumptionTwo().AssumptionThree();

    private static Measurement Limit(RunEvidence run, double carried)
    {
        if (Undecided(run, carried) is { } undecided) return undecided;
        var limit = double.Hypot(run.Residual.Norm, carried);
        return new(run.Last.AngleTimesNorm, Relation.TendsTo, limit, Accuracy * limit,
            $"{run.EndText}, 1 - cos = {FourDigits.Of(run.Last.OneMinusCosine)}"
            + (carried > 0 ? $"; |v| = {FourDigits.Of(run.Residual.Norm)}, |c| = {FourDigits.Of(carried)}" : ""));
    }

    /// <summary>The law of data that span R^d on data that do not: what fails where that hypothesis is dropped.</summary>
    private static Measurement Excess(RunEvidence run)
    {
        if (Undecided(run, 0) is { } undecided) return undecided;
        if (!(run.CarriedNorm > run.Residual.Norm / 4))
            return Measurement.Undecided($"|c| = {FourDigits.Of(run.CarriedNorm)} is too small beside |v| to show");
        return new(run.Last.AngleTimesNorm / run.Residual.Norm, Relation.Exceeds, 1 + Accuracy, 0,
            $"{run.EndText}; |v| = {FourDigits.Of(run.Residual.Norm)}, |c| = {FourDigits.Of(run.CarriedNorm)}");
    }

    private static Measurement? Undecided(RunEvidence run, double carried)
    {
        var residual = run.Residual;
        if (!residual.Complete) return Measurement.Undecided(residual.Reason!);
        var limit = double.Hypot(residual.Norm, carried);
        if (limit < Accuracy)
            return Measurement.Undecided("|v| is near 0 (equal dual weights): 1% of it is below what is left at any end");
        // 1/||w_prod|| is what theory leaves; a run that ends before it is below 1% cannot decide.
        return (residual.Norm + 1) / run.Last.ProductNorm > Accuracy * limit
            ? Measurement.Undecided($"the run is too short: (|v| + 1)/||w_prod|| is "
                + $"{FourDigits.Of((residual.Norm + 1) / run.Last.ProductNorm)}, not below 1% of the limit")
            : null;
    }
}
