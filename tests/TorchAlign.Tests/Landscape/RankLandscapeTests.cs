using TorchAlign.Data;
using TorchAlign.Fields;
using TorchAlign.Landscape;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Landscape;

public class RankLandscapeTests
{
    private static readonly SquaredLoss _loss =
        SquaredLoss.Sum(SecondMoments.Of(RegressionGenerators.Gaussian(30, 6, 5, new RandomStream(1))));

    private static readonly RankLandscape _landscape = new(_loss);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void NoProductOfTheRankHasLessLoss(int rank)
    {
        var minimizer = _landscape.Minimizer(rank);
        var least = _landscape.LeastLoss(rank);
        Assert.Equal(least, Value(minimizer), 1e-13 * least);
        Assert.Equal(rank, Svd.Of(minimizer).S.Count(s => s > 1e-12));
        var random = new RandomStream(rank);
        for (var trial = 0; trial < 200 && rank > 0; trial++)
        {
            // Near the minimiser, through its own factors, and far from it.
            var svd = Svd.Of(minimizer);
            var left = svd.U.ColumnRange(0, rank) * Matrix.Diagonal(rank, rank, svd.S.AsSpan(0, rank));
            var right = svd.V.ColumnRange(0, rank);
            var size = Math.Pow(10, -trial % 4);
            Assert.True(Value((left + size * Gaussian(left, random)).TimesTransposed(right + size * Gaussian(right, random))) >= least);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void BalancedMinimizerIsOne(int depth)
    {
        int[] widths = [6, .. Enumerable.Repeat(4, depth - 1), 5];
        var shape = new NetworkShape(widths);
        foreach (var rank in (int[])[1, 4])
        {
            var state = _landscape.BalancedMinimizer(shape, rank);
            var direction = new double[shape.Length];
            Assert.Equal(_landscape.LeastLoss(rank), new ProductField(shape, _loss).Evaluate(state, direction), 1e-12);
            Assert.All(direction, entry => Assert.Equal(0, entry, 1e-13));
            Assert.Equal(0, Balancedness.Defect(shape, state), 1e-14);
        }
        Assert.Throws<ArgumentException>(() => _landscape.BalancedMinimizer(shape, 5));
        Assert.Throws<ArgumentException>(() => _landscape.BalancedMinimizer(new NetworkShape(5, 5), 1));
    }

    /// <summary>Q = diag(3, 2, 2, 2, 1): any plane of the middle three serves rank 3.</summary>
    [Fact]
    public void TiesHaveManyMinimizers()
    {
        var target = Matrix.Diagonal(5, 5, [3, 2, 2, 2, 1]);
        var landscape = new RankLandscape(SquaredLoss.Sum(SecondMoments.Of(RegressionGenerators.Factorization(target))));
        Assert.Equal([true, true, false, false, true, true], Enumerable.Range(0, 6).Select(landscape.IsUnique));
        var random = new RandomStream(4);
        var plane = new Matrix(3, 2);
        random.FillGaussian(plane.Values);
        var basis = Svd.Of(plane).U;
        var product = Matrix.Diagonal(5, 5, [3]);
        var tied = 2 * basis.TimesTransposed(basis);
        for (var i = 0; i < 3; i++)
            for (var j = 0; j < 3; j++) product[i + 1, j + 1] = tied[i, j];
        Assert.Equal(0, (product - landscape.NearestMinimizer(product, 3)).FrobeniusNorm, 1e-13);
        Assert.Equal(0.5 * (4 + 1), landscape.LeastLoss(3), 1e-13);
        // A product that is none: the nearest minimiser has the least loss all the same.
        var other = new Matrix(5, 5);
        random.FillGaussian(other.Values);
        var nearest = landscape.NearestMinimizer(other, 2);
        Assert.Equal(landscape.LeastLoss(2), landscape.Loss.Evaluate(nearest.Values, new double[25]), 1e-13);
        Assert.True((other - nearest).FrobeniusNorm < (other - landscape.Minimizer(2)).FrobeniusNorm);
    }

    [Fact]
    public void SingularInputsAreRefusedWithTheirRank()
    {
        var data = RegressionGenerators.Gaussian(4, 6, 5, new RandomStream(1));
        var error = Assert.Throws<ArgumentException>(() => new RankLandscape(SquaredLoss.Sum(SecondMoments.Of(data))));
        Assert.Contains("rank 4 in 6 dimensions", error.Message, StringComparison.Ordinal);
    }

    private static double Value(Matrix product) => _loss.Evaluate(product.Values, new double[product.Values.Length]);

    private static Matrix Gaussian(Matrix like, RandomStream random)
    {
        var matrix = new Matrix(like.Rows, like.Columns);
        random.FillGaussian(matrix.Values);
        return matrix;
    }
}
