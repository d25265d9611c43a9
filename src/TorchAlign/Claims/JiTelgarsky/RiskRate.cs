using TorchAlign.Alignment;
using TorchAlign.Losses;

namespace TorchAlign.Claims;

/// <summary>
/// How fast the risk must fall once all margins are positive, and how large the layers must then be (derived; the argument is
/// that of [LL], see <see cref="JiTelgarskyClaims"/>, with every constant kept).
/// </summary>
/// <remarks>
/// Let g(R) = loss^-1(n R) &gt; 0, at most the least margin, and kappa(R) = -loss'(g) / loss(g), which both grow as R falls (kappa = 1 for
/// the exponential loss). The margins are homogeneous of degree L in W, so
/// &lt;W, -grad R&gt; = (L/n) sum_i -loss'(m_i) m_i &gt;= L kappa g R, and
/// ||grad R|| &gt;= L kappa g R / ||W||. ||W|| grows while all margins are positive, d||W||^2/dt = 2 &lt;W, -grad R&gt; &gt; 0. So from
/// dR/dt = -||grad R||^2, for every t_0 with n R(t_0) &lt; loss(0):
///     1/R(T) &gt;= 1/R(t_0) + c (T - t_0),   c = (L kappa(R(t_0)) g(R(t_0)) / ||W(T)||)^2.
/// For descent with R(t+1) - R(t) &lt;= -(eta/2) ||grad R||^2 the same holds with c / 2 and T - t_0 the sum of the step sizes.
/// </remarks>
internal static class RiskRate
{
    /// <summary>t_0 lies at least this factor before T (its logarithm): over less the bound is close to an identity.</summary>
    private const double LeastLogRatio = 1;

    /// <summary>
    /// The largest log R that the rate allows at an observation, the best of all earlier t_0; null if none has n R &lt; loss(0).
    /// </summary>
    public static double? LogBound(RunEvidence run, int at)
    {
        var end = run.Observations[at];
        var logDepth = Math.Log(run.Shape.Depth);
        var logNorm = Math.Log(TotalNorm(end));
        double? best = null;
        for (var j = 0; j < at; j++)
        {
            var start = run.Observations[j];
            if (!(LogMargin(run, start.LogRisk) is var margin and > 0) || !(start.LogTime <= end.LogTime - LeastLogRatio)) continue;
            var logKappa = run.Loss.LogSlope(margin) - run.Loss.LogValue(margin);
            var logElapsed = end.LogTime + Math.Log(-LogDomain.Expm1(start.LogTime - end.LogTime));
            var logGain = 2 * (logDepth + logKappa + Math.Log(margin) - logNorm) + logElapsed;
            if (run.Descent is not null) logGain -= Math.Log(2);
            var bound = -LogDomain.LogAddExp(-start.LogRisk, logGain);
            if (!(bound >= best)) best = bound;
        }
        return best;
    }

    /// <summary>
    /// g = loss^-1(n R): the least margin is at least this; negative or NaN before n R &lt; loss(0). It grows like log(1/R).
    /// </summary>
    public static double LogMargin(RunEvidence run, double logRisk)
    {
        var logSum = logRisk + Math.Log(run.Points.Count);
        if (!(logSum < run.Loss.LogValue(0))) return double.NaN;
        return Inverse(run.Loss, logSum);
    }

    /// <summary>||W||_F over all layers.</summary>
    public static double TotalNorm(Observation at) => Math.Sqrt(at.FrobeniusNorms.Sum(norm => norm * norm));

    /// <summary>
    /// The least ||W_k||_F at which the product of all layer norms, at least ||w_prod||, can carry margins of
    /// <paramref name="leastMargin"/>: every unit w has a margin of at most gamma, so prod_j ||W_j||_F &gt;= leastMargin / gamma, while
    /// ||W_j||_F^2 &lt;= ||W_k||_F^2 + <paramref name="gaps"/>[j] by (3). Bisection on the increasing
    /// prod_j (x + gaps_j) = (leastMargin / gamma)^2.
    /// </summary>
    public static double LeastLayerNorm(double leastMargin, double gamma, IReadOnlyList<double> gaps)
    {
        var target = 2 * Math.Log(leastMargin / gamma);
        double low = 0, high = 1;
        while (LogProduct(high) < target) high *= 2;
        for (var i = 0; i < 100; i++)
        {
            var middle = (low + high) / 2;
            if (LogProduct(middle) < target) low = middle;
            else high = middle;
        }
        return Math.Sqrt(low);

        double LogProduct(double x) => gaps.Sum(gap => Math.Log(Math.Max(x + gap, 0)));
    }

    /// <summary>The margin with log loss(m) = <paramref name="logValue"/>, by Newton's method on the decreasing concave log loss.</summary>
    private static double Inverse(MarginLoss loss, double logValue)
    {
        // loss(m) <= exp(-m) here, so the start lies on the right of the root, from where Newton falls monotonically.
        var m = -logValue;
        for (var i = 0; i < 100; i++)
        {
            var value = loss.LogValue(m);
            var step = (value - logValue) * Math.Exp(value - loss.LogSlope(m));
            m += step;
            if (!(Math.Abs(step) > 1e-15 * Math.Abs(m))) break;
        }
        return m;
    }
}
