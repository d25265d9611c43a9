using TorchAlign.Alignment;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;

namespace TorchAlign.Claims;

/// <summary>
/// What Lemma 2 of [JT] allows at a given size of the layers; every tolerance of the alignment claims comes from here.
/// </summary>
/// <remarks>
/// D = max_k ||W_k(0)||_F^2 - ||W_L(0)||_F^2 + sum_{k&lt;L} ||W_k(0) W_k(0)^T - W_{k+1}(0)^T W_{k+1}(0)||_2, and for every k and t
///     ||W_k||_F^2 - ||W_k||_2^2 &lt;= D,
///     &lt;v_{k+1}, u_k&gt;^2 &gt;= 1 - (D + ||W_{k+1}(0)||_2^2 + ||W_k(0)||_2^2) / ||W_{k+1}||_2^2.
/// Both follow from the constancy of M_k = W_{k+1}^T W_{k+1} - W_k W_k^T. A run keeps it only so far:
/// - an integrator moves M_k by E = delta ||W||_F^2 in norm, hence its trace by sqrt(d_k) E, and D by (L-1)(1 + sqrt(max d_k)) E;
/// - descent moves it by sum_t eta_t^2 (G_{k+1}^T G_{k+1} - G_k G_k^T), G_k the layers' gradients, so norm and trace by at most
///   sum_t eta_t^2 ||grad R||^2 &lt;= Q = 2 eta_0 R(W(0)) (eta_t never rises under Assumption 5, and
///   sum_t eta_t ||grad R||^2 &lt;= 2 R(W(0))),
///   and D by at most L Q (derived).
/// </remarks>
internal sealed class LayerBounds
{
    /// <summary>What a decomposition leaves of quantities that are at most 1: some tens of rounding errors.</summary>
    public const double Rounding = 1e-14;

    private readonly RunEvidence _run;
    private readonly double[] _spectralNormsSquared;
    private readonly double _descentDrift;

    public LayerBounds(RunEvidence run)
    {
        _run = run;
        var shape = run.Shape;
        var layers = Enumerable.Range(0, shape.Depth).Select(k => LayerSpectrum.Of(shape, run.Start, k)).ToArray();
        _spectralNormsSquared = [.. layers.Select(layer => layer.SpectralNorm * layer.SpectralNorm)];
        var squared = layers.Select(layer => layer.FrobeniusNorm * layer.FrobeniusNorm).ToArray();
        D = squared.Max() - squared[^1]
            + Balancedness.Of(shape, run.Start).Select((m, k) => Balancedness.SpectralNorm(m, shape.Rows(k))).Sum();
        InitialSquaredNorms = squared;
        _descentDrift = run.Descent is { Steps: > 0 } descent ? 2 * descent.Eta[0] * Math.Exp(run.Observations[0].LogRisk) : 0;
    }

    /// <summary>D of Lemma 2.</summary>
    public double D { get; }

    /// <summary>||W_k(0)||_F^2 (L).</summary>
    public IReadOnlyList<double> InitialSquaredNorms { get; }

    /// <summary>How far ||M_k||_2 may have moved from its value at the start.</summary>
    public double Drift(Observation at) => _run.IntegrationTolerance * Squared(RiskRate.TotalNorm(at)) + _descentDrift;

    /// <summary>How far D may have moved; the difference of two layers' squared norms moves by no more.</summary>
    public double SpectralSlack(Observation at)
    {
        var depth = _run.Shape.Depth;
        var width = _run.Shape.Widths.Skip(1).Take(depth - 1).DefaultIfEmpty(0).Max();
        return (depth - 1) * (1 + Math.Sqrt(width)) * _run.IntegrationTolerance * Squared(RiskRate.TotalNorm(at))
            + depth * _descentDrift;
    }

    /// <summary>||W_k(0)||_2^2.</summary>
    public double InitialSpectralNormSquared(int layer) => _spectralNormsSquared[layer];

    /// <summary>The largest sqrt(sum_{j &gt; 1} sigma_j^2) / ||W_k||_F.</summary>
    public double LargestRest(Observation at, int layer) =>
        _run.Shape.Rows(layer) == 1 || _run.Shape.Columns(layer) == 1
            ? 0
            : Math.Sqrt(Math.Min(1, (D + SpectralSlack(at)) / Squared(at.FrobeniusNorms[layer])));

    /// <summary>The least ||W_k||_2 / ||W_k||_F.</summary>
    public double LeastRatio(Observation at, int layer) => Math.Sqrt(1 - Squared(LargestRest(at, layer)));

    /// <summary>The least |&lt;v_{k+1}, u_k&gt;|, W_k being layer <paramref name="layer"/>.</summary>
    public double LeastAdjacent(Observation at, int layer)
    {
        var missing = D + SpectralSlack(at) + 2 * Drift(at) + _spectralNormsSquared[layer + 1] + _spectralNormsSquared[layer];
        var size = Squared(at.FrobeniusNorms[layer + 1] * LeastRatio(at, layer + 1));
        return Math.Sqrt(Math.Max(0, 1 - missing / size));
    }

    /// <summary>
    /// The least |&lt;w_prod, v_1&gt;| / prod_k ||W_k||_F (derived): with s_k = ||W_k||_2 / ||W_k||_F, a_k = |&lt;v_{k+1}, u_k&gt;|
    /// and r_k the rest of W_k / ||W_k||_F, the row W_L ... W_1 v_1 keeps prod s_k prod a_k along the u_k and leaks at most
    /// r_{k+1} sqrt(1 - a_k^2) at a layer.
    /// </summary>
    public double LeastProduct(Observation at)
    {
        var along = LeastRatio(at, 0);
        var leak = 0.0;
        for (var k = 0; k + 1 < _run.Shape.Depth; k++)
        {
            var adjacent = LeastAdjacent(at, k);
            along *= LeastRatio(at, k + 1) * adjacent;
            leak += LargestRest(at, k + 1) * Math.Sqrt(1 - adjacent * adjacent);
        }
        return Math.Max(0, along - leak);
    }

    /// <summary>
    /// The largest sine of the angle between w_prod and u_bar at the end of the run: w_prod = rho u_bar + v + c + o(1) [SHNGS], c outside
    /// the span of the data, the o(1) counted as |v| + 1 (1 is the scale of v for data with ||z_i|| &lt;= 1): (2|v| + 1 + |c|)/||w_prod||.
    /// </summary>
    public double LargestSine() => Math.Min(1, (2 * _run.Residual.Norm + 1 + _run.CarriedNorm) / _run.Last.ProductNorm);

    private static double Squared(double x) => x * x;
}
