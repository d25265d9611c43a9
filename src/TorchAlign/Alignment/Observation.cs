namespace TorchAlign.Alignment;

/// <summary>
/// Everything measured at one point of a trajectory. u_k, v_k are the first left and right singular vectors of W_k;
/// w_prod = (W_L ... W_1)^T (d); u_bar the maximum-margin direction (d).
/// </summary>
public sealed record Observation
{
    public required long Step { get; init; }

    public required long Evaluations { get; init; }

    /// <summary>The flow's clock s, or the sum of step sizes.</summary>
    public required double Clock { get; init; }

    /// <summary>Natural logarithm of the time t of dW/dt = -grad R.</summary>
    public required double LogTime { get; init; }

    /// <summary>Natural logarithm of the risk R.</summary>
    public required double LogRisk { get; init; }

    /// <summary>log10 R, the form in which risks are shown: most have no other number.</summary>
    public double Log10Risk => LogRisk / Math.Log(10);

    /// <summary>Natural logarithm of ||grad R||.</summary>
    public required double LogGradientNorm { get; init; }

    /// <summary>w_prod (d).</summary>
    public required double[] Product { get; init; }

    /// <summary>||w_prod||.</summary>
    public required double ProductNorm { get; init; }

    /// <summary>||W_k||_F (L).</summary>
    public required double[] FrobeniusNorms { get; init; }

    /// <summary>||W_k||_2 / ||W_k||_F (L); 1 for a rank-one layer [JT, Theorem 1].</summary>
    public required double[] SpectralRatios { get; init; }

    /// <summary>||W_k / ||W_k||_F - u_k v_k^T||_F (L) [JT, Theorem 1].</summary>
    public required double[] RankOneResiduals { get; init; }

    /// <summary>|&lt;v_{k+1}, u_k&gt;|, k = 1..L-1 [JT, Theorem 1].</summary>
    public required double[] AdjacentAlignments { get; init; }

    /// <summary>|&lt;w_prod / prod_k ||W_k||_F, v_1&gt;| [JT, Theorem 1].</summary>
    public required double ProductAlignment { get; init; }

    /// <summary>|&lt;v_1, u_bar&gt;| [JT, Theorem 2]; NaN without a reference.</summary>
    public required double FirstRightAlignment { get; init; }

    /// <summary>1 - cos(w_prod, u_bar), from the perpendicular residual; NaN without a reference.</summary>
    public required double OneMinusCosine { get; init; }

    /// <summary>sin(w_prod, u_bar) ||w_prod||, whose limit along the flow is |v|; NaN without a reference.</summary>
    public required double AngleTimesNorm { get; init; }

    /// <summary>min_i &lt;w_prod, z_i&gt; / ||w_prod||.</summary>
    public required double DirectionMargin { get; init; }

    /// <summary>min_i &lt;w_prod, z_i&gt; / prod_k ||W_k||_F, whose limit is gamma [JT, Corollary].</summary>
    public required double NormalizedMargin { get; init; }

    /// <summary>log(1/(n R)) / ||W||_F^L, never falling along the flow of the exponential loss [LL].</summary>
    public required double SmoothedMargin { get; init; }

    /// <summary>
    /// 1/2 sum_i |q_i - a_i|, q_i = loss'(m_i) / sum_j loss'(m_j) the weights with which the points pull, a the dual weights of the
    /// maximum margin: tends to 0 where a is unique; NaN without a reference.
    /// </summary>
    public double DualWeightDistance { get; init; } = double.NaN;

    /// <summary>
    /// max_k ||(W_{k+1}^T W_{k+1} - W_k W_k^T) - its initial value||_F / ||W||_F^2, ||W||_F over all layers; 0 along the
    /// exact flow [JT, (2)] and for L = 1.
    /// </summary>
    public required double BalancednessDrift { get; init; }
}
