using TorchAlign.Data;
using TorchAlign.MaxMargin;
using TorchAlign.Numerics;
using static TorchAlign.Tests.MaxMargin.MarginCheck;

namespace TorchAlign.Tests.MaxMargin;

/// <summary>Points whose margin is known on paper, most of them degenerate.</summary>
public class HardMarginExactTests
{
    [Fact]
    public void One_point_is_its_own_direction()
    {
        SignedPoints z = Points(3, 2, -1, 2);
        MarginSolution s = HardMargin.Solve(z);
        Separable(z, s, 1e-15);
        Assert.Equal((1, 3), (s.Gamma, z.Scale));
        Assert.Equal(2.0 / 3, s.Direction[0], 1e-15);
        Assert.Equal([0], s.SupportVectors);
        Assert.True(s.SupportSpansData);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(100)]
    public void Unit_vectors_share_the_weight(int d)
    {
        var z = new double[d * d];
        for (int i = 0; i < d; i++) z[i * d + i] = 1;
        MarginSolution s = HardMargin.Solve(Points(d, z));
        Separable(Points(d, z), s, 2e-15);
        Assert.Equal(1 / Math.Sqrt(d), s.Gamma, 1e-15);
        Assert.All(s.DualWeights, a => Assert.Equal(1.0 / d, a, 1e-15));
        Assert.Equal(d, s.SupportRank);
    }

    [Fact]
    public void All_vertices_of_a_cube_s_face_are_support_vectors()
    {
        const int d = 8;
        var z = new List<double>();
        for (int bits = 0; bits < 1 << (d - 1); bits++)
        {
            z.Add(1);
            for (int j = 0; j < d - 1; j++) z.Add((bits >> j & 1) == 0 ? 1 : -1);
        }

        MarginSolution s = HardMargin.Solve(Points(d, [.. z]));
        Separable(Points(d, [.. z]), s, 1e-14);
        Assert.Equal(1 / Math.Sqrt(d), s.Gamma, 1e-15);
        Assert.Equal(1 << (d - 1), s.SupportVectors.Length);
        Assert.True(s.SupportRank == d && s.SupportSpansData);
    }

    [Fact]
    public void Collinear_support_vectors()
    {
        // 21 points on the line y = 0.1; the nearest to 0 is the answer alone, the others lie on the margin without
        // weight.
        double[] z = [.. Enumerable.Range(-10, 21).SelectMany(k => new[] { k / 11.0, 0.1 })];
        MarginSolution s = HardMargin.Solve(Points(2, z));
        Separable(Points(2, z), s, 1e-14);
        Assert.Equal(21, s.SupportVectors.Length);
        Assert.Equal(0.1 / double.Hypot(10 / 11.0, 0.1), s.Gamma, 1e-15);
    }

    [Fact]
    public void Duplicates_change_nothing()
    {
        SignedPoints once = Generators.Gaussian(3, 30, 6, 0.05).ToSignedPoints();
        double[] five = [.. Enumerable.Range(0, 5).SelectMany(_ => once.Z)];
        SignedPoints z = Points(6, five);
        MarginSolution s = HardMargin.Solve(z);
        Separable(z, s, 1e-13);
        Assert.Equal(0.05, s.Gamma, 1e-14);
        Assert.Equal(30, s.SupportVectors.Length); // six, five times each
        Assert.Equal(6, s.WeightCarriers.Length);
    }

    [Fact]
    public void Points_equal_but_for_rounding_do_not_disturb()
    {
        SignedPoints once = Generators.Gaussian(4, 40, 5, 1e-3).ToSignedPoints();
        var stream = new RandomStream(1);
        double[] many = [.. Enumerable.Range(0, 10).SelectMany(_ => once.Z.Select(v => v * (1 + 1e-15 * stream.NextGaussian())))];
        SignedPoints z = Points(5, many);
        Separable(z, HardMargin.Solve(z), 1e-11);
    }

    [Theory]
    [InlineData(10, 200, 0.2)]
    [InlineData(50, 60, 1e-3)]
    [InlineData(2, 1000, 0.01)]
    public void More_dimensions_than_points(int n, int d, double margin)
    {
        SignedPoints z = Generators.Gaussian(5, n, d, margin).ToSignedPoints();
        MarginSolution s = HardMargin.Solve(z);
        Separable(z, s, 1e-12);
        Assert.Equal(margin, s.Gamma, 1e-14);
        Assert.True(s.SupportRank == n && s.SupportSpansData);
    }

    [Fact]
    public void Support_that_does_not_span_the_data_is_told()
    {
        MarginSolution s = HardMargin.Solve(Points(3, 0.15, 0.4, 0, 0.15, -0.3, 0, 0.5, 0.1, 0.6));
        Assert.Equal([0, 1], s.SupportVectors);
        Assert.Equal(2, s.SupportRank);
        Assert.False(s.SupportSpansData);
        Assert.True(HardMargin.Solve(Points(3, 0.15, 0.4, 0, 0.15, -0.3, 0, 0.5, 0.1, 0)).SupportSpansData);
    }

    [Fact]
    public void Antipodal_points_are_not_separable()
    {
        SignedPoints z = Points(2, 1, 0.5, 0.3, 0.9, -1, -0.5);
        MarginSolution s = HardMargin.Solve(z);
        NotSeparable(z, s);
        Assert.Equal([0, 2], s.GordanCarriers);
        Assert.Equal(0.5, s.DualWeights[0], 1e-15);
    }

    [Fact]
    public void A_zero_point_is_its_own_certificate()
    {
        SignedPoints z = Points(2, 1, 0, 0, 0, 0, 1);
        MarginSolution s = HardMargin.Solve(z);
        NotSeparable(z, s);
        Assert.Equal([1], s.GordanCarriers);
    }

    [Fact]
    public void Zero_inside_and_on_the_edge_of_the_hull()
    {
        SignedPoints inside = Points(2, 1, 0, -0.5, 0.8, -0.5, -0.7);
        NotSeparable(inside, HardMargin.Solve(inside));
        SignedPoints edge = Points(3, 1, 2, 0, -2, 1, 0, 1, -3, 0, 0.1, 0.2, 1);
        MarginSolution s = HardMargin.Solve(edge);
        NotSeparable(edge, s);
        Assert.Equal([0, 1, 2], s.GordanCarriers);
    }

    [Fact]
    public void Between_yes_and_no_it_says_undecided()
    {
        SignedPoints z = Generators.Gaussian(1, 60, 50, 1e-19).ToSignedPoints();
        MarginSolution s = HardMargin.Solve(z);
        Assert.Equal(Separability.Undecided, s.Separability);
        Assert.Contains("Undecided in float64", s.Message);
        Assert.Empty(s.SupportVectors);
        Assert.Empty(s.GordanCarriers);
        Assert.True(s.Lower <= s.Gamma && s.Gamma <= s.Upper);
    }

    [Theory]
    [InlineData(1e-6, 1e-9)]
    [InlineData(1e-9, 1e-6)]
    [InlineData(1e-12, 1e-3)]
    public void Tiny_margins_are_found_as_far_as_a_direction_in_float64_can_show_them(double margin, double gap)
    {
        for (int seed = 0; seed < 10; seed++)
        {
            SignedPoints z = Generators.Gaussian(seed, 60, 6, margin).ToSignedPoints();
            MarginSolution s = HardMargin.Solve(z);
            Separable(z, s, gap);
            Assert.Equal(1, s.Gamma / margin, 1e-15 / margin);
        }
    }
}
