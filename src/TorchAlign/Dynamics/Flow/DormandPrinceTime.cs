using TorchAlign.Losses;
using TorchAlign.Numerics;

namespace TorchAlign.Dynamics;

/// <summary>
/// log of integral exp(l) ds over a step of <see cref="DormandPrince54"/>, l = log dt/ds, from the stages. Within a
/// step dt/ds may grow by orders of magnitude while it is nearly an exponential: with kappa its mean rate of growth,
/// psi = exp(l - kappa s) varies slowly, and its integral Psi(theta) = h sum_i b_i(theta) psi_i has the order 4 of
/// the method's dense output (Hairer, Norsett, Wanner I, section II.6); integral exp(kappa s) dPsi is then left to a
/// Gauss rule. For kappa = 0 this is the tableau's own quadrature, h sum_i b_i dt/ds_i.
/// </summary>
internal static class DormandPrinceTime
{
    /// <summary>Eight Gauss points integrate exp over a panel in which it grows by e^6 to 1e-11.</summary>
    private const double PanelGrowth = 6;

    private static readonly double[] Points = [.. GaussLegendre.Eight.Points.Select(x => -x), .. GaussLegendre.Eight.Points];

    private static readonly double[] PointWeights = [.. GaussLegendre.Eight.Weights, .. GaussLegendre.Eight.Weights];

    /// <param name="logRates">l at the seven stages.</param>
    /// <param name="h">The step size.</param>
    internal static double LogIncrement(ReadOnlySpan<double> logRates, double h)
    {
        var nodes = DormandPrince54.Tableau.Nodes;
        var growth = logRates[^1] - logRates[0];
        Span<double> slow = stackalloc double[nodes.Length];
        for (var i = 0; i < nodes.Length; i++) slow[i] = Math.Exp(logRates[i] - logRates[0] - growth * nodes[i]);
        Span<double> derivative = stackalloc double[nodes.Length];
        // Relative to the larger end, so that nothing overflows.
        var shift = Math.Max(growth, 0);
        var panels = Math.Max(1, (int)Math.Min(1000, Math.Ceiling(Math.Abs(growth) / PanelGrowth)));
        var sum = 0.0;
        for (var panel = 0; panel < panels; panel++)
        {
            for (var q = 0; q < Points.Length; q++)
            {
                var theta = Theta(panel, q, panels);
                DenseDerivative(theta, derivative);
                var value = 0.0;
                for (var i = 0; i < nodes.Length; i++) value += derivative[i] * slow[i];
                sum += PointWeights[q] * Math.Exp(growth * theta - shift) * value;
            }
        }
        // Stages that disagree wildly can leave no positive sum: then the exponential between the ends.
        if (!(sum > 0)) sum = growth == 0 ? 2 * panels : 2 * panels * LogDomain.Expm1(-Math.Abs(growth)) / -Math.Abs(growth);
        return Math.Log(h * 0.5 / panels * sum) + logRates[0] + shift;
    }

    /// <summary>Points in (0, 1) and their weights, which sum to 1: the Gauss rule in equal panels.</summary>
    internal static (double[] Theta, double[] Weights) Quadrature(int panels)
    {
        var nodes = Enumerable.Range(0, panels * Points.Length).Select(i => (Panel: i / Points.Length, Q: i % Points.Length)).ToArray();
        return (
            [.. nodes.Select(node => Theta(node.Panel, node.Q, panels))],
            [.. nodes.Select(node => 0.5 * PointWeights[node.Q] / panels)]);
    }

    private static double Theta(int panel, int q, int panels) => (panel + 0.5 * (1 + Points[q])) / panels;

    /// <summary>
    /// db_i/dtheta of the dense output: b_i(theta) = x b_i + y u_i (p_i - q_i theta) + z_i, x = theta^2 (3 - 2 theta),
    /// y = theta^2 (theta - 1)^2, z_1 = theta (theta - 1)^2, z_7 = theta^2 (theta - 1).
    /// </summary>
    internal static void DenseDerivative(double theta, Span<double> derivative)
    {
        var b = DormandPrince54.Tableau.Weights;
        var x = 6 * theta * (1 - theta);
        var y = theta * theta * (theta - 1) * (theta - 1);
        var slope = 2 * theta * (theta - 1) * (2 * theta - 1);
        derivative[0] = x * b[0] + Term(-5 / 11282082432.0, 2558722523, 31403016) + (theta - 1) * (3 * theta - 1);
        derivative[1] = 0;
        derivative[2] = x * b[2] + Term(100 / 32700410799.0, 882725551, 15701508);
        derivative[3] = x * b[3] + Term(-25 / 1880347072.0, 443332067, 31403016);
        derivative[4] = x * b[4] + Term(32805 / 199316789632.0, 23143187, 3489224);
        derivative[5] = x * b[5] + Term(-55 / 822651844.0, 29972135, 7076736);
        derivative[6] = Term(10 / 29380423.0, 7414447, 829305) + theta * (3 * theta - 2);

        double Term(double u, double p, double q) => u * (slope * (p - q * theta) - y * q);
    }
}
