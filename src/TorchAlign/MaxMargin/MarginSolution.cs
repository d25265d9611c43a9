namespace TorchAlign.MaxMargin;

/// <summary>Whether some u has &lt;u, z_i&gt; > 0 for all i, of the points as they were given, before scaling.</summary>
public enum Separability
{
    /// <summary>Proved: all margins of the returned direction are positive, in exact arithmetic.</summary>
    Yes,

    /// <summary>Proved: points are named of which a convex combination is exactly 0.</summary>
    No,

    /// <summary>
    /// Neither was proved: no float64 direction shows that the points are separable, and they were too many, or their digits, to refute
    /// it in rational arithmetic.
    /// </summary>
    Undecided,
}

/// <summary>
/// The maximum margin gamma = max_{||u|| = 1} min_i &lt;u, z_i&gt;, attained by the unique u_bar = w* / ||w*||, where w* is the point
/// of least norm in the convex hull of the z_i, and gamma = ||w*||; with certificates that need no trust in the solver. Margins are in
/// units of <see cref="Data.SignedPoints.Scale"/>.
/// </summary>
public sealed class MarginSolution
{
    internal MarginSolution() { }

    /// <summary>Whether the points can be separated through the origin.</summary>
    public required Separability Separability { get; init; }

    /// <summary>What was found, in a sentence, with the remedy where there is one.</summary>
    public required string Message { get; init; }

    /// <summary>The margin gamma; 0 where not separable.</summary>
    public required double Gamma { get; init; }

    /// <summary>u_bar (d), of length 1 to rounding; the best direction found where undecided; empty where not separable.</summary>
    public required double[] Direction { get; init; }

    /// <summary>
    /// Proved: min_i &lt;u, z_i&gt; / ||u|| for <see cref="Direction"/>, rounded down, is at most gamma. 0 where not separable.
    /// </summary>
    public required double Lower { get; init; }

    /// <summary>Proved: ||sum_i a_i z_i|| / sum_i a_i for <see cref="DualWeights"/>, rounded up, is at least gamma.</summary>
    public required double Upper { get; init; }

    /// <summary>
    /// (Upper - Lower) / Upper. A gap g certifies that the angle between <see cref="Direction"/> and u_bar is at most sqrt(2 g).
    /// </summary>
    public double RelativeGap => Upper > 0 ? (Upper - Math.Max(Lower, 0)) / Upper : 1;

    /// <summary>
    /// Support vectors: indices, ascending, of the points with &lt;u, z_i&gt; &lt;= gamma (1 +
    /// <see cref="HardMargin.SupportTolerance"/>) + <see cref="HardMargin.SupportRounding"/> ||z_i||. Empty where not separable.
    /// </summary>
    public required int[] SupportVectors { get; init; }

    /// <summary>Those points that carry dual weight, ascending; linearly independent where separable.</summary>
    public int[] WeightCarriers => [.. Enumerable.Range(0, DualWeights.Length).Where(i => DualWeights[i] > 0)];

    /// <summary>
    /// The dual weights a (n): a >= 0, sum a = 1, sum a_i z_i = gamma u_bar. Where not separable, Gordan's weights.
    /// </summary>
    public required double[] DualWeights { get; init; }

    /// <summary>Dimension of the span of the support vectors.</summary>
    public required int SupportRank { get; init; }

    /// <summary>Whether the support vectors span the same space as all points ([JT] Assumption 3).</summary>
    public required bool SupportSpansData { get; init; }

    /// <summary>
    /// Where not separable, the points of a combination that is exactly 0 (Gordan's theorem), ascending; else empty. Its weights are
    /// <see cref="DualWeights"/> to rounding.
    /// </summary>
    public required int[] GordanCarriers { get; init; }

    /// <summary>
    /// ||sum_i a_i z_i|| / sum_i a_i ||z_i|| for <see cref="DualWeights"/>; where not separable, what their rounding leaves.
    /// </summary>
    public required double GordanResidual { get; init; }

    /// <summary>Points that were brought into the active set, one by one.</summary>
    public required int Iterations { get; init; }
}
