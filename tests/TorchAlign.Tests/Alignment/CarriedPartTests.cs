using System.Numerics.Tensors;
using TorchAlign.Alignment;
using TorchAlign.Claims;
using TorchAlign.Data;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Tests.Claims;

namespace TorchAlign.Tests.Alignment;

/// <summary>Where the data do not span R^d, the start's part outside is carried along, and sin * norm tends to what it predicts.</summary>
public class CarriedPartTests
{
    /// <summary>60 x 3 points in three ways to miss a dimension; fewer points than dimensions are a fourth.</summary>
    private static SignedPoints Points(string kind)
    {
        var plane = Generators.PlanarSet(11, 60);
        return kind switch
        {
            "zeros" => Of(plane, i => [.. plane.Row(i), 0]),
            "copied" => Of(plane, i => [.. plane.Row(i), plane.Row(i)[1]]),
            "few" => new SignedPoints([0.9, 0.1, 0.2, 0.3, 0.4, 0.8, -0.1, 0.5], 2, 4),
            _ => throw new ArgumentException(kind),
        };
    }

    private static SignedPoints Of(LabelledSet set, Func<int, double[]> row) =>
        new LabelledSet("made", [.. Enumerable.Range(0, set.Count).SelectMany(row)], set.Y).ToSignedPoints();

    [Theory]
    [InlineData("zeros", 1)]
    [InlineData("zeros", 2)]
    [InlineData("zeros", 4)]
    [InlineData("copied", 1)]
    [InlineData("copied", 2)]
    [InlineData("copied", 4)]
    [InlineData("few", 1)]
    [InlineData("few", 2)]
    [InlineData("few", 4)]
    public void Sin_times_norm_tends_to_what_the_start_predicts(string kind, int depth)
    {
        var points = Points(kind);
        var problem = ClaimRuns.Problem(kind, points, depth, MarginLoss.Exponential, ClaimRuns.Start.Gaussian);
        var run = ClaimRuns.Flow(problem, -1e6);
        var limit = ResidualPrediction.Of(points, run.Margin);
        Assert.True(limit.Complete, limit.Reason);
        var carried = new CarriedPart(run.Shape, new SupportSpan(points, run.Margin), run.Start);
        var outside = TensorPrimitives.Norm<double>(carried.At(run.States[^1]));
        Assert.Equal(1, run.Last.AngleTimesNorm / double.Hypot(limit.Norm, outside), 0.01);
        // The law of data that span the space breaks here: with one layer by what the start had outside, with more by what that grows to.
        if (depth > 1) Assert.True(run.Last.AngleTimesNorm > 2 * limit.Norm, $"{run.Last.AngleTimesNorm} beside |v| = {limit.Norm}");
        // C is what no gradient moves: it differs by what rounding leaves of W_1.
        var now = new CarriedPart(run.Shape, new SupportSpan(points, run.Margin), run.States[^1]);
        Assert.Equal(carried.FrobeniusNorm, now.FrobeniusNorm, 1e-12 * run.Last.FrobeniusNorms[0]);
    }

    [Fact]
    public void Nothing_is_carried_where_the_data_span_the_space()
    {
        var run = ClaimRuns.Deep;
        var span = new SupportSpan(run.Points, run.Margin);
        Assert.True(span.IsAll);
        Assert.Equal([0, 0], new CarriedPart(run.Shape, span, run.Start).At(run.States[^1]));
    }

    [Fact]
    public void The_product_is_carried_part_and_part_in_the_span()
    {
        var points = Points("copied");
        var margin = HardMargin.Solve(points);
        var shape = new NetworkShape(3, 4, 2, 1);
        var state = Initialization.Gaussian(shape, 1, new RandomStream(5));
        var outside = LinearProduct.Of(shape, state);
        new SupportSpan(points, margin).Reject(outside);
        var carried = new CarriedPart(shape, new SupportSpan(points, margin), state).At(state);
        Assert.Equal(0, TensorPrimitives.Distance<double>(outside, carried), 1e-14);
    }
}
