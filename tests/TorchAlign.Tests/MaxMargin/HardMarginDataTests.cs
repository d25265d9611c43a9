using TorchAlign.Data;
using TorchAlign.MaxMargin;
using TorchAlign.Numerics;
using TorchAlign.Tests.Data;
using static TorchAlign.Tests.MaxMargin.MarginCheck;

namespace TorchAlign.Tests.MaxMargin;

/// <summary>The shipped data, random sets, a large set, and the ways to watch and stop.</summary>
public class HardMarginDataTests
{
    private const double Gap = 1e-12;

    [Theory]
    [InlineData(false, 0.066882)]
    [InlineData(true, 0.041571)]
    public void Iris_setosa_against_the_rest(bool center, double gamma)
    {
        SignedPoints z = DataFile.Read(RepositoryFiles.Iris, new ReadOptions { Positive = "setosa", Center = center }).ToSignedPoints();
        MarginSolution s = HardMargin.Solve(z);
        Separable(z, s, Gap);
        Assert.Equal(gamma, s.Gamma, 1e-6);
        Assert.Equal(center, s.SupportSpansData);
    }

    [Theory]
    [InlineData("versicolor")]
    [InlineData("virginica")]
    public void The_other_irises_are_not_separable(string species)
    {
        SignedPoints z = DataFile.Read(RepositoryFiles.Iris, new ReadOptions { Positive = species }).ToSignedPoints();
        NotSeparable(z, HardMargin.Solve(z));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void All_pairs_of_digits(bool center)
    {
        for (int a = 0; a < 10; a++)
        {
            for (int b = a + 1; b < 10; b++)
            {
                var options = new ReadOptions { Positive = $"{a}", Negative = $"{b}", Center = center };
                SignedPoints z = DataFile.Read(RepositoryFiles.Digits, options).ToSignedPoints();
                Separable(z, HardMargin.Solve(z), Gap);
            }
        }
    }

    [Fact]
    public void Each_digit_against_the_rest_gets_a_verdict()
    {
        string separable = "";
        for (int a = 0; a < 10; a++)
        {
            SignedPoints z = DataFile.Read(RepositoryFiles.Digits, new ReadOptions { Positive = $"{a}" }).ToSignedPoints();
            MarginSolution s = HardMargin.Solve(z);
            if (s.Separability == Separability.Yes) Separable(z, s, Gap);
            else NotSeparable(z, s);
            if (s.Separability == Separability.Yes) separable += a;
        }

        Assert.Equal("0234567", separable);
    }

    [Fact]
    public void Random_sets_down_to_a_margin_of_one_in_ten_thousand()
    {
        foreach ((int n, int d) in new[] { (40, 2), (200, 10), (500, 50), (30, 60) })
        {
            foreach (double margin in new[] { 0.3, 0.05, 1e-2, 1e-3, 1e-4 })
            {
                for (int seed = 0; seed < 20; seed++)
                {
                    SignedPoints z = Generators.Gaussian(seed, n, d, margin).ToSignedPoints();
                    MarginSolution s = HardMargin.Solve(z);
                    Separable(z, s, Gap);
                    Assert.Equal(1, s.Gamma / margin, 1e-12);
                }
            }
        }
    }

    [Fact]
    public void Random_clouds_that_overlap_are_refuted()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            int d = 2 + seed % 12;
            var x = new double[20 * d * d];
            new RandomStream(seed).FillGaussian(x);
            SignedPoints z = Points(d, x);
            NotSeparable(z, HardMargin.Solve(z));
        }
    }

    [Fact]
    public void Ten_thousand_points_of_784_features()
    {
        SignedPoints z = Generators.Gaussian(3, 10_000, 784, 0.05).ToSignedPoints();
        var reports = new Reports();
        MarginSolution s = HardMargin.Solve(z, default, reports);
        Separable(z, s, Gap);
        Assert.Equal(784, s.SupportVectors.Length);
        // What it costs: points that enter, and passes over all points, of which each point has its share in few.
        Assert.InRange(s.Iterations, 783, 3 * 784);
        Assert.InRange(reports.Seen.Count, 1, 100);
    }

    [Fact]
    public void It_reports_and_can_be_cancelled()
    {
        SignedPoints z = Generators.Gaussian(3, 300, 40, 0.01).ToSignedPoints();
        var reports = new Reports();
        MarginSolution s = HardMargin.Solve(z, default, reports);
        Assert.NotEmpty(reports.Seen);
        Assert.All(reports.Seen,
            r => Assert.True(r.Margin >= s.Gamma * (1 - 1e-12) && r.ActivePoints <= 40 && r.Iterations <= s.Iterations));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => HardMargin.Solve(z, cancelled.Token));
    }

    private sealed class Reports : IProgress<MarginProgress>
    {
        public List<MarginProgress> Seen { get; } = [];

        public void Report(MarginProgress value) => Seen.Add(value);
    }
}
