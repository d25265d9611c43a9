using TorchAlign.Dynamics;
using TorchAlign.Landscape;
using TorchAlign.Losses;
using TorchAlign.Networks;

namespace TorchAlign.Claims;

/// <summary>Every step of descent: L(W(k)) and ||grad L(W(k))|| (n + 1 of each), eta_k (n).</summary>
public sealed record SquaredDescent(double[] Loss, double[] GradientNorm, double[] Eta)
{
    public int Steps => Eta.Length;

    /// <summary>t = sum eta_k.</summary>
    public double Time => Eta.Sum();
}

/// <summary>What [NRT] bounds, at one step.</summary>
/// <param name="Step">k.</param>
/// <param name="Defect">max_j ||W_{j+1}^T W_{j+1} - W_j W_j^T||_2.</param>
/// <param name="ProductNorm">||W_N ... W_1||_2.</param>
/// <param name="LargestLayer">max_j ||W_j||_2^2.</param>
public sealed record SquaredObservation(long Step, double Defect, double ProductNorm, double LargestLayer);

/// <summary>What the claims of [NRT] look at: one run of descent on 1/2 ||Y - W_N ... W_1 X||_F^2.</summary>
public sealed record NguegnangEvidence : IEvidence
{
    public required string Name { get; init; }

    public required NetworkShape Shape { get; init; }

    public required SquaredLoss Loss { get; init; }

    /// <summary>
    /// The start has full rank in no special relation to the data: none known to be among those that "almost all" leaves out.
    /// </summary>
    public required bool GenericStart { get; init; }

    /// <summary>The constants that the run was made with; null where X X^T is singular, and there are none.</summary>
    public required NguegnangConstants? Constants { get; init; }

    public required SquaredDescent Descent { get; init; }

    /// <summary>Log-spaced, the start and the end among them.</summary>
    public required IReadOnlyList<SquaredObservation> Observations { get; init; }

    public required RunEnd End { get; init; }

    /// <summary>What the end is; null where X X^T is singular or the run diverged.</summary>
    public required CriticalPointReport? Found { get; init; }

    /// <summary>The least eigenvalue of the Hessian at the end above 1e-7 of its largest: the rate of the slowest mode.</summary>
    public required double SlowestRate { get; init; }

    /// <summary>||P - P*||_F / ||P*||_F at the end, P* the least-squares solution of least norm.</summary>
    public required double DistanceToLeastSquares { get; init; }
}
