using System.Numerics.Tensors;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Numerics;

namespace TorchAlign.Claims;

/// <summary>
/// What [JT] says of the data and the risk alone. Lemma 3: alpha = min_{|xi| = 1, xi perp u_bar} max_{i in S} &lt;xi, z_i&gt; &gt; 0
/// for almost all data.
/// Lemma 4: if &lt;w, u_bar&gt; &gt;= 0 and ||P_perp w|| &gt; 1 + ln(n)/alpha (exponential loss) or 2n/(e alpha) (logistic loss), then
/// &lt;P_perp w, grad R(w)&gt; &gt;= 0: far from the axis u_bar the flow turns back to it.
/// </summary>
internal static class LemmasThreeAndFour
{
    private const int Points = 2000;

    public static IEnumerable<JiTelgarskyClaim> All { get; } =
    [
        new("jt.lemma3", "[JT] Lemma 3", "alpha = min_{|xi|=1, xi perp u_bar} max_{i in S} <xi, z_i> > 0",
            h => h.Separable().AssumptionThree(), Alpha),
        new("jt.lemma4", "[JT] Lemma 4",
            "cos(P_perp w, grad R(w)) >= 0 for <w, u_bar> >= 0, ||P_perp w|| > 1 + ln(n)/alpha (exp), 2n/(e alpha) (logistic)",
            h => h.ExponentialOrLogisticLoss().Separable().AssumptionThree(), TurnsBack),
    ];

    private static Measurement Alpha(RunEvidence run)
    {
        if (SupportInradius.Of(run.Points, run.Margin, out var reason) is not { } support) return Measurement.Undecided(reason);
        return new(support.Alpha, Relation.Exceeds, 0, LayerBounds.Rounding * run.Shape.Inputs,
            $"exact: the nearest facet of conv{{P_perp z_i : i in S}}, {run.Margin.SupportVectors.Length} support vectors, "
            + $"{support.Subsets} possible facets");
    }

    /// <summary>
    /// The least cosine between P_perp w and grad R(w), over random w that satisfy the hypothesis (just beyond the radius and far out, on
    /// the minimiser of alpha and elsewhere), with those points of the trajectory that do.
    /// </summary>
    private static Measurement TurnsBack(RunEvidence run)
    {
        if (SupportInradius.Of(run.Points, run.Margin, out var reason) is not { } support) return Measurement.Undecided(reason);
        if (!(support.Alpha > 0)) return Measurement.Undecided("Lemma 3 fails: alpha is not positive");
        var n = run.Points.Count;
        var radius = run.Loss == MarginLoss.Exponential ? 1 + Math.Log(n) / support.Alpha : 2 * n / (Math.E * support.Alpha);
        var stream = new RandomStream(n);
        var worst = new RunningMaximum();
        for (var i = 0; i < Points; i++)
        {
            double[] xi = i % 10 == 0 ? [.. support.Minimizer.Select(x => i % 20 == 0 ? x : -x)] : support.RandomUnit(stream);
            var distance = radius * Math.Exp(3 * Math.Pow(stream.NextDouble(), 2));
            var height = stream.NextDouble() < 0.1 ? 0 : radius * Math.Exp(stream.NextDouble(-4, 4));
            var w = new double[xi.Length];
            TensorPrimitives.Multiply(run.Margin.Direction, height, w);
            TensorPrimitives.MultiplyAdd(xi, distance, w, w);
            worst.Offer(i, -CosineWithGradient(run, w, xi));
        }
        var visited = 0;
        var span = new SupportSpan(run.Points, run.Margin);
        foreach (var at in run.Observations)
        {
            var along = TensorPrimitives.Dot<double>(at.Product, run.Margin.Direction);
            var perpendicular = at.Product.ToArray();
            TensorPrimitives.MultiplyAdd(run.Margin.Direction, -along, perpendicular, perpendicular);
            // The lemma is of the span of the data; the gradient sees nothing outside.
            var outside = perpendicular.ToArray();
            span.Reject(outside);
            TensorPrimitives.Subtract<double>(perpendicular, outside, perpendicular);
            if (!(along >= 0 && TensorPrimitives.Norm<double>(perpendicular) > radius)) continue;
            worst.Offer(Points + visited++, -CosineWithGradient(run, at.Product, perpendicular));
        }
        return new(-worst.Value, Relation.AtLeast, 0, LayerBounds.Rounding,
            $"least cosine of P_perp w and grad R(w) over {Points} random w and {visited} points of the run "
            + $"beyond ||P_perp w|| = {FourDigits.Of(radius)}");
    }

    private static double CosineWithGradient(RunEvidence run, double[] w, double[] perpendicular)
    {
        var margins = new double[run.Points.Count];
        run.Points.Margins(w, margins);
        var weights = new double[margins.Length];
        run.Loss.LogRiskAndWeights(margins, weights);
        // grad R = -R sum_i p_i z_i; the positive factor R drops out of the cosine.
        var gradient = new double[w.Length];
        for (var i = 0; i < weights.Length; i++) TensorPrimitives.MultiplyAdd(run.Points.Row(i), -weights[i], gradient, gradient);
        return TensorPrimitives.CosineSimilarity<double>(gradient, perpendicular);
    }
}
