using TorchAlign.Data;
using TorchAlign.MaxMargin;

namespace TorchAlign.Tests.Data;

public class GeneratorTests
{
    [Fact]
    public void Planar_sets_keep_what_they_promise_for_every_seed()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            LabelledSet set = Generators.PlanarSet(seed);
            SignedPoints z = set.ToSignedPoints();
            MarginSolution solution = HardMargin.Solve(z);
            Assert.Equal((40, 2), (set.Count, set.Dimension));
            Assert.Equal(20, set.Y.Count(y => y == 1));
            Assert.Equal(1, z.Scale, 1e-14);
            Assert.InRange(solution.Gamma, 0.12, 0.18);
            Assert.Equal([0, 1], solution.SupportVectors);
            Assert.Equal(2, solution.SupportRank);
            Assert.True(solution.SupportSpansData);
            Assert.InRange(solution.DualWeights[0], 0.68 - 1e-12, 0.82 + 1e-12);
            var residual = ResidualPrediction.Of(z, solution);
            Assert.True(residual.Complete);
            Assert.InRange(residual.Norm, 0.5, 3);
            Assert.All(Enumerable.Range(2, 38), i =>
                Assert.True(solution.Direction[0] * z.Row(i)[0] + solution.Direction[1] * z.Row(i)[1] > solution.Gamma + 0.0499));
        }
    }

    [Fact]
    public void Planar_points_of_both_classes_fill_the_disc()
    {
        LabelledSet set = Generators.PlanarSet(7, 400);
        MarginSolution solution = HardMargin.Solve(set.ToSignedPoints());
        foreach (sbyte y in new sbyte[] { 1, -1 })
        {
            int[] points = [.. Enumerable.Range(0, set.Count).Where(i => set.Y[i] == y)];
            double[] along = [.. points.Select(i => y * (set.Row(i)[0] * solution.Direction[0] + set.Row(i)[1] * solution.Direction[1]))];
            double[] across = [.. points.Select(i => set.Row(i)[0] * solution.Direction[1] - set.Row(i)[1] * solution.Direction[0])];
            Assert.True(along.Max() - along.Min() > 0.6);
            Assert.True(across.Max() > 0.7 && across.Min() < -0.7);
        }
    }

    [Theory]
    [InlineData(40, 2, 0.1)]
    [InlineData(200, 10, 0.05)]
    [InlineData(100, 30, 1e-4)]
    [InlineData(20, 50, 0.3)]
    [InlineData(2, 2, 0.5)]
    public void Gaussian_sets_have_exactly_the_margin_asked_for(int n, int d, double margin)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            SignedPoints z = Generators.Gaussian(seed, n, d, margin).ToSignedPoints();
            MarginSolution solution = HardMargin.Solve(z);
            Assert.Equal((n, d), (z.Count, z.Dimension));
            Assert.Equal(1, z.Scale, 1e-14);
            Assert.Equal(margin, solution.Gamma, 1e-13);
            Assert.Equal(Math.Min(n, d), solution.SupportVectors.Length);
        }
    }

    [Fact]
    public void Equal_seeds_give_equal_sets_by_hash()
    {
        Assert.Equal(Generators.PlanarSet(7).Hash, Generators.PlanarSet(7).Hash);
        Assert.NotEqual(Generators.PlanarSet(7).Hash, Generators.PlanarSet(8).Hash);
        Assert.Equal(Generators.Gaussian(1, 20, 3, 0.1).Hash, Generators.Gaussian(1, 20, 3, 0.1).Hash);
    }

    [Fact]
    public void Sizes_and_margins_that_no_set_can_have_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Generators.PlanarSet(1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Generators.Gaussian(1, 1, 5, 0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Generators.Gaussian(1, 5, 1, 0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Generators.Gaussian(1, 5, 5, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Generators.Gaussian(1, 5, 5, double.NaN));
    }
}
