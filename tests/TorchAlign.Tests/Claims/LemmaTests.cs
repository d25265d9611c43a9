using System.Numerics.Tensors;
using TorchAlign.Claims;
using TorchAlign.Data;
using TorchAlign.Losses;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Claims;

/// <summary>Lemmas 3 and 4 of [JT]: alpha against exact values and random directions; and data for which they are false.</summary>
public class LemmaTests
{
    /// <summary>
    /// Points (p_i, 0.5): u_bar = e_3 if 0 lies in the hull of the p_i, and alpha is the distance of 0 from that hull's boundary.
    /// </summary>
    [Theory]
    [InlineData(new[] { 0.4, 0, -0.2, 0.3, -0.2, -0.3 }, 0.17888543819998318)]
    [InlineData(new[] { 0.3, 0.3, -0.3, 0.3, -0.3, -0.3, 0.3, -0.3 }, 0.3)]
    [InlineData(new[] { 0.4, 0.1, -0.3, 0.1, 0.0, -0.2, 0.0, 0.1 }, 0.1)]
    public void AlphaIsTheDistanceToTheNearestFacet(double[] across, double alpha)
    {
        var points = Above(across);
        var result = ClaimRuns.Result(Evidence(points), "jt.lemma3");
        Assert.Equal(alpha / points.Scale, result.Measured, 12);
        Assert.Equal(Verdict.Holds, result.Verdict);
    }

    [Theory]
    [InlineData(1, 30, 3)]
    [InlineData(2, 50, 5)]
    [InlineData(3, 60, 8)]
    public void NoDirectionHasASmallerProjection(int seed, int n, int d)
    {
        var points = Generators.Gaussian(seed, n, d, 0.1).ToSignedPoints();
        var run = Evidence(points);
        Assert.Equal(d, run.Margin.SupportRank);
        var alpha = ClaimRuns.Result(run, "jt.lemma3").Measured;
        // Not the generator's own stream, whose first numbers are u_bar.
        var stream = new RandomStream(1000 + seed);
        var xi = new double[d];
        var least = double.PositiveInfinity;
        for (var i = 0; i < 20_000; i++)
        {
            stream.FillGaussian(xi);
            TensorPrimitives.MultiplyAdd(run.Margin.Direction, -TensorPrimitives.Dot<double>(xi, run.Margin.Direction), xi, xi);
            var norm = TensorPrimitives.Norm<double>(xi);
            least = Math.Min(least, run.Margin.SupportVectors.Max(k => TensorPrimitives.Dot(points.Row(k), xi)) / norm);
        }
        Assert.True(least >= alpha * (1 - 1e-9), $"{least} < {alpha}");
        if (d == 3) Assert.Equal(alpha, least, alpha * 1e-3);
    }

    /// <summary>Held against points that u_bar was not computed from, with the support vectors all on one side.</summary>
    [Fact]
    public void WrongSupportFailsLemmaThree()
    {
        var right = Above([0.4, 0, -0.2, 0.3, -0.2, -0.3]);
        var wrong = Above([0.4, 0, 0.2, 0.3, 0.2, -0.3]);
        Assert.Equal(Verdict.Fails, ClaimRuns.Result(Evidence(right) with { Points = wrong }, "jt.lemma3").Verdict);
    }

    [Theory]
    [InlineData("exponential")]
    [InlineData("logistic")]
    public void LemmaFourHoldsOnRandomDataAndFailsWithAWrongDirection(string lossName)
    {
        var loss = MarginLoss.All.Single(known => known.Name == lossName);
        var points = Generators.Gaussian(5, 20, 4, 0.2).ToSignedPoints();
        var run = Evidence(points) with { Loss = loss };
        Assert.Equal(Verdict.Holds, ClaimRuns.Result(run, "jt.lemma4").Verdict);
        // The data turned by 0.1 under a u_bar that stays: far out on the wrong axis the gradient pulls towards the true one.
        Assert.Equal(Verdict.Fails, ClaimRuns.Result(run with { Points = Turned(points, run.Margin.Direction, 0.1) }, "jt.lemma4").Verdict);
    }

    /// <summary>Rotated in the plane of u and a vector orthogonal to it.</summary>
    private static SignedPoints Turned(SignedPoints points, double[] u, double angle)
    {
        var e = new double[u.Length];
        e[0] = 1;
        TensorPrimitives.MultiplyAdd(u, -u[0], e, e);
        TensorPrimitives.Divide(e, TensorPrimitives.Norm<double>(e), e);
        var z = points.Z.ToArray();
        foreach (var row in Enumerable.Range(0, points.Count).Select(i => z.AsMemory(i * u.Length, u.Length)))
        {
            var (along, across) = (TensorPrimitives.Dot<double>(row.Span, u), TensorPrimitives.Dot<double>(row.Span, e));
            var (sin, cos) = Math.SinCos(angle);
            TensorPrimitives.MultiplyAdd(u, (cos - 1) * along - sin * across, row.Span, row.Span);
            TensorPrimitives.MultiplyAdd(e, (cos - 1) * across + sin * along, row.Span, row.Span);
        }
        return new SignedPoints(z, points.Count, u.Length);
    }

    private static SignedPoints Above(double[] across)
    {
        var z = across.Chunk(2).SelectMany(p => (double[])[.. p, 0.5]).ToArray();
        return new SignedPoints(z, across.Length / 2, 3);
    }

    private static RunEvidence Evidence(SignedPoints points)
    {
        var problem = ClaimRuns.Problem("lemmas", points, 1, MarginLoss.Exponential, ClaimRuns.Start.Gaussian);
        return ClaimRuns.Flow(problem, -1);
    }
}
