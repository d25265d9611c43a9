using System.Numerics.Tensors;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Landscape;

/// <summary>What a point of the landscape is, as far as the criteria can tell.</summary>
public enum PointKind
{
    /// <summary>The gradient is too large for a critical point.</summary>
    NotCritical,

    /// <summary>The loss is the least of all products that the network can form.</summary>
    GlobalMinimum,

    /// <summary>A critical point with a direction of negative curvature: descent leaves it from almost every start.</summary>
    StrictSaddle,

    /// <summary>
    /// Above the global minimum, yet no negative curvature was found: every critical point that is no global minimum is a saddle,
    /// but with three layers or more the Hessian need not show it.
    /// </summary>
    FlatSaddle,
}

/// <summary>When numbers count as zero, equal or negative.</summary>
/// <param name="GradientNorm">||grad L|| up to which a point is critical; absolute.</param>
/// <param name="Rank">Singular values of the product above this share of ||P*||_2 count towards its rank.</param>
/// <param name="RelativeLoss">How near the loss must be to a predicted one, relative to it.</param>
/// <param name="Curvature">Eigenvalues below minus this share of the largest are negative.</param>
public sealed record CriticalPointCriteria(
    double GradientNorm = 1e-10, double Rank = 1e-6, double RelativeLoss = 1e-10, double Curvature = 1e-7);

/// <summary>
/// What descent found: rank, the loss predicted for it, the distance to the minimiser of that rank, and whether the point is a
/// minimum or a strict saddle.
/// </summary>
public sealed record CriticalPointReport
{
    /// <summary>Products with the Hessian, at most.</summary>
    private const int Products = 300;

    public required PointKind Kind { get; init; }

    public required double GradientNorm { get; init; }

    public required double Loss { get; init; }

    /// <summary>k, the numerical rank of W_L ... W_1.</summary>
    public required int Rank { get; init; }

    /// <summary>min(d_0, ..., d_L).</summary>
    public required int LargestRank { get; init; }

    /// <summary>Of W_L ... W_1, descending.</summary>
    public required IReadOnlyList<double> SingularValues { get; init; }

    /// <summary>The least loss over products of rank &lt;= k, k = 0 .. <see cref="LargestRank"/>.</summary>
    public required IReadOnlyList<double> LeastLosses { get; init; }

    /// <summary>That of the rank found.</summary>
    public double PredictedLoss => LeastLosses[Rank];

    /// <summary>(L - predicted) / predicted; relative to rounding of ||Y||_F^2 where the prediction is 0.</summary>
    public required double RelativeExcess { get; init; }

    /// <summary>Whether the loss is the predicted one, within the criteria.</summary>
    public required bool IsRankMinimum { get; init; }

    /// <summary>
    /// Whether it is a critical point whose loss is the least that its rank allows, as [NRT] predicts of almost every start.
    /// </summary>
    public bool IsAsPredicted => Kind != PointKind.NotCritical && IsRankMinimum;

    /// <summary>||P - P_k||_F, P_k the nearest minimiser among the products of rank &lt;= k.</summary>
    public required double Distance { get; init; }

    /// <summary>Whether P_k is the only one.</summary>
    public required bool MinimizerIsUnique { get; init; }

    /// <summary>The ends of the spectrum of the Hessian.</summary>
    public required SpectrumEnds Curvature { get; init; }

    /// <summary>Looks at the state <paramref name="w"/> (P).</summary>
    public static CriticalPointReport Of(
        RankLandscape landscape, NetworkShape shape, ReadOnlySpan<double> w, CriticalPointCriteria criteria)
    {
        var loss = landscape.Loss;
        var field = new ProductField(shape, loss);
        var direction = new double[shape.Length];
        var value = field.Evaluate(w, direction);
        var gradient = TensorPrimitives.Norm<double>(direction);
        var product = new Matrix(shape.Outputs, shape.Inputs, field.Product.ToArray());
        var singular = Svd.Of(product).S;
        var size = Svd.Of(loss.Moments.LeastSquares).S[0];
        var largest = shape.Widths.Min();
        var rank = Math.Min(largest, singular.Count(s => s > criteria.Rank * size));
        double[] least = [.. Enumerable.Range(0, largest + 1).Select(landscape.LeastLoss)];
        var hessian = new ProductHessian(shape, loss, w);
        var curvature = Lanczos.Ends(hessian.Size, v => hessian.Times(v), criteria.Curvature / 10,
            Math.Min(hessian.Size, Products), new RandomStream(0));
        var excess = Excess(value, least[rank], loss);
        var kind = gradient > criteria.GradientNorm ? PointKind.NotCritical
            : Excess(value, least[^1], loss) <= criteria.RelativeLoss ? PointKind.GlobalMinimum
            : curvature.Least < -criteria.Curvature * curvature.Largest ? PointKind.StrictSaddle
            : PointKind.FlatSaddle;
        return new CriticalPointReport
        {
            Kind = kind,
            GradientNorm = gradient,
            Loss = value,
            Rank = rank,
            LargestRank = largest,
            SingularValues = singular,
            LeastLosses = least,
            RelativeExcess = excess,
            IsRankMinimum = Math.Abs(excess) <= criteria.RelativeLoss,
            Distance = (product - landscape.NearestMinimizer(product, rank)).FrobeniusNorm,
            MinimizerIsUnique = landscape.IsUnique(rank),
            Curvature = curvature,
        };
    }

    /// <summary>Below 2^-52 ||Y||_F^2 a loss is rounding.</summary>
    private static double Excess(double value, double predicted, SquaredLoss loss)
    {
        return (value - predicted) / Math.Max(predicted, Math.ScaleB(loss.Scale * loss.Moments.TargetMoment, -52));
    }
}
