using TorchAlign.Data;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Landscape;

/// <summary>
/// Where a product P stands among the best products P_k of each rank k [NRT]. Distances are those of predictions, ||(P - P_k) X||_F.
/// </summary>
/// <param name="Excess">R - R_r, R_r the least risk that the network can reach.</param>
/// <param name="ExcessShare">The same as a share of that of the zero network.</param>
/// <param name="ToLeast">Distance to the nearest product of risk R_r: the least squares solution, where the layers are wide enough.</param>
/// <param name="NearestRank">The k whose best product lies nearest.</param>
/// <param name="ToNearest">Distance to that.</param>
public sealed record RankDistance(double Excess, double ExcessShare, double ToLeast, int NearestRank, double ToNearest);

/// <summary>
/// Holds products of a network against the landscape of the squared loss: the least squares solution, the best product of each rank, and
/// so the strict saddles that a run passes on its way. On inputs that do not span R^d all is seen in their span, as the loss sees it.
/// </summary>
public sealed class RankDistances
{
    private readonly SquaredLoss _loss;
    private readonly RankLandscape _landscape;
    private readonly Matrix? _span;
    private readonly Matrix _root;
    private readonly Matrix?[] _predictions;
    private readonly double[] _gradient;

    /// <param name="shape">Of the network.</param>
    /// <param name="loss">Of the whole inputs.</param>
    public RankDistances(NetworkShape shape, SquaredLoss loss)
    {
        _loss = loss;
        var moments = loss.Moments;
        if (moments.Rank < moments.Inputs)
        {
            _span = moments.Eigen.Vectors.ColumnRange(moments.Inputs - moments.Rank, moments.Rank);
            var data = moments.Data;
            var inside = SecondMoments.Of(new RegressionSet(data.Name, data.X * _span, data.Y));
            _landscape = new RankLandscape(loss.Scale == 0.5 ? SquaredLoss.Sum(inside) : SquaredLoss.Mean(inside));
        }
        else
        {
            _landscape = new RankLandscape(loss);
        }
        _root = _landscape.Loss.Moments.Eigen.Map(value => Math.Sqrt(Math.Max(0, value)));
        LargestRank = Math.Min(shape.Widths.Min(), _landscape.SingularValues.Count);
        LeastLosses = [.. Enumerable.Range(0, LargestRank + 1).Select(_landscape.LeastLoss)];
        _predictions = [.. Enumerable.Range(0, LargestRank + 1)
            .Select(k => _landscape.IsUnique(k) ? _landscape.Minimizer(k) * _root : null)];
        _gradient = new double[loss.Outputs * loss.Inputs];
    }

    /// <summary>r, the greatest rank of a product of the network that lowers the risk.</summary>
    public int LargestRank { get; }

    /// <summary>R_k, the least risk over the products of rank &lt;= k, k = 0 .. r.</summary>
    public IReadOnlyList<double> LeastLosses { get; }

    /// <summary>q_1 >= q_2 >= ..., the singular values of Y X^T (X X^T)^(-1/2): a product of rank k takes c q_k^2 off the risk.</summary>
    public IReadOnlyList<double> Modes => _landscape.SingularValues;

    /// <summary>Where P (d_L, d_0) stands.</summary>
    public RankDistance Of(Matrix product)
    {
        var seen = _span is null ? product : product * _span;
        var prediction = seen * _root;
        var (nearest, least, last) = (0, double.PositiveInfinity, 0.0);
        for (var k = 0; k <= LargestRank; k++)
        {
            last = (prediction - (_predictions[k] ?? _landscape.NearestMinimizer(seen, k) * _root)).FrobeniusNorm;
            if (last < least) (nearest, least) = (k, last);
        }
        // From the least squares solution on, so that the excess keeps its digits where the network can reach that.
        var excess = _loss.Excess(product.Values, _gradient);
        if (LargestRank < Modes.Count) excess -= LeastLosses[^1] - _loss.Least;
        excess = Math.Max(0, excess);
        return new RankDistance(excess, excess / (LeastLosses[0] - LeastLosses[^1]), last, nearest, least);
    }
}
