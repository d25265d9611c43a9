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
/// The maximum margin through the origin in float64: u_bar = w / ||w||, gamma = 1 / ||w||, where w has the least norm
/// with
/// &lt;w, z_i&gt; >= 1 for all i. A dual active-set method on an orthogonal factor, see <see cref="ActiveSetMethod"/>.
/// </summary>
public static class HardMargin
{
    /// <summary>
    /// A constraint counts as violated below 1 - (this + <see cref="ViolationRounding"/> ||w|| ||z_i||).
    /// </summary>
    public const double ViolationTolerance = 1e-12;

    /// <summary>4 * 2^-52: what rounding a margin of w can leave, relative to ||w|| ||z_i||.</summary>
    public const double ViolationRounding = 8 * MarginCertificate.UnitRoundoff;

    /// <summary>
    /// A point whose part outside the span of the active set is below this times its norm lies in that span; what
    /// rounding leaves is some 1e-15.
    /// </summary>
    public const double DependenceTolerance = 1e-13;

    /// <summary>A coefficient below this times the largest is rounding: a point may not leave on its account.</summary>
    public const double PivotTolerance = 1e-12;

    /// <summary>
    /// Relative width of the band above gamma that counts as on the margin; the solver leaves some 1e-12.
    /// </summary>
    public const double SupportTolerance = 1e-9;

    /// <summary>
    /// Added to that band, times ||z_i||: the rounding of a margin, which matters for gamma below 1e-6.
    /// </summary>
    public const double SupportRounding = 16 * MarginCertificate.UnitRoundoff;

    /// <summary>
    /// Largest ||sum a_i z_i|| / sum a_i ||z_i|| that counts as 0: about the rounding of the points themselves.
    /// </summary>
    public const double GordanTolerance = 5e-16;

    // Each pass gains some 16 - log10(condition) digits; with residuals of twice the digits three reach the last bit up
    // to 1e10.
    internal const int RefinementPasses = 3;

    // The method needs a few entries per support vector; this bounds a failure that nobody has seen.
    internal const int EntriesPerPoint = 100;

    /// <summary>Solves for the points z (n, d).</summary>
    /// <returns>The solution with its certificates. Not separable and undecided are answers, not errors.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public static MarginSolution Solve(
        SignedPoints z, CancellationToken ct = default, IProgress<MarginProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(z);
        var norms = new double[z.Count];
        for (int i = 0; i < norms.Length; i++) norms[i] = TensorPrimitives.Norm(z.Row(i));
        int zero = Array.IndexOf(norms, 0.0);
        if (zero >= 0)
        {
            var alone = new double[z.Count];
            alone[zero] = 1;
            return NotSeparable(z, alone, $"Point {zero} is 0: no direction gives it a positive margin.", 0);
        }

        var method = new ActiveSetMethod(z, norms);
        bool ended = method.Run(ct, progress);
        if (method.Gordan is { } combination && MarginCertificate.GordanResidual(z, combination) <= GordanTolerance)
            return NotSeparable(z, combination, null, method.Iterations);

        double[] direction = method.W.ToArray();
        TensorPrimitives.Divide(direction, TwiceDouble.Norm(direction), direction);
        double[] weights = method.DualWeights();
        TensorPrimitives.Divide(weights, TwiceDouble.Sum(weights), weights);
        double residual = MarginCertificate.GordanResidual(z, weights);
        bool proved = MarginCertificate.ProvesSeparable(z, direction);
        if (!proved && residual <= GordanTolerance) return NotSeparable(z, weights, null, method.Iterations);

        double lower = MarginCertificate.Lower(z, direction);
        double upper = MarginCertificate.Upper(z, weights);
        // The upper bound is the better value: its error is the square of the dual weights' error.
        double gamma = proved ? upper : Math.Max(lower, 0);
        int[] support = proved ? MarginSupport.Find(z, norms, direction, gamma) : [];
        MarginSupport.Span(z, norms, weights, support, out int rank, out bool spans);
        string message = !proved
            ? $"Undecided in float64: the largest margin lies between {lower:R} and {upper:R} of the largest norm, too near 0 "
                + "for float64 margins to have a certain sign. Scale the features alike (--standardize), or look for points of "
                + "both classes that coincide."
            : ended
                ? $"Separable with margin {gamma:R}."
                : $"Separable, but the solver stopped at its limit of entries: the margin lies between {lower:R} and {upper:R}.";
        return new MarginSolution
        {
            Separability = proved ? Separability.Yes : Separability.Undecided,
            Message = message,
            Gamma = gamma,
            Direction = direction,
            Lower = lower,
            Upper = upper,
            SupportVectors = support,
            DualWeights = weights,
            SupportRank = rank,
            SupportSpansData = spans,
            GordanResidual = residual,
            Iterations = method.Iterations,
        };
    }

    private static MarginSolution NotSeparable(SignedPoints z, double[] weights, string? message, int iterations)
    {
        // A weight that is rounding names a point that has no part in it: leave it out where the rest stands alone.
        double least = PivotTolerance * TensorPrimitives.Max<double>(weights);
        double[] cleared = [.. weights.Select(a => a < least ? 0 : a)];
        if (MarginCertificate.GordanResidual(z, cleared) <= GordanTolerance) weights = cleared;
        TensorPrimitives.Divide(weights, TwiceDouble.Sum(weights), weights);
        double residual = MarginCertificate.GordanResidual(z, weights);
        int carriers = weights.Count(a => a > 0);
        return new MarginSolution
        {
            Separability = Separability.No,
            Message = message
                ?? $"Not separable through the origin: a convex combination of {carriers} points is 0 (residual {residual:E1}).",
            Gamma = 0,
            Direction = [],
            Lower = 0, // u = 0 has margin 0
            Upper = MarginCertificate.Upper(z, weights),
            SupportVectors = [],
            DualWeights = weights,
            SupportRank = 0,
            SupportSpansData = false,
            GordanResidual = residual,
            Iterations = iterations,
        };
    }
}
