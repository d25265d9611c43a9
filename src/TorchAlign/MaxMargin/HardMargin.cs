using System.Numerics.Tensors;
using TorchAlign.Data;

namespace TorchAlign.MaxMargin;

/// <summary>How far <see cref="HardMargin.Solve"/> has come; one report per pass over all points.</summary>
/// <param name="Iterations">Points brought into the active set so far.</param>
/// <param name="ActivePoints">Size of the active set.</param>
/// <param name="Violated">Points that violated their constraint at the last pass.</param>
/// <param name="Margin">1 / ||w||: falls to gamma, or to 0 where not separable.</param>
public readonly record struct MarginProgress(int Iterations, int ActivePoints, int Violated, double Margin);

/// <summary>
/// The maximum margin through the origin in float64: u_bar = w / ||w||, gamma = 1 / ||w||, where w has the least norm with
/// &lt;w, z_i&gt; >= 1 for all i. A dual active-set method on an orthogonal factor finds it, see <see cref="ActiveSetMethod"/>. What is
/// said of it is proved apart from how it was found: both bounds and "separable" by <see cref="MarginCertificate"/>, "not separable" by
/// weights that combine points to 0 exactly.
/// </summary>
/// <remarks>
/// Where float64 leaves both verdicts open, rational arithmetic decides, if the points and their digits are few: up to some 60 points
/// of 53 bits to prove that a combination is 0, some 16 features to solve the whole problem. In general position, at most one point more
/// than coordinates that are not 0 in all of them, float64 proves "not separable" at any size. Else the answer is "undecided".
/// </remarks>
public static class HardMargin
{
    /// <summary>A constraint counts as violated below 1 - (this + <see cref="ViolationRounding"/> ||w|| ||z_i||).</summary>
    public const double ViolationTolerance = 1e-12;

    /// <summary>4 * 2^-52: what rounding a margin of w can leave, relative to ||w|| ||z_i||.</summary>
    public const double ViolationRounding = 8 * MarginCertificate.UnitRoundoff;

    /// <summary>
    /// A point whose part outside the span of the active set is below this times its norm lies in that span; what rounding leaves is
    /// some 1e-15.
    /// </summary>
    public const double DependenceTolerance = 1e-13;

    /// <summary>A coefficient below this times the largest is rounding: a point may not leave on its account.</summary>
    public const double PivotTolerance = 1e-12;

    /// <summary>Relative width of the band above gamma that counts as on the margin; the solver leaves some 1e-12.</summary>
    public const double SupportTolerance = 1e-9;

    /// <summary>Added to that band, times ||z_i||: the rounding of a margin, which matters for gamma below 1e-6.</summary>
    public const double SupportRounding = 16 * MarginCertificate.UnitRoundoff;

    /// <summary>
    /// Largest ||sum a_i z_i|| / sum a_i ||z_i|| that float64 cannot tell from 0: there an exact proof that a combination is 0 is tried.
    /// </summary>
    public const double GordanTolerance = 5e-16;

    // Each pass gains some 16 - log10(condition) digits; with residuals of twice the digits three reach the last bit up to 1e10.
    internal const int RefinementPasses = 3;

    // The method needs a few entries per support vector; this bounds a failure that nobody has seen.
    internal const int EntriesPerPoint = 100;

    // A wider bracket, in units of the largest norm, than rounding leaves: the method has missed the optimum.
    private const double WideBracket = 1e-12;

    // Below this the squares of ||w|| come near the end of float64's range.
    private const double LeastNorm = 1e-140;

    /// <summary>Solves for the points z (n, d).</summary>
    /// <returns>The solution with its certificates. Not separable and undecided are answers, not errors.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public static MarginSolution Solve(
        SignedPoints z, CancellationToken ct = default, IProgress<MarginProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(z);
        if (GordanProof.ByZero(z) is { } zero)
            return NotSeparable(z, zero, $"Point {zero.Carriers[0]} is 0: no direction gives it a positive margin.", 0);
        var alike = AlikePoints.Of(z);
        if (alike.Opposites is var (first, second))
            return NotSeparable(z, GordanProof.OfOpposites(z, first, second), $"Points {first} and {second} (counted from 0) are "
                + "opposite: the same features are in both classes, and no direction gives both a positive margin.", 0);
        var norms = new double[z.Count];
        for (int i = 0; i < norms.Length; i++) norms[i] = TensorPrimitives.Norm(z.Row(i));

        int iterations = 0;
        Bracket? best = null;
        BlockPivoting? block = null;
        if (norms.Min() >= LeastNorm && BlockPivoting.IsFor(z) && (block = BlockPivoting.Solve(z, alike, ct, progress)) is not null)
        {
            iterations = block.Exchanged;
            best = Bracket.Of(z, block.W, block.Weights);
            if (best is not { Proved: true } || best.Upper - best.Lower > WideBracket) (best, block) = (null, null);
        }

        if (best is null && norms.Min() >= LeastNorm)
        {
            var method = new ActiveSetMethod(z, norms);
            method.Run(ct, progress);
            iterations = method.Iterations;
            best = Bracket.Of(z, method.W, method.DualWeights());
            if (best is not { Proved: true } && method.Gordan is { } combination
                && GordanProof.Find(z, combination.Points, combination.Weights, ct) is { } proof)
                return NotSeparable(z, proof, null, iterations);
        }

        if ((best is null || !best.Proved || best.Upper - best.Lower > WideBracket) && ExactMargin.Solve(z, ct) is { } exact)
        {
            if (exact.Gordan is { } proof) return NotSeparable(z, proof, null, iterations);
            best = Bracket.Of(z, exact.Direction, exact.DualWeights);
        }

        return Bracketed(z, norms, best ?? Bracket.OfLeast(z, norms), iterations, block, ct);
    }

    /// <param name="z">The points.</param>
    /// <param name="norms">Theirs.</param>
    /// <param name="bracket">What is proved.</param>
    /// <param name="iterations">Taken by whoever found it.</param>
    /// <param name="block">Who found it, where that was block pivoting: it knows what the support vectors span.</param>
    /// <param name="ct">Ends the search for that.</param>
    private static MarginSolution Bracketed(
        SignedPoints z, double[] norms, Bracket bracket, int iterations, BlockPivoting? block, CancellationToken ct)
    {
        (double lower, double upper, bool proved) = (bracket.Lower, bracket.Upper, bracket.Proved);
        // The upper bound is the better value: its error is the square of the dual weights' error.
        double gamma = proved ? upper : Math.Max(lower, 0);
        int[] support = proved ? MarginSupport.Find(z, norms, bracket.Direction, gamma) : [];
        if (block?.Span(support, ct) is not (int rank, bool spans))
            MarginSupport.Span(z, norms, bracket.Weights, support, out rank, out spans);
        string message = !proved
            ? $"Undecided in float64: the largest margin lies between {lower:R} and {upper:R} of the largest norm, too near 0 "
                + "for a direction in float64 to show its sign. Scale the features alike (--standardize), or look for points of "
                + "both classes that coincide."
            : upper - lower <= WideBracket
                ? $"Separable with margin {gamma:R}."
                : $"Separable, but the solver missed the optimum: the margin lies between {lower:R} and {upper:R}.";
        return new MarginSolution
        {
            Separability = proved ? Separability.Yes : Separability.Undecided,
            Message = message,
            Gamma = gamma,
            Direction = bracket.Direction,
            Lower = lower,
            Upper = upper,
            SupportVectors = support,
            DualWeights = bracket.Weights,
            SupportRank = rank,
            SupportSpansData = spans,
            GordanCarriers = [],
            GordanResidual = MarginCertificate.GordanResidual(z, bracket.Weights),
            Iterations = iterations,
        };
    }

    private static MarginSolution NotSeparable(SignedPoints z, GordanProof proof, string? message, int iterations) => new()
    {
        Separability = Separability.No,
        Message = message ?? $"Not separable through the origin: a convex combination of {proof.Carriers.Length} points is exactly 0.",
        Gamma = 0,
        Direction = [],
        Lower = 0, // u = 0 has margin 0
        Upper = MarginCertificate.Upper(z, proof.Weights),
        SupportVectors = [],
        DualWeights = proof.Weights,
        SupportRank = 0,
        SupportSpansData = false,
        GordanCarriers = proof.Carriers,
        GordanResidual = MarginCertificate.GordanResidual(z, proof.Weights),
        Iterations = iterations,
    };

    /// <summary>A unit direction and weights whose sum is 1, with what they prove.</summary>
    private sealed record Bracket(double[] Direction, double[] Weights, double Lower, double Upper, bool Proved)
    {
        /// <summary>Null where float64 overflowed on the way.</summary>
        public static Bracket? Of(SignedPoints z, ReadOnlySpan<double> w, double[] weights)
        {
            double[] direction = w.ToArray();
            TensorPrimitives.Divide(direction, TwiceDouble.Norm(direction), direction);
            double[] unit = [.. weights];
            TensorPrimitives.Divide(unit, TwiceDouble.Sum(unit), unit);
            if (!Array.TrueForAll(direction, double.IsFinite) || !Array.TrueForAll(unit, double.IsFinite)) return null;
            bool proved = MarginCertificate.ProvesSeparable(z, direction);
            return new Bracket(direction, unit, MarginCertificate.Lower(z, direction), MarginCertificate.Upper(z, unit), proved);
        }

        /// <summary>Of the shortest point alone.</summary>
        public static Bracket OfLeast(SignedPoints z, double[] norms)
        {
            int least = Array.IndexOf(norms, norms.Min());
            var weights = new double[z.Count];
            weights[least] = 1;
            double largest = TensorPrimitives.MaxMagnitude(z.Row(least));
            // Dividing by 0 where all of it vanished in the scaling leaves no direction: then any will do.
            double[] direction = [.. z.Row(least).ToArray().Select(v => largest > 0 ? v / largest : 1)];
            return Of(z, direction, weights)!;
        }
    }
}
