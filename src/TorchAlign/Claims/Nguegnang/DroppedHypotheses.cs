namespace TorchAlign.Claims;

/// <summary>
/// Why the hypotheses of [NRT] matter: runs that drop one each, and what breaks. The other claims are not judged on such runs.
/// </summary>
internal static class DroppedHypotheses
{
    /// <summary>
    /// A step so many times the bound is far above it: the published bound was seen to be 50 to 500 times shorter than needed for
    /// N = 2 to 6.
    /// </summary>
    public const double FarAbove = 3000;

    /// <summary>Relative; a difference below it would be rounding, not a failure.</summary>
    private const double Visible = 1e-6;

    public static IEnumerable<NguegnangClaim> All { get; } =
    [
        new("nrt.dropped.step", "[NRT], step bound", "with steps far above the bound the loss need not fall: max_k L(k) / L(0) > 1",
            h => h.FullRank().Balanced().StepsAboveBound(FarAbove), LossRises),
        new("nrt.dropped.balance", "[NRT], balancedness",
            "from a start whose defect is above delta the same steps may fail: max_k L(k) / L(0) > 1",
            h => h.FullRank().Unbalanced().StepsWithinBound(), LossRises),
        new("nrt.dropped.balance-layers", "[NRT], balancedness", "from a start whose defect is above delta: max_j ||W_j||_2^2 > K",
            h => h.FullRank().Unbalanced(), LayersExceed),
        new("nrt.dropped.rank", "[NRT], X X^T of full rank",
            "with X X^T singular the limit keeps a part of the start that the data do not see: ||P - P*||_F / ||P*||_F > 0",
            h => h.Singular(), StartIsKept),
        new("nrt.dropped.generic", "[NRT], almost all starts", "N >= 3: a start of rank 1 ends at a saddle, (L - L_r) / L_r > 0",
            h => h.Guaranteed().ThreeLayers().Special(), SaddleIsFound),
    ];

    private static Measurement LossRises(NguegnangEvidence run)
    {
        var worst = new RunningMaximum();
        for (var k = 0; k < run.Descent.Loss.Length; k++) worst.Offer(k, run.Descent.Loss[k] / run.Descent.Loss[0]);
        return new(worst.Value, Relation.Exceeds, 1, Visible,
            $"at k = {worst.Index} of {run.Descent.Steps}; the run ended as {run.End.Name}");
    }

    private static Measurement LayersExceed(NguegnangEvidence run)
    {
        var at = run.Observations.MaxBy(o => o.LargestLayer)!;
        return new(at.LargestLayer, Relation.Exceeds, run.Constants!.K, Visible * run.Constants.K,
            $"at k = {at.Step}; the start's defect is {FourDigits.Of(run.Observations[0].Defect)}");
    }

    private static Measurement StartIsKept(NguegnangEvidence run) => new(
        run.DistanceToLeastSquares, Relation.Exceeds, 0, Visible,
        $"P* is the least-squares solution of least norm; L = {FourDigits.Of(run.Descent.Loss[^1])}, "
        + $"||grad L|| = {FourDigits.Of(run.Descent.GradientNorm[^1])}");

    private static Measurement SaddleIsFound(NguegnangEvidence run)
    {
        if (FoundMinimum.TooShort(run) is { } undecided) return undecided;
        var (found, least) = (run.Found!, run.Found!.LeastLosses[^1]);
        return new((found.Loss - least) / least, Relation.Exceeds, 0, Visible,
            $"k = {found.Rank} of {found.LargestRank}, {found.Kind}, ||grad L|| = {FourDigits.Of(found.GradientNorm)}, "
            + $"least eigenvalue of the Hessian {FourDigits.Of(found.Curvature.Least)}");
    }
}
