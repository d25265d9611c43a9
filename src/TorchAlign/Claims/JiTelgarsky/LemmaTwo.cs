namespace TorchAlign.Claims;

/// <summary>
/// [JT] Lemma 2, along the flow, with
/// D = max_k ||W_k(0)||_F^2 - ||W_L(0)||_F^2 + sum_{k&lt;L} ||W_k(0) W_k(0)^T - W_{k+1}(0)^T W_{k+1}(0)||_2:
///     ||W_k||_F^2 - ||W_k||_2^2 &lt;= D for every k and t;
///     &lt;v_{k+1},u_k&gt;^2 &gt;= 1 - (D + ||W_{k+1}(0)||_2^2 + ||W_k(0)||_2^2) / ||W_{k+1}||_2^2.
/// Checked at every layer and observation; the tolerance is the drift of the invariants that <see cref="LayerBounds"/> grants
/// the integrator.
/// </summary>
internal static class LemmaTwo
{
    public static IEnumerable<JiTelgarskyClaim> All { get; } =
    [
        new("jt.lemma2.rank-one", "[JT] Lemma 2", "||W_k||_F^2 - ||W_k||_2^2 <= D", h => h.Flow().Deep(), RankOne),
        new("jt.lemma2.adjacent", "[JT] Lemma 2",
            "<v_{k+1},u_k>^2 >= 1 - (D + ||W_{k+1}(0)||_2^2 + ||W_k(0)||_2^2)/||W_{k+1}||_2^2", h => h.Flow().Deep(), Adjacent),
    ];

    private static Measurement RankOne(RunEvidence run)
    {
        var bounds = new LayerBounds(run);
        var worst = new RunningMaximum();
        (double Squared, double Slack) values = (double.NaN, double.NaN);
        for (var i = 0; i < run.Observations.Count; i++)
        {
            var at = run.Observations[i];
            // The last layer is a row: its rest is 0 whatever the run did.
            for (var k = 0; k + 1 < run.Shape.Depth; k++)
            {
                if (at.FrobeniusNorms[k] == 0) continue;
                var rest = SquaredRest(at.FrobeniusNorms[k], at.RankOneResiduals[k]);
                var slack = bounds.SpectralSlack(at) + LayerBounds.Rounding * at.FrobeniusNorms[k] * at.FrobeniusNorms[k];
                if (worst.Offer(i * run.Shape.Depth + k, (rest - bounds.D) / slack)) values = (rest, slack);
            }
        }
        if (!worst.Any) return Measurement.Undecided("all layers below the last are 0 throughout");
        return new(values.Squared, Relation.AtMost, bounds.D, values.Slack, Where(run, worst.Index, "layer"));
    }

    private static Measurement Adjacent(RunEvidence run)
    {
        var bounds = new LayerBounds(run);
        var worst = new RunningMaximum();
        (double Squared, double Bound, double Slack) values = (double.NaN, double.NaN, double.NaN);
        for (var i = 0; i < run.Observations.Count; i++)
        {
            var at = run.Observations[i];
            for (var k = 0; k + 1 < run.Shape.Depth; k++)
            {
                var size = at.FrobeniusNorms[k + 1] * at.SpectralRatios[k + 1];
                // A zero layer has no singular vectors to compare.
                if (at.FrobeniusNorms[k] == 0 || size == 0) continue;
                var squared = at.AdjacentAlignments[k] * at.AdjacentAlignments[k];
                var bound = 1 - (bounds.D + bounds.InitialSpectralNormSquared(k) + bounds.InitialSpectralNormSquared(k + 1))
                    / (size * size);
                var slack = (bounds.SpectralSlack(at) + 2 * bounds.Drift(at)) / (size * size) + LayerBounds.Rounding;
                // A bound below 0 says nothing: no square can break it.
                if (bound <= slack || !worst.Offer(i * run.Shape.Depth + k, (bound - squared) / slack)) continue;
                values = (squared, bound, slack);
            }
        }
        if (!worst.Any) return Measurement.Undecided("the run is too short: the bound is negative throughout");
        return new(values.Squared, Relation.AtLeast, values.Bound, values.Slack, Where(run, worst.Index, "layers above and including"));
    }

    /// <summary>
    /// ||W||_F^2 - ||W||_2^2 from r = ||W/||W||_F - u v^T||_F without cancellation: r^2 = 2 (1 - s), so 1 - s^2 = r^2 (1 - r^2/4).
    /// </summary>
    private static double SquaredRest(double norm, double residual) =>
        norm * norm * residual * residual * (1 - residual * residual / 4);

    private static string Where(RunEvidence run, int index, string what)
    {
        var at = run.Observations[index / run.Shape.Depth];
        return $"worst of {run.Observations.Count} observations and all layers: {what} {index % run.Shape.Depth + 1} "
            + $"at log10 R = {FourDigits.Of(at.Log10Risk)}";
    }
}
