using System.Numerics.Tensors;
using TorchAlign.Alignment;
using TorchAlign.Dynamics;

namespace TorchAlign.Claims;

/// <summary>
/// Rates and limits of [LL] (see <see cref="JiTelgarskyClaims"/>) for losses with an exponential tail, after the risk falls below
/// loss(0)/n:
///     R(t) = Theta(1/(t (log t)^{2-2/L}));  ||W||_F = Theta((log t)^{1/L});
///     the smoothed normalised margin log(1/(n R))/||W||_F^L never decreases along the flow (exponential loss);
///     min_i &lt;w_prod, z_i&gt;/||W||_F^L -&gt; gamma L^{-L/2} for a deep linear network (derived: all layers end with equal norm).
/// </summary>
/// <remarks>
/// The constants follow too (derived): near the limit -log R = gamma rho + O(1), ||grad R|| = R gamma sqrt(L) rho^{1-1/L}, so
/// d(1/R)/dt = L gamma^{2/L} (log 1/R)^a with a = 2 - 2/L, and R t (log 1/R)^a -&gt; 1/(L gamma^{2/L}). With y = log t that is
/// log 1/R = y + a log log 1/R + c + O(1/y), c = log(L gamma^{2/L}): the slope of log(R t) over log y misses -a by at most about
/// a (a (1 + log y) + |c| + k)/y, k = 1 + log n + |v| for the constants in -log R = gamma rho + O(1). Layers that start unbalanced
/// add (D + max_jk | ||W_j(0)||_F^2 - ||W_k(0)||_F^2 |)/||W_k||_F^2. Both are taken where the window of the fit begins,
/// a tenth of the last log t.
/// </remarks>
internal static class FlowRates
{
    /// <summary>The fits see the last decade of log t.</summary>
    private const double Window = 0.1;

    /// <summary>What a long run must show of the margin's limit.</summary>
    private const double LongAccuracy = 1e-6;

    /// <summary>Fewest observations of a fit.</summary>
    private const int Fewest = 5;

    public static IEnumerable<JiTelgarskyClaim> All { get; } =
    [
        new("ll.risk-exponent", "[LL]", "R(t) = Theta(1/(t (log t)^{2-2/L})): exponent of R t over log t -> -(2-2/L)", Needs, RiskExponent),
        new("ll.risk-constant", "[LL]; derived", "R t (log 1/R)^{2-2/L} L gamma^{2/L} -> 1", Needs, RiskConstant),
        new("ll.norm-exponent", "[LL]", "||W||_F = Theta((log t)^{1/L}): L times the exponent of ||W||_F over log t -> 1",
            Needs, NormExponent),
        new("ll.smoothed-margin", "[LL]", "log(1/(n R))/||W||_F^L never decreases once n R < 1: least relative growth",
            h => h.Flow().ExponentialLoss(), SmoothedMargin),
        new("ll.margin", "[LL]; derived", "min_i <w_prod, z_i>/||W||_F^L / (gamma L^{-L/2}) -> 1", Needs, Margin),
        new("ll.margin-long", "[LL]; derived", "min_i <w_prod, z_i>/||W||_F^L = gamma L^{-L/2} to 1e-6, on a run long enough",
            Needs, LongMargin),
    ];

    private static void Needs(JiTelgarskyHypothesis hypothesis) =>
        hypothesis.Flow().ExponentialOrLogisticLoss().Separable().AssumptionTwo().AssumptionThree();

    private static Measurement RiskExponent(RunEvidence run)
    {
        if (Tail(run) is not { } tail) return TooShort(run);
        var a = Power(run);
        var fit = LineFit.Of(
            [.. tail.Select(o => Math.Log(o.LogTime))], [.. tail.Select(o => o.LogRisk + o.LogTime)]);
        var tolerance = (a * Delay(run, tail[0]) + 1) / tail[0].LogTime + a * Unbalance(run, tail[0]);
        return Measurement.Limit(fit.Slope, -a, tolerance, 1, FitText(tail));
    }

    private static Measurement RiskConstant(RunEvidence run)
    {
        if (Tail(run) is null) return TooShort(run);
        var last = run.Last;
        var a = Power(run);
        var log = last.LogRisk + last.LogTime + a * Math.Log(-last.LogRisk) + LogRate(run);
        // R and t underflow and overflow: their logarithms carry the integrator's error relative to themselves.
        var tolerance = (a * (a + Constants(run)) + 1) / last.LogTime + a * Unbalance(run, last) + run.IntegrationTolerance * last.LogTime;
        return Measurement.Limit(Math.Exp(log), 1, tolerance, 1, run.EndText);
    }

    private static Measurement NormExponent(RunEvidence run)
    {
        if (Tail(run) is not { } tail) return TooShort(run);
        var fit = LineFit.Of(
            [.. tail.Select(o => Math.Log(o.LogTime))], [.. tail.Select(o => Math.Log(RiskRate.TotalNorm(o)))]);
        var tolerance = (Delay(run, tail[0]) + 1) / tail[0].LogTime + 2 * Unbalance(run, tail[0]);
        return Measurement.Limit(fit.Slope * run.Shape.Depth, 1, tolerance, 1, FitText(tail));
    }

    private static Measurement SmoothedMargin(RunEvidence run)
    {
        var worst = new RunningMaximum();
        for (var i = 1; i < run.Observations.Count; i++)
        {
            var (before, after) = (run.Observations[i - 1], run.Observations[i]);
            if (!(before.LogRisk + Math.Log(run.Points.Count) < 0)) continue;
            worst.Offer(i, (before.SmoothedMargin - after.SmoothedMargin) / before.SmoothedMargin);
        }
        if (!worst.Any) return Measurement.Undecided("the run is too short: n R never fell below 1");
        return new(-worst.Value, Relation.AtLeast, 0, run.IntegrationTolerance * run.Shape.Depth,
            $"least relative growth between observations, before log10 R = {FourDigits.Of(run.Observations[worst.Index].Log10Risk)}; "
            + $"it ends at {FourDigits.Of(run.Last.SmoothedMargin)}");
    }

    private static Measurement Margin(RunEvidence run)
    {
        if (!run.Residual.Complete) return Measurement.Undecided("the rate of the direction is not known: " + run.Residual.Reason);
        var last = run.Last;
        var depth = run.Shape.Depth;
        var ratio = MarginRatio(run);
        // prod_k ||W_k||_F <= (||W||_F^2/L)^{L/2}, missed by a share of sum_k e_k^2/2 where ||W_k||_F^2 = (1 + e_k) ||W||_F^2/L.
        var share = Unbalance(run, last);
        var tolerance = DirectionLimits.MarginTolerance(run) + depth * share * share / 2;
        return Measurement.Limit(ratio, 1, tolerance, 1, $"{run.EndText}, gap {FourDigits.Of(1 - ratio)}");
    }

    /// <summary>
    /// Long enough: w_prod = rho u_bar + v gives a gap of -min_{i in S} &lt;v, z_i&gt;/(gamma rho), and layers that start unbalanced by
    /// B = D + max_jk | ||W_j(0)||_F^2 - ||W_k(0)||_F^2 | lose up to L B/||W_k||_F^2 of the product of their norms.
    /// </summary>
    private static Measurement LongMargin(RunEvidence run)
    {
        if (!run.Residual.Complete) return Measurement.Undecided("the rate of the direction is not known: " + run.Residual.Reason);
        var least = run.Margin.SupportVectors.Min(i => TensorPrimitives.Dot(run.Points.Row(i), run.Residual.V));
        var expected = -least / (run.Margin.Gamma * run.Last.ProductNorm)
            + run.Shape.Depth * InitialUnbalance(run, new LayerBounds(run)) / Math.Pow(run.Last.FrobeniusNorms.Min(), 2);
        if (!(expected < 0.9 * LongAccuracy))
            return Measurement.Undecided($"the run is too short: a gap up to {FourDigits.Of(expected)} is expected at its end");
        var gap = 1 - MarginRatio(run);
        return new(1 - gap, Relation.TendsTo, 1, LongAccuracy,
            $"{run.EndText}, gap {FourDigits.Of(gap)}, expected {FourDigits.Of(expected)}");
    }

    /// <summary>min_i &lt;w_prod, z_i&gt; / ||W||_F^L / (gamma L^{-L/2}).</summary>
    private static double MarginRatio(RunEvidence run)
    {
        var depth = run.Shape.Depth;
        return run.Last.DirectionMargin * run.Last.ProductNorm / Math.Pow(RiskRate.TotalNorm(run.Last), depth)
            / (run.Margin.Gamma * Math.Pow(depth, -depth / 2.0));
    }

    private static Measurement TooShort(RunEvidence run) => Measurement.Undecided(
        $"the run is too short: log t = {FourDigits.Of(run.Last.LogTime)} leaves no decade of log t with n R < loss(0) to fit");

    /// <summary>The observations of the last decade of log t; null if there the risk is not yet below loss(0)/n or log t below e.</summary>
    private static Observation[]? Tail(RunEvidence run)
    {
        var from = Window * run.Last.LogTime;
        if (!(from > Math.E)) return null;
        Observation[] tail = [.. run.Observations.Where(o => o.LogTime >= from)];
        return tail.Length >= Fewest && tail[0].LogRisk + Math.Log(run.Points.Count) < run.Loss.LogValue(0) ? tail : null;
    }

    private static string FitText(Observation[] tail) =>
        $"fit to {tail.Length} observations from log t = {FourDigits.Of(tail[0].LogTime)} to {FourDigits.Of(tail[^1].LogTime)}";

    /// <summary>a = 2 - 2/L.</summary>
    private static double Power(RunEvidence run) => 2 - 2.0 / run.Shape.Depth;

    /// <summary>c = log(L gamma^{2/L}).</summary>
    private static double LogRate(RunEvidence run) =>
        Math.Log(run.Shape.Depth) + 2.0 / run.Shape.Depth * Math.Log(run.Margin.Gamma);

    /// <summary>k = 1 + log n + |v|.</summary>
    private static double Constants(RunEvidence run) =>
        1 + Math.Log(run.Points.Count) + (run.Residual.Complete ? run.Residual.Norm : 0);

    /// <summary>a (1 + log y) + |c| + k: by how much log 1/R is ahead of y = log t.</summary>
    private static double Delay(RunEvidence run, Observation at) =>
        Power(run) * (1 + Math.Log(at.LogTime)) + Math.Abs(LogRate(run)) + Constants(run);

    private static double Unbalance(RunEvidence run, Observation at)
    {
        if (run.Shape.Depth == 1) return 0;
        var bounds = new LayerBounds(run);
        var least = at.FrobeniusNorms.Min();
        return (InitialUnbalance(run, bounds) + bounds.SpectralSlack(at)) / (least * least);
    }

    /// <summary>D + max_jk | ||W_j(0)||_F^2 - ||W_k(0)||_F^2 |.</summary>
    private static double InitialUnbalance(RunEvidence run, LayerBounds bounds) =>
        run.Shape.Depth == 1 ? 0 : bounds.D + bounds.InitialSquaredNorms.Max() - bounds.InitialSquaredNorms.Min();
}
