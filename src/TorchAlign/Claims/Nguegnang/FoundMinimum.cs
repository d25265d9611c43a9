namespace TorchAlign.Claims;

/// <summary>
/// Which critical point descent finds [NRT]: for N = 2 and almost all starts a global minimum, for N >= 3 a global minimum among the
/// products of some rank k that is not known beforehand.
/// </summary>
internal static class FoundMinimum
{
    /// <summary>Of the loss, relative.</summary>
    private const double LossTolerance = 1e-10;

    /// <summary>
    /// How many times the slowest mode must have had time to fall by e: 23 for ten digits, the rest for leaving the neighbourhood
    /// of saddles.
    /// </summary>
    private const double Relaxations = 60;

    public static IEnumerable<NguegnangClaim> All { get; } =
    [
        new("nrt.global-minimum", "[NRT], N = 2", "N = 2, almost all starts: L -> the global minimum, (L - L_r) / L_r -> 0",
            h => h.Guaranteed().TwoLayers().Generic(), run => Excess(run, run.Found!.LargestRank)),
        new("nrt.rank-minimum", "[NRT], N >= 3", "N >= 3, almost all starts: L -> the minimum over rank k, k found, (L - L_k) / L_k -> 0",
            h => h.Guaranteed().ThreeLayers().Generic(), run => Excess(run, run.Found!.Rank)),
        new("nrt.minimizer", "[NRT], N >= 2", "almost all starts: W_N ... W_1 -> the minimiser of the rank found, ||P - P_k||_F -> 0",
            h => h.Guaranteed().Generic(), Distance),
    ];

    /// <summary>
    /// Undecided where the run has not arrived and the sum of its steps is too small for the slowest mode; null where it has, or
    /// should have.
    /// </summary>
    public static Measurement? TooShort(NguegnangEvidence run)
    {
        if (run.Descent.GradientNorm[^1] <= NguegnangProblem.Arrived) return null;
        var time = run.Descent.Time * run.SlowestRate;
        return !(time >= Relaxations)
            ? Measurement.Undecided(
                $"the run is too short: sum eta_k = {FourDigits.Of(run.Descent.Time)} is {FourDigits.Of(time)} times "
                + "what the slowest mode takes to fall by e")
            : null;
    }

    private static Measurement Excess(NguegnangEvidence run, int rank)
    {
        if (TooShort(run) is { } undecided) return undecided;
        var (found, least) = (run.Found!, run.Found!.LeastLosses[rank]);
        return new((found.Loss - least) / least, Relation.TendsTo, 0, LossTolerance,
            $"k = {found.Rank} of {found.LargestRank}, L = {FourDigits.Of(found.Loss)}, predicted {FourDigits.Of(least)}, "
            + $"||grad L|| = {FourDigits.Of(found.GradientNorm)}, least eigenvalue of the Hessian {FourDigits.Of(found.Curvature.Least)}");
    }

    /// <summary>
    /// Near the limit W - W* is at most ||grad|| over the slowest rate, and moves the product by at most sqrt(N) K^((N-1)/2) of it
    /// (derived); ten times that for what is not linear, and rounding.
    /// </summary>
    private static Measurement Distance(NguegnangEvidence run)
    {
        if (TooShort(run) is { } undecided) return undecided;
        var (found, n) = (run.Found!, run.Shape.Depth);
        var slope = Math.Sqrt(n) * Math.Pow(run.Constants!.K, (n - 1) / 2.0);
        var tolerance = 10 * slope * (NguegnangProblem.Arrived / run.SlowestRate + 1e-13);
        return new(found.Distance, Relation.TendsTo, 0, tolerance,
            $"k = {found.Rank} of {found.LargestRank}, {(found.MinimizerIsUnique ? "the only minimiser" : "the nearest of many")}");
    }
}
