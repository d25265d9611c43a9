using System.Globalization;
using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;

namespace TorchAlign.Alignment;

/// <summary>
/// When a run has found the maximum-margin direction: 1 - cos(w_prod, u_bar) is at most EPS, all points are on their side, and something
/// computed at this point says that it stays so. A point where 1 - cos is small and nothing says so is a crossing: w_prod may pass the axis
/// by accident and leave it again.
/// </summary>
/// <remarks>
/// (derived) Write w_prod = rho u_bar + x, p_i for the weights -loss'(m_i) / sum_j -loss'(m_j) and g = sum_i p_i z_i. Where the layers are
/// rank one and balanced, dw_prod/ds is along g + (L-1) &lt;g, w^&gt; w^, w^ = w_prod/||w_prod||, for every L (for L = 1 of any start). The
/// second part turns nothing, and &lt;g, u_bar&gt; &gt;= gamma. tan is ||x||/rho; EPS allows tan_0, 1 - cos = EPS. x has a part y + v in
/// the span of the support vectors S, v the predicted limit (<see cref="ResidualPrediction"/>), and a part c outside.
/// <list type="bullet">
/// <item><c>bound</c>. The points of S alone pull along the gradient of the concave -log sum_S exp(-&lt;x, z_i&gt;), whose maximum is v, so
/// ||y|| does not grow but with the second part of dw_prod/ds, and c does not move but with it. The other points, and what a logistic tail
/// differs by from an exponential one, pull by at most q = sum_{i not in S} exp(-rho (&lt;u_bar, z_i&gt; - gamma - l ||z_i^perp||)) +
/// exp(-rho (gamma - l)) while tan &lt;= l, the last for the logistic loss only. So V = sqrt((||v|| + ||y||)^2 + ||c||^2) obeys d(V/rho)/ds
/// &lt;= (q - gamma V/rho)/rho, and tan &lt;= V/rho stays below any l with V/rho &lt;= l &lt;= tan_0 for which q &lt;= gamma l, since q
/// falls. Layers that are not balanced push y by eta gamma, eta the part of K w^ across w^, dw_prod/ds = g + K g; the points of S pull
/// back by lambda ||y|| exp(-2 ||y||), lambda the least eigenvalue of sum_S a_i p_i p_i^T across u_bar, so ||y|| stays below 2 gamma
/// eta/lambda where that is below 0.3. They turn a = (W_L...W_2)^T to where W_1 u_bar points, and with it c = C^T a. Both are counted as
/// they are at this point: like all imbalance they fall as 1/||W||^2 ([JT] Lemma 2), to first order.</item>
/// <item><c>law</c>. The same where ||y|| is at most 1% of ||x||: the predicted limit has come true, as a vector, with the push of the
/// imbalance in it. Of the other points it asks that what they still have to give, L p_i/(gamma (&lt;u_bar, z_i&gt; - gamma)) each, is
/// below 1% of ||x||.</item>
/// <item><c>gradient</c>, L = 1, exponential loss: ||g|| never grows along the flow of a convex function, so ||g_perp||/&lt;g, u_bar&gt;
/// and with it tan stays below sqrt((||g||/gamma)^2 - 1).</item>
/// <item><c>margin</c>, exponential loss, any layers: cos &gt;= min_i &lt;w, z_i&gt;/(gamma ||w||) by the dual weights, and
/// -log(n R)/(||W||^2/L)^(L/2) never falls (K. Lyu, J. Li, arXiv 1906.05890), so 1 - cos stays below 1 minus that over gamma.</item>
/// </list>
/// </remarks>
public sealed class DirectionVerdict
{
    /// <summary>The end of a run that found the direction.</summary>
    public const string Found = "found";

    /// <summary>The end of a run that a limit stopped after 1 - cos had fallen to EPS without a reason to stay there.</summary>
    public const string Crossed = "crossed";

    /// <summary>The share of ||x|| to which the law must have come true.</summary>
    private const double Accuracy = 0.01;

    /// <summary>Beyond this ||y|| the pull back to v is not bounded by half its linear part.</summary>
    private const double LargestPush = 0.3;

    /// <summary>What rounding leaves of the smoothed margin.</summary>
    private const double Rounding = 1e-14;

    private readonly SignedPoints _points;
    private readonly NetworkShape _shape;
    private readonly MarginLoss _loss;
    private readonly MarginSolution _reference;
    private readonly bool _isFlow;
    private readonly double _bound, _tangent;
    private readonly Lazy<SupportPull?> _pull;

    /// <param name="shape">One output.</param>
    /// <param name="points">z_i (n, d).</param>
    /// <param name="loss">Exponential or logistic.</param>
    /// <param name="reference">The maximum margin of the points.</param>
    /// <param name="bound">EPS.</param>
    /// <param name="isFlow">
    /// Whether the run follows the flow; the bounds hold along it. Of descent the law alone is asked, and its steps must come to be small
    /// against the flow's relaxation, as those of a constant eta or of Assumption 5 do; loss-scaled ones swing about the limit for ever.
    /// </param>
    public DirectionVerdict(
        NetworkShape shape, SignedPoints points, MarginLoss loss, MarginSolution reference, double bound, bool isFlow = true)
    {
        (_shape, _points, _loss, _reference, _isFlow) = (shape, points, loss, reference, isFlow);
        _bound = bound;
        _tangent = bound < 1 ? Math.Sqrt(bound * (2 - bound)) / (1 - bound) : double.PositiveInfinity;
        _pull = new(() => SupportPull.Of(shape, points, reference));
    }

    /// <summary>The end <see cref="Found"/>, with its reason, or null to go on. Costs nothing while 1 - cos is above EPS.</summary>
    public RunEnd? Look(TrajectoryPoint point, Observation seen) =>
        seen.OneMinusCosine <= _bound && Reason(seen, point.W.ToArray()) is { } reason
            ? new RunEnd(Found, true, $"1 - cos fell to {Text(_bound)} and stays there: {reason}")
            : null;

    /// <summary>
    /// The end of a run that <paramref name="limit"/> stopped: itself, or <see cref="Crossed"/> where 1 - cos had fallen to EPS before.
    /// </summary>
    public RunEnd OfLimit(RunEnd limit, IEnumerable<Observation> seen) =>
        limit.IsLimit && FirstCrossing(seen, _bound) is { } crossing
            ? new RunEnd(Crossed, false, $"1 - cos fell to {Text(_bound)} at log10 R = {Text(crossing.Log10Risk)}, and nothing said that "
                + $"it would stay there. {limit.Message}")
            : limit;

    /// <summary>The first observation whose 1 - cos is at most <paramref name="bound"/>; null where there is none.</summary>
    public static Observation? FirstCrossing(IEnumerable<Observation> seen, double bound) =>
        seen.FirstOrDefault(at => at.OneMinusCosine <= bound);

    /// <summary>Why 1 - cos stays at most EPS from a state (P) on, in words; null where nothing says so.</summary>
    private string? Reason(Observation seen, double[] state)
    {
        if (_reference.Separability != Separability.Yes || !(seen.DirectionMargin > 0)) return null;
        var exponentialFlow = _isFlow && _loss == MarginLoss.Exponential;
        return _pull.Value is { } pull && ByPrediction(pull, seen, state) is { } reason ? reason
            : exponentialFlow && _shape.Depth == 1 && GradientBound(seen) is var tangent && tangent <= _tangent
                ? $"the gradient, which only gets shorter, keeps tan below {Text(tangent)} (gradient)."
            : exponentialFlow && MarginBound(seen) is var gap && gap <= _bound
                ? $"the smoothed margin, which only grows, keeps it below {Text(gap)} (margin)."
            : null;
    }

    private string? ByPrediction(SupportPull pull, Observation seen, double[] state)
    {
        var at = pull.PlaceOf(seen.Product);
        var (carried, rest) = (pull.CarriedBound(at, state), Accuracy * at.Distance);
        var law = Level(at.Deviation);
        if (law <= _tangent && at.Deviation <= rest && pull.LeftToGive(_shape.Depth, Weights(seen.Product)) <= rest)
            return $"w_prod = rho u_bar + v to {Text(100 * at.Deviation / at.Distance)}% of its distance from the axis, and tan stays "
                + $"below {Text(law)} (law).";
        if (!_isFlow) return null;
        var pushed = _shape.Depth == 1 ? 0 : pull.Push(at, state);
        var bounded = Level(Math.Max(at.Deviation, pushed));
        if (pushed > LargestPush || !(bounded <= _tangent)) return null;
        return Array.Exists([bounded, _tangent], level => pull.OfOthers(at.Rho, level, _loss) <= _reference.Gamma * level)
            ? $"the points pull w_prod no further from the axis than tan = {Text(bounded)} (bound)."
            : null;

        double Level(double deviation) => double.Hypot(pull.LimitNorm + deviation, carried) / at.Rho;
    }

    private double GradientBound(Observation seen)
    {
        var p = Weights(seen.Product);
        var (g, excess) = (new double[_points.Dimension], 0.0);
        for (var i = 0; i < p.Length; i++)
        {
            TensorPrimitives.MultiplyAdd(_points.Row(i), p[i], g, g);
            excess += p[i] * (TensorPrimitives.Dot(_points.Row(i), _reference.Direction) - _reference.Gamma);
        }
        var gamma = _reference.Gamma;
        SupportPull.Reject(g, _reference.Direction);
        // (||g||/gamma)^2 - 1 without the cancellation.
        var square = (TensorPrimitives.SumOfSquares<double>(g) + excess * (2 * gamma + excess)) / (gamma * gamma);
        return Math.Sqrt(Math.Max(0, square));
    }

    private double MarginBound(Observation seen)
    {
        var squared = seen.FrobeniusNorms.Sum(norm => norm * norm) / _shape.Depth;
        var margin = -(seen.LogRisk + Math.Log(_points.Count));
        return 1 - margin / (_reference.Upper * Math.Pow(squared, _shape.Depth / 2.0)) + Rounding;
    }

    /// <summary>p (n), of sum 1.</summary>
    private double[] Weights(double[] product)
    {
        var (margins, p) = (new double[_points.Count], new double[_points.Count]);
        _points.Margins(product, margins);
        _loss.LogRiskAndWeights(margins, p);
        TensorPrimitives.Divide(p, TensorPrimitives.Sum<double>(p), p);
        return p;
    }

    private static string Text(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
