using TorchAlign.Dynamics;

namespace TorchAlign.Claims;

/// <summary>
/// w_prod = rho u_bar + v + o(1) along the flow, v orthogonal to u_bar and the same for every depth and both losses, fixed by the dual
/// weights a: &lt;v, z_i - z_j&gt; = ln(a_j/a_i) for support vectors i, j ([SHNGS], see <see cref="JiTelgarskyClaims"/>). So
/// sin(w_prod, u_bar) ||w_prod|| -&gt; |v|. An integrator that has left the true curve can still show a small angle, with a wrong v.
/// </summary>
internal static class ResidualLaw
{
    /// <summary>1% of |v|: the accuracy asked for; the o(1) is of order 1/||w_prod||.</summary>
    private const double Accuracy = 0.01;

    public static IEnumerable<JiTelgarskyClaim> All { get; } =
    [
        new("shngs.residual", "[SHNGS]", "sin(w_prod, u_bar) ||w_prod|| -> |v|, <v, z_i - z_j> = ln(a_j/a_i) on the support",
            h => h.Flow().ExponentialOrLogisticLoss().Separable().AssumptionTwo().AssumptionThree(), Residual),
    ];

    private static Measurement Residual(RunEvidence run)
    {
        var residual = run.Residual;
        if (!residual.Complete) return Measurement.Undecided(residual.Reason!);
        if (residual.Norm < Accuracy)
            return Measurement.Undecided("|v| is near 0 (equal dual weights): 1% of it is below what is left at any end");
        // 1/||w_prod|| is what theory leaves; a run that ends before it is below 1% cannot decide.
        if ((residual.Norm + 1) / run.Last.ProductNorm > Accuracy * residual.Norm)
            return Measurement.Undecided($"the run is too short: (|v| + 1)/||w_prod|| is "
                + $"{FourDigits.Of((residual.Norm + 1) / run.Last.ProductNorm)}, not below 1% of |v|");
        return new(run.Last.AngleTimesNorm, Relation.TendsTo, residual.Norm, Accuracy * residual.Norm,
            $"{run.EndText}, 1 - cos = {FourDigits.Of(run.Last.OneMinusCosine)}");
    }
}
