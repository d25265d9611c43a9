namespace TorchAlign.Alignment;

/// <summary>
/// What is seen of a linear network of any number of outputs at a point of its run; P = W_L ... W_1. All numbers come back from JSON with
/// their bits.
/// </summary>
public sealed record ProductObservation
{
    /// <summary>Accepted steps.</summary>
    public required long Step { get; init; }

    /// <summary>Evaluations of the gradient.</summary>
    public required long Evaluations { get; init; }

    /// <summary>The clock of the flow, or the sum of the step sizes.</summary>
    public required double Clock { get; init; }

    /// <summary>log t of dW/dt = -grad R.</summary>
    public required double LogTime { get; init; }

    /// <summary>log R.</summary>
    public required double LogRisk { get; init; }

    /// <summary>log ||grad R||.</summary>
    public required double LogGradientNorm { get; init; }

    /// <summary>Of P, descending (min(d_0, d_L)).</summary>
    public required double[] ProductSingularValues { get; init; }

    /// <summary>||P||_F.</summary>
    public required double ProductNorm { get; init; }

    /// <summary>||W_k||_F (L).</summary>
    public required double[] FrobeniusNorms { get; init; }

    /// <summary>Of each layer, descending (L).</summary>
    public required double[][] SingularValues { get; init; }

    /// <summary>|&lt;v_{k+1}, u_k&gt;| of the first singular vectors (L - 1); where values tie, of the spaces they span.</summary>
    public required double[] AdjacentAlignments { get; init; }

    /// <summary>mean_j max_i |(V_{k+1}^T U_k)_ji| (L - 1), the score of [RNBU] over all singular vectors.</summary>
    public required double[] AdjacentScores { get; init; }

    /// <summary>||offdiag(U_k(0)^T W_k V_k(0))||_F / ||W_k||_F (L): 0 exactly if layer k keeps the bases it started in.</summary>
    public required double[] OffDiagonal { get; init; }

    /// <summary>mean_j max_i |(U_k(0)^T U_k)_ji| (L), the score of [RNBU].</summary>
    public required double[] LeftScores { get; init; }

    /// <summary>mean_j max_i |(V_k(0)^T V_k)_ji| (L).</summary>
    public required double[] RightScores { get; init; }

    /// <summary>||offdiag(U^T P V)||_F / ||P||_F in the bases of <see cref="DataAlignment"/>; NaN for P = 0.</summary>
    public required double DataOffDiagonal { get; init; }

    /// <summary>mean_j max_i |(V^T V_1)_ji| over the directions j of the data that have a target to learn.</summary>
    public required double InputAlignment { get; init; }

    /// <summary>mean_j max_i |(U^T U_L)_ji| over the same.</summary>
    public required double OutputAlignment { get; init; }

    /// <summary>max_k ||D_k - D_k(0)||_F / ||W||_F^2, D_k = W_{k+1}^T W_{k+1} - W_k W_k^T.</summary>
    public required double BalancednessDrift { get; init; }

    /// <summary>max_k ||D_k||_2, the defect of [NRT].</summary>
    public required double BalancednessDefect { get; init; }

    /// <summary>||W_k||_2 / ||W_k||_F (L); NaN for a layer of zeros.</summary>
    public double[] SpectralRatios => [.. SingularValues.Zip(FrobeniusNorms, (values, norm) => values[0] / norm)];

    /// <summary>max_k ||W_k||_2.</summary>
    public double LargestLayerNorm => SingularValues.Max(values => values[0]);

    public double Log10Risk => LogRisk / Math.Log(10);
}
