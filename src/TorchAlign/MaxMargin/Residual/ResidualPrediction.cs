using System.Numerics.Tensors;
using TorchAlign.Data;

namespace TorchAlign.MaxMargin;

/// <summary>
/// The limit v of w_prod - rho u_bar along the flow, rho = &lt;w_prod, u_bar&gt;: the part by which the direction misses u_bar, so that
/// sin(angle) * ||w_prod|| tends to ||v|| where the data span R^d. The same for the exponential and the logistic loss, and for every depth.
/// Where they do not, what W_1 starts with outside their span comes to it, see <see cref="Alignment.CarriedPart"/>.
/// </summary>
/// <remarks>
/// In the limit the points weigh exp(-&lt;w, z_i&gt;) / sum, which must be dual weights a (D. Soudry et al., <i>The implicit bias of
/// gradient descent on separable data</i>, arXiv 1710.10345): &lt;v, z_i&gt; + ln a_i = c for all support vectors i, &lt;v, u_bar&gt; =
/// 0, v in the span of the support vectors. Where those are dependent, a is not unique and v is the minimum of log sum exp(-&lt;v,
/// z_i&gt;) over that space, which gives a.
/// </remarks>
public sealed class ResidualPrediction
{
    /// <summary>A dual weight below this counts as 0: its logarithm would be rounding.</summary>
    public const double LeastWeight = 1e-10;

    private ResidualPrediction(double[]? v, bool complete, string? reason)
    {
        V = v;
        Complete = complete;
        Reason = reason;
        Norm = v is null ? double.NaN : TensorPrimitives.Norm<double>(v);
    }

    /// <summary>v (d), orthogonal to u_bar; null if there is no such limit.</summary>
    public double[]? V { get; }

    /// <summary>||v||; NaN if there is no such limit.</summary>
    public double Norm { get; }

    /// <summary>
    /// Whether v is all of the limit. False where there is none, or where v is only its part in the span of the support vectors.
    /// </summary>
    public bool Complete { get; }

    /// <summary>Why v is missing or not complete; null if it is complete.</summary>
    public string? Reason { get; }

    /// <summary>Predicts from the support vectors and dual weights of a solution for points (n, d).</summary>
    public static ResidualPrediction Of(SignedPoints z, MarginSolution solution)
    {
        if (solution.Separability != Separability.Yes)
            return new(null, false, "The points are not proved separable: there is no direction to converge to.");
        int[] support = solution.SupportVectors;
        double[]? v;
        int idle;
        if (solution.SupportRank == support.Length)
        {
            v = FromWeights(z, support, solution.DualWeights, out idle);
        }
        else
        {
            v = SupportPotential.Minimize(z, support, solution.Direction, LeastWeight, out idle);
        }

        if (v is null)
            return new(null, false, $"Support vector {idle} carries no dual weight: w - rho u_bar has no limit along it.");
        if (!solution.SupportSpansData)
        {
            // (derived) Outside the span nothing pulls back, and the flow of the product carries the part e there along:
            // d ln e = (1 - 1/L) d ln rho.
            return new(v, false, "The support vectors do not span the data ([JT] Assumption 3 fails): v is the part in their span only; "
                + "what lies outside depends on the start and, for depth L > 1, grows like rho^(1 - 1/L).");
        }

        return new(v, true, null);
    }

    /// <summary>Independent support vectors: with Z_S^T = Q R, v = Q (c y - R^-T ln a) where y = R^-T 1 is along u_bar.</summary>
    private static double[]? FromWeights(SignedPoints z, int[] support, double[] weights, out int idle)
    {
        var factor = new PointFactor(z);
        var split = new double[z.Dimension];
        var rest = new double[z.Dimension];
        idle = Array.Find(support, i => weights[i] < LeastWeight);
        if (Array.Exists(support, i => weights[i] < LeastWeight)) return null;
        foreach (int i in support) factor.Append(i, split, rest, factor.Split(z.Row(i), split, rest));
        double[] y = [.. support.Select(_ => 1.0)];
        double[] logs = [.. support.Select(i => Math.Log(weights[i]))];
        factor.SolveTransposed(y);
        factor.SolveTransposed(logs);
        double c = TensorPrimitives.Dot<double>(y, logs) / TensorPrimitives.Dot<double>(y, y);
        for (int k = 0; k < y.Length; k++) y[k] = c * y[k] - logs[k];
        var v = new double[z.Dimension];
        factor.Combine(y, v);
        return v;
    }
}
