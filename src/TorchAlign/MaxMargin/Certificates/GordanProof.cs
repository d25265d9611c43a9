using System.Numerics;
using TorchAlign.Data;
using TorchAlign.Numerics;

namespace TorchAlign.MaxMargin;

/// <summary>
/// A combination of points with weights a >= 0, not all 0, that is exactly 0: by Gordan's theorem no direction has all margins positive.
/// </summary>
/// <param name="Carriers">The points whose exact weight is positive, ascending.</param>
/// <param name="Weights">The weights (n) in float64, to rounding, their sum 1: beside the largest, one may be too small for it.</param>
internal sealed record GordanProof(int[] Carriers, double[] Weights)
{
    /// <summary>In units of <see cref="ExactElimination.Cost"/>, some seconds.</summary>
    private const double EliminationLimit = 5e9;

    /// <summary>The proof by a point that is 0; null if none is.</summary>
    public static GordanProof? ByZero(SignedPoints points)
    {
        int zero = Enumerable.Range(0, points.Count).FirstOrDefault(i => !points.Given(i).ContainsAnyExcept(0.0), -1);
        return zero < 0 ? null : Of(points, [zero], [1]);
    }

    /// <summary>The proof by two points of which one is minus the other: the same features in both classes.</summary>
    public static GordanProof OfOpposites(SignedPoints points, int first, int second) => Of(points, [first, second], [1, 1]);

    /// <summary>
    /// Looks for the proof among few points, given weights (n) with which they are 0 to rounding. In general position it takes float64,
    /// else rational arithmetic, where the points are few and short enough for that.
    /// </summary>
    public static GordanProof? Find(SignedPoints points, int[] indices, double[] weights, CancellationToken ct)
    {
        double least = HardMargin.PivotTolerance * weights.Max();
        int[] clear = [.. indices.Where(i => weights[i] > least)];
        if (VerifiedCombination.Prove(points, clear, [.. clear.Select(i => weights[i])]) is { } proved) return Of(points, clear, proved);

        (int Exponent, int Bits)[] extents = [.. indices.Select(i => WholePoints.Extent(points, i))];
        if (ExactElimination.Cost(indices.Length, points.Dimension, extents.Max(extent => extent.Bits)) > EliminationLimit) return null;
        // Each point may have its own power of two: that changes its weight alone.
        BigInteger[][] columns = [.. indices.Zip(extents, (i, extent) => WholePoints.Column(points, i, extent.Exponent))];
        if (ExactElimination.NullVector(columns, ct) is not { } exact) return null;
        return exact.Any(a => a.Sign < 0) && exact.Any(a => a.Sign > 0)
            ? null
            : OfExact(points, indices, exact, [.. extents.Select(extent => -extent.Exponent)]);
    }

    /// <summary>From exact weights values_k 2^exponents_k, all of one sign.</summary>
    public static GordanProof OfExact(SignedPoints points, int[] indices, BigInteger[] values, int[]? exponents = null)
    {
        int[] kept = [.. Enumerable.Range(0, indices.Length).Where(k => !values[k].IsZero)];
        return Of(points, [.. kept.Select(k => indices[k])],
            WholePoints.Rounded(
                [.. kept.Select(k => BigInteger.Abs(values[k]))], exponents is null ? null : [.. kept.Select(k => exponents[k])]));
    }

    private static GordanProof Of(SignedPoints points, int[] carriers, double[] carried)
    {
        var weights = new double[points.Count];
        double sum = carried.Sum();
        for (int k = 0; k < carriers.Length; k++) weights[carriers[k]] = carried[k] / sum;
        return new GordanProof([.. carriers.Order()], weights);
    }
}
