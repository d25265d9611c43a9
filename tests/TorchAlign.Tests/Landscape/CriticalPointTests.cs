using TorchAlign.Data;
using TorchAlign.Landscape;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Landscape;

public class CriticalPointTests
{
    private static readonly CriticalPointCriteria _criteria = new();

    private static readonly RankLandscape _landscape =
        new(SquaredLoss.Sum(SecondMoments.Of(RegressionGenerators.Gaussian(50, 10, 10, new RandomStream(1)))));

    /// <summary>
    /// Two hundred starts each, d = 10, n = 50: about three seconds on an idle machine, for fewer would say less of "almost all".
    /// </summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void EveryStartEndsAtTheMinimumOfItsRank(int depth)
    {
        var shape = new NetworkShape([10, .. Enumerable.Repeat(5, depth - 1), 10]);
        var search = new CriticalPointSearch(_landscape, shape);
        for (var seed = 0; seed < 200; seed++)
        {
            var start = Initialization.Gaussian(shape, 0.3, new RandomStream(seed));
            var found = search.Run(start, _criteria, 1_000_000, CancellationToken.None);
            Assert.Equal("gradient-below", found.End.Name);
            Assert.True(found.Report.GradientNorm <= 1e-10);
            Assert.True(found.Report.IsRankMinimum, $"seed {seed}: {found.Report.RelativeExcess}");
            Assert.True(found.Report.Distance < 1e-7);
            if (depth == 2) Assert.Equal(PointKind.GlobalMinimum, found.Report.Kind);
        }
    }

    /// <summary>
    /// The balanced minimiser of rank k is a critical point: a strict saddle for N = 2, a flat one for N = 3, the minimum at full rank.
    /// </summary>
    [Theory]
    [InlineData(2, 3, PointKind.StrictSaddle)]
    [InlineData(3, 3, PointKind.FlatSaddle)]
    [InlineData(2, 5, PointKind.GlobalMinimum)]
    [InlineData(3, 5, PointKind.GlobalMinimum)]
    public void KindsAreToldApart(int depth, int rank, PointKind kind)
    {
        var shape = new NetworkShape([10, .. Enumerable.Repeat(5, depth - 1), 10]);
        var report = CriticalPointReport.Of(_landscape, shape, _landscape.BalancedMinimizer(shape, rank), _criteria);
        Assert.Equal(kind, report.Kind);
        Assert.Equal(rank, report.Rank);
        Assert.True(report.IsRankMinimum && report.MinimizerIsUnique);
        Assert.Equal(0, report.Distance, 1e-12);
        Assert.Equal(_landscape.LeastLoss(rank), report.PredictedLoss);
        // Two layers: the missing mode gains q_{k+1} per unit of its two factors, in the metric of the data.
        if (kind == PointKind.StrictSaddle) Assert.True(report.Curvature.Least < -0.1 * _landscape.SingularValues[rank]);
        else Assert.True(report.Curvature.Least > -1e-9 * report.Curvature.Largest);
    }

    /// <summary>X = I, Y = diag(3, 2, 1), N = 2, at the saddle without the second mode: the least eigenvalue is -2, with q_2 = 2.</summary>
    [Fact]
    public void TheLeastEigenvalueIsThatOfTheMissingMode()
    {
        var landscape = new RankLandscape(SquaredLoss.Sum(SecondMoments.Of(
            RegressionGenerators.Factorization(Matrix.Diagonal(3, 3, [3, 2, 1])))));
        var shape = new NetworkShape(3, 3, 3);
        double[] layer = [Math.Sqrt(3), 0, 0, 0, 0, 0, 0, 0, 1];
        var report = CriticalPointReport.Of(landscape, shape, [.. layer, .. layer], _criteria);
        Assert.Equal(PointKind.StrictSaddle, report.Kind);
        Assert.Equal(-2, report.Curvature.Least, 1e-8);
        // Rank 2, but not the two largest: a saddle that is no minimum of its rank.
        Assert.Equal(2, report.Rank);
        Assert.False(report.IsRankMinimum);
        Assert.Equal(Math.Sqrt(4 + 1), report.Distance, 1e-12);
        Assert.Equal(0.5 * 4, report.Loss, 1e-14);
        Assert.Equal(0.5 * 1, report.PredictedLoss, 1e-14);
    }

    [Fact]
    public void AnythingElseIsNotCritical()
    {
        var shape = new NetworkShape(10, 5, 10);
        var start = Initialization.Gaussian(shape, 0.3, new RandomStream(1));
        Assert.Equal(PointKind.NotCritical, CriticalPointReport.Of(_landscape, shape, start, _criteria).Kind);
        var found = new CriticalPointSearch(_landscape, shape).Run(start, _criteria, 10, CancellationToken.None);
        Assert.Equal(("step-limit", PointKind.NotCritical), (found.End.Name, found.Report.Kind));
    }
}
