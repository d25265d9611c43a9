using TorchAlign.Dynamics;

namespace TorchAlign.Claims;

/// <summary>What steps within the bound of [NRT] promise along the way; see <see cref="NguegnangConstants"/> for the constants.</summary>
internal static class DescentPromises
{
    private const string Source = "[NRT], convergence of descent";

    /// <summary>Some tens of rounding errors of a sum.</summary>
    private const double Rounding = 1e-14;

    public static IEnumerable<NguegnangClaim> All { get; } =
    [
        new("nrt.descent", Source, "L(k+1) <= L(k) - sigma eta_k ||grad L||^2 at every step (as a share of L(k))",
            h => h.Guaranteed(), EveryStep),
        new("nrt.defect", Source, "max_j ||W_{j+1}^T W_{j+1} - W_j W_j^T||_2 <= delta", h => h.Guaranteed(),
            run => Largest(run, o => o.Defect, run.Constants!.Delta, Rounding * run.Constants.K)),
        new("nrt.product", Source, "||W_N ... W_1||_2 <= M", h => h.Guaranteed(),
            run => Largest(run, o => o.ProductNorm, run.Constants!.M, Rounding * run.Constants.M)),
        new("nrt.layers", Source, "max_j ||W_j||_2^2 <= K", h => h.Guaranteed(),
            run => Largest(run, o => o.LargestLayer, run.Constants!.K, Rounding * run.Constants.K)),
        new("nrt.rate", Source + " (derived)", "min_k ||grad L(W(k))||^2 sum eta_k <= L(W(0)) / sigma", h => h.Guaranteed(), Rate),
        new("nrt.critical-point", Source, "W(k) converges to a critical point: ||grad L|| -> 0", h => h.Guaranteed(), Arrives),
    ];

    private static Measurement EveryStep(NguegnangEvidence run)
    {
        var (record, sigma) = (run.Descent, run.Constants!.Sigma);
        if (record.Steps == 0) return Measurement.Undecided("the run has no steps");
        var worst = new RunningMaximum();
        for (var k = 0; k < record.Steps; k++)
        {
            var promised = sigma * record.Eta[k] * record.GradientNorm[k] * record.GradientNorm[k];
            worst.Offer(k, (record.Loss[k + 1] - record.Loss[k] + promised) / record.Loss[k]);
        }
        return new(worst.Value, Relation.AtMost, 0, Rounding,
            $"the largest of all {record.Steps} steps, k = {worst.Index}, sigma = {FourDigits.Of(sigma)}");
    }

    private static Measurement Largest(
        NguegnangEvidence run, Func<SquaredObservation, double> quantity, double bound, double tolerance)
    {
        var worst = new RunningMaximum();
        for (var i = 0; i < run.Observations.Count; i++) worst.Offer(i, quantity(run.Observations[i]));
        return new(worst.Value, Relation.AtMost, bound, tolerance,
            $"the largest of {run.Observations.Count} looks, at k = {run.Observations[worst.Index].Step}");
    }

    /// <summary>From the first claim, summed: sigma sum eta_k ||grad||^2 &lt;= L(W(0)) - L(W(n)).</summary>
    private static Measurement Rate(NguegnangEvidence run)
    {
        var record = run.Descent;
        if (record.Steps == 0) return Measurement.Undecided("the run has no steps");
        var least = record.GradientNorm.Take(record.Steps).Aggregate(double.PositiveInfinity, Math.Min);
        var bound = record.Loss[0] / run.Constants!.Sigma;
        return new(least * least * record.Time, Relation.AtMost, bound, Rounding * bound,
            $"least ||grad L|| = {FourDigits.Of(least)} in t = sum eta_k = {FourDigits.Of(record.Time)}");
    }

    private static Measurement Arrives(NguegnangEvidence run) => FoundMinimum.TooShort(run) ?? new(
        run.Descent.GradientNorm[^1], Relation.TendsTo, 0, NguegnangProblem.Arrived,
        $"after {run.Descent.Steps} steps, t = sum eta_k = {FourDigits.Of(run.Descent.Time)}; "
        + $"||grad L(W(0))|| = {FourDigits.Of(run.Descent.GradientNorm[0])}");
}
