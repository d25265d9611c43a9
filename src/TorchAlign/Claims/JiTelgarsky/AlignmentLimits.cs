using TorchAlign.Alignment;
using TorchAlign.Dynamics;

namespace TorchAlign.Claims;

/// <summary>
/// [JT] Theorem 1 (flow; A1, A2) and Theorem 3 (descent; A2, A4, A5), as t -&gt; infinity: R -&gt; 0; ||W_k||_F -&gt; infinity;
/// || W_k/||W_k||_F - u_k v_k^T ||_F -&gt; 0, equivalently ||W_k||_2/||W_k||_F -&gt; 1; |&lt;v_{k+1}, u_k&gt;| -&gt; 1;
/// |&lt;w_prod / prod_k ||W_k||_F, v_1&gt;| -&gt; 1. The tolerances are the rates of <see cref="RiskRate"/> and <see cref="LayerBounds"/>.
/// </summary>
internal static class AlignmentLimits
{
    public static IEnumerable<JiTelgarskyClaim> TheoremOne { get; } =
        Claims("jt.theorem1", "[JT] Theorem 1", h => h.Flow().Separable().AssumptionOne().AssumptionTwo());

    public static IEnumerable<JiTelgarskyClaim> TheoremThree { get; } =
        Claims("jt.theorem3", "[JT] Theorem 3", h => h.Separable().AssumptionOne().AssumptionTwo().AssumptionsFourAndFive());

    private static JiTelgarskyClaim[] Claims(string id, string source, Action<JiTelgarskyHypothesis> needs)
    {
        return
        [
            new($"{id}.risk", source, "R -> 0: log10 R(T) <= -log10(1/R(t0) + c (T - t0)), c = (L kappa g/||W(T)||)^2", needs, Risk),
            new($"{id}.risk-falls", source, "R never rises: largest change of log R", needs, RiskFalls),
            new($"{id}.norms", source, "||W_k||_F -> infinity: at least what the margin forced by the time run needs", needs, Norms),
            new($"{id}.rank-one", source, "||W_k/||W_k||_F - u_k v_k^T||_F -> 0", Deep, RankOne),
            new($"{id}.spectral-ratio", source, "||W_k||_2/||W_k||_F -> 1", Deep, SpectralRatio),
            new($"{id}.adjacent", source, "|<v_{k+1}, u_k>| -> 1", Deep, Adjacent),
            new($"{id}.product", source, "|<w_prod/prod_k ||W_k||_F, v_1>| -> 1", Deep, Product),
        ];

        void Deep(JiTelgarskyHypothesis hypothesis)
        {
            needs(hypothesis);
            hypothesis.Deep();
        }
    }

    /// <summary>
    /// At every observation, not only the last, against the best rate from any earlier one; in decades, for R underflows.
    /// </summary>
    private static Measurement Risk(RunEvidence run)
    {
        var worst = new RunningMaximum();
        var worstBound = double.NaN;
        for (var i = 1; i < run.Observations.Count; i++)
        {
            var here = run.Observations[i];
            if (double.IsNaN(here.LogRisk) || double.IsNaN(here.LogTime)) worst.Offer(i, double.NaN);
            else if (RiskRate.LogBound(run, i) is { } bound && worst.Offer(i, here.LogRisk - bound)) worstBound = bound;
        }
        if (!worst.Any) return Measurement.Undecided("the run is too short: n R never fell below loss(0)");
        var at = run.Observations[worst.Index];
        return new(at.Log10Risk, Relation.AtMost, worstBound / Math.Log(10), RiskTolerance(run, at),
            $"log10 R where it comes nearest to its bound, log t = {FourDigits.Of(at.LogTime)}; the run ends {run.EndText}");
    }

    /// <summary>The bound is exact along the true curve; log R is known to the integrator's accuracy times its own size.</summary>
    private static double RiskTolerance(RunEvidence run, Observation at) =>
        (run.IntegrationTolerance + LayerBounds.Rounding) * (1 + Math.Abs(at.LogRisk));

    private static Measurement RiskFalls(RunEvidence run)
    {
        var rise = new RunningMaximum();
        for (var i = 1; i < run.Observations.Count; i++)
            rise.Offer(i, run.Observations[i].LogRisk - run.Observations[i - 1].LogRisk);
        if (!rise.Any) return Measurement.Undecided("the run has one observation only");
        var at = run.Observations[rise.Index];
        return new(rise.Value, Relation.AtMost, 0, LayerBounds.Rounding * (1 + Math.Abs(at.LogRisk)),
            $"largest change of log R between two of {run.Observations.Count} observations, that before "
            + $"log t = {FourDigits.Of(at.LogTime)}");
    }

    private static Measurement Norms(RunEvidence run)
    {
        var last = run.Last;
        var margin = RiskRate.LogMargin(run, RiskRate.LogBound(run, run.Observations.Count - 1) ?? double.NaN);
        if (!(margin > 0)) return Measurement.Undecided("the run is too short: its rate does not bring n R below loss(0)");
        var bounds = new LayerBounds(run);
        var slack = bounds.SpectralSlack(last);
        var (worst, least) = (new RunningMaximum(), 0.0);
        for (var k = 0; k < run.Shape.Depth; k++)
        {
            var own = bounds.InitialSquaredNorms[k];
            var bound = RiskRate.LeastLayerNorm(margin, run.Margin.Gamma,
                [.. bounds.InitialSquaredNorms.Select((squared, j) => j == k ? 0 : squared - own + slack)]);
            if (worst.Offer(k, bound / last.FrobeniusNorms[k])) least = bound;
        }
        return new(last.FrobeniusNorms[worst.Index], Relation.AtLeast, least, LayerBounds.Rounding * least,
            $"||W_{worst.Index + 1}||_F {run.EndText}, against the least norm for the margin {FourDigits.Of(margin)} that the time run "
            + $"forces; at the start it was {FourDigits.Of(run.Observations[0].FrobeniusNorms[worst.Index])}");
    }

    private static Measurement RankOne(RunEvidence run)
    {
        var bounds = new LayerBounds(run);
        var (worst, tolerance) = WorstShare(run.Shape.Depth, k =>
        {
            var rest = bounds.LargestRest(run.Last, k);
            // ||W/||W|| - u v^T||^2 = 2 (1 - s), 1 - s = rest^2 / (1 + s).
            return rest * Math.Sqrt(2 / (1 + bounds.LeastRatio(run.Last, k))) + LayerBounds.Rounding;
        }, k => run.Last.RankOneResiduals[k]);
        return Measurement.Limit(run.Last.RankOneResiduals[worst], 0, tolerance, Math.Sqrt(2),
            $"layer {worst + 1} {run.EndText}; Lemma 2 with D = {FourDigits.Of(bounds.D)} allows sqrt(D)/||W_k||_F");
    }

    private static Measurement SpectralRatio(RunEvidence run)
    {
        var bounds = new LayerBounds(run);
        var (worst, tolerance) = WorstShare(run.Shape.Depth,
            k => OneMinusRoot(bounds.LargestRest(run.Last, k)) + LayerBounds.Rounding, k => 1 - run.Last.SpectralRatios[k]);
        return Measurement.Limit(run.Last.SpectralRatios[worst], 1, tolerance, 1,
            $"layer {worst + 1} {run.EndText}; Lemma 2 with D = {FourDigits.Of(bounds.D)} allows 1 - s^2 <= D/||W_k||_F^2");
    }

    private static Measurement Adjacent(RunEvidence run)
    {
        var bounds = new LayerBounds(run);
        var (worst, tolerance) = WorstShare(run.Shape.Depth - 1,
            k => 1 - bounds.LeastAdjacent(run.Last, k) + LayerBounds.Rounding, k => 1 - run.Last.AdjacentAlignments[k]);
        return Measurement.Limit(run.Last.AdjacentAlignments[worst], 1, tolerance, 1,
            $"layers {worst + 1} and {worst + 2} {run.EndText}; the tolerance is Lemma 2's");
    }

    private static Measurement Product(RunEvidence run)
    {
        var tolerance = 1 - new LayerBounds(run).LeastProduct(run.Last) + LayerBounds.Rounding;
        return Measurement.Limit(run.Last.ProductAlignment, 1, tolerance, 1,
            $"{run.EndText}; the tolerance is Lemma 2's, multiplied through the layers");
    }

    /// <summary>1 - sqrt(1 - r^2) without cancellation.</summary>
    private static double OneMinusRoot(double r) => r * r / (1 + Math.Sqrt(1 - r * r));

    /// <summary>The index whose error takes up most of its tolerance, and that tolerance.</summary>
    private static (int Index, double Tolerance) WorstShare(int count, Func<int, double> tolerance, Func<int, double> error)
    {
        var (worst, its) = (new RunningMaximum(), double.NaN);
        for (var k = 0; k < count; k++)
        {
            var allowed = tolerance(k);
            if (worst.Offer(k, error(k) / allowed)) its = allowed;
        }
        return (worst.Index, its);
    }
}
