using System.Numerics.Tensors;
using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Commands;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;

namespace TorchAlign.Tests.Alignment;

/// <summary>A direction is found where something says that it stays found; a crossing says nothing.</summary>
public class DirectionVerdictTests
{
    private const string Study = "--threads 1 --data planar --init equal-norms --scale 0.05 --to ";

    /// <summary>Before its layers align this network passes the axis at R = 1 - 3e-10, within 1e-9 of it.</summary>
    [Fact]
    public void An_accident_is_no_result()
    {
        var run = Assert.Single(Follow(Study + "1e-9 --depth 6 --width 16 --seed 36"));
        Assert.True(run.CrossedAt > -1e-6, $"the accident did not happen, the first crossing is at log10 R = {run.CrossedAt}");
        Assert.Equal(DirectionVerdict.Found, run.End.Name);
        Assert.True(run.EndedAt < -100, $"found at log10 R = {run.EndedAt}");
        Assert.True(run.Excess <= 1);
    }

    /// <summary>A bounded part of scripts/found_check.sh.</summary>
    [Theory]
    [InlineData(Study + "1e-3 --depth 2,6 --width 16", 4)]
    [InlineData(Study + "1e-6 --depth 2,6 --width 16", 4)]
    [InlineData("--threads 1 --data planar --init gaussian --scale 0.5 --depth 1,2 --loss logistic --to 1e-3", 4)]
    [InlineData("--threads 1 --data planar --depth 1,4 --to 1e-3", 3)]
    [InlineData("--threads 1 --data gaussian --points 60 --dimension 13 --margin 0.05 --init equal-norms --depth 1,2 --to 1e-3", 2)]
    [InlineData("--threads 1 --data iris --positive setosa --depth 1,2 --to 1e-3", 1)]
    [InlineData("--threads 1 --data iris --positive setosa --center --depth 1,3 --to 1e-6", 1)]
    public void What_is_found_stays_found_ten_times_further(string words, int seeds)
    {
        var runs = Enumerable.Range(1, seeds).SelectMany(seed => Follow($"{words} --seed {seed}")).ToArray();
        Assert.All(runs, run => Assert.Equal(DirectionVerdict.Found, run.End.Name));
        Assert.All(runs, run => Assert.Equal("risk-below", run.Beyond!.Name));
        Assert.All(runs, run =>
            Assert.True(run.Excess <= 1, $"seed {run.Seed}, L = {run.Depth}: {run.Excess} times EPS; {run.End.Message}"));
    }

    /// <summary>Its steps grow until the risk would rise: it passes v to 1% and leaves EPS again, nine times as far.</summary>
    [Fact]
    public void Loss_scaled_descent_that_passes_its_limit_has_not_found_it()
    {
        var run = Assert.Single(Follow("--threads 1 --data planar --init equal-norms --scale 0.3 --depth 2 --method descent "
            + "--rule loss-scaled --step 0.2 --to 1e-4 --steps 2000 --seed 8"));
        Assert.Equal(DirectionVerdict.Crossed, run.End.Name);
    }

    /// <summary>The law is of the vector: at the mirror image of v the norms are right and the side is wrong.</summary>
    [Fact]
    public void The_law_is_judged_as_a_vector()
    {
        var planar = new Problem(Generators.PlanarSet(7).ToSignedPoints());
        Assert.Contains("(law)", planar.Judge(1e6, 1)!.Message);
        Assert.Null(planar.Judge(1e6, -1));
        Assert.Null(planar.Judge(1e6, 0.98));
    }

    [Fact]
    public void A_point_on_the_axis_is_not_found_while_the_others_still_pull()
    {
        var planar = new Problem(Generators.PlanarSet(7).ToSignedPoints());
        Assert.Null(planar.Judge(1e-3, 0));
        Assert.Null(planar.Judge(1, 0));
    }

    /// <summary>Along the flow v itself need not be reached: once it cannot lead out of EPS, no place near the axis can.</summary>
    [Fact]
    public void Of_a_flow_the_bound_is_enough()
    {
        var planar = new Problem(Generators.PlanarSet(7).ToSignedPoints());
        Assert.Null(planar.Judge(3e4, 0));
        Assert.Contains("(bound)", planar.Judge(1e8, 0, isFlow: true)!.Message);
        // 1 - cos = 1e-9 at v needs rho = |v| / sqrt(2e-9), 2.9e4; from the axis w_prod goes there and no further.
        Assert.Null(planar.Judge(2e4, 0, isFlow: true));
    }

    [Fact]
    public void Only_a_limit_makes_a_crossing_a_result()
    {
        var planar = new Problem(Generators.PlanarSet(7).ToSignedPoints());
        var seen = planar.At(1e-3, 0);
        var limit = new RunEnd("step-limit", false, "The limit of 5 steps was reached.");
        var end = planar.Verdict(isFlow: true).OfLimit(limit, [seen]);
        Assert.Equal((DirectionVerdict.Crossed, false), (end.Name, end.Reached));
        Assert.EndsWith(limit.Message, end.Message);
        Assert.Same(limit, planar.Verdict(isFlow: true).OfLimit(limit, [seen with { OneMinusCosine = 1e-3 }]));
        foreach (var other in (RunEnd[])[RunEnd.Interrupted, RunEnd.NonFinite, new RunEnd("risk-below", true, "")])
            Assert.Same(other, planar.Verdict(isFlow: true).OfLimit(other, [seen]));
    }

    [Fact]
    public void Nothing_is_found_on_the_wrong_side()
    {
        var planar = new Problem(Generators.PlanarSet(7).ToSignedPoints());
        Assert.Null(planar.Judge(-1e8, 1, isFlow: true));
    }

    private static IReadOnlyList<FollowedRun> Follow(string words) => FoundCheck.Follow(words.Split(' '), 10, CancellationToken.None);

    /// <summary>One layer on points of the plane, at places w = rho u_bar + share v, and EPS = 1e-9.</summary>
    private sealed class Problem(SignedPoints points)
    {
        private readonly NetworkShape _shape = NetworkShape.Uniform(points.Dimension, 1, 1);
        private readonly MarginSolution _margin = HardMargin.Solve(points);

        public DirectionVerdict Verdict(bool isFlow) => new(_shape, points, MarginLoss.Exponential, _margin, 1e-9, isFlow);

        public Observation At(double rho, double share) => Observed(rho, share).Seen;

        public RunEnd? Judge(double rho, double share, bool isFlow = false)
        {
            var (point, seen) = Observed(rho, share);
            return Verdict(isFlow).Look(point, seen);
        }

        private (TrajectoryPoint Point, Observation Seen) Observed(double rho, double share)
        {
            var w = new double[points.Dimension];
            TensorPrimitives.Multiply(_margin.Direction, rho, w);
            TensorPrimitives.MultiplyAdd(ResidualPrediction.Of(points, _margin).V!, share, w, w);
            var field = new FusedField(_shape, points.Z, MarginLoss.Exponential, threads: 1);
            var (state, direction) = (field.NewState(), field.NewState());
            state.CopyFrom(w);
            var point = new TrajectoryPoint(state);
            point.SetValue(field.Evaluate(state, direction), direction);
            return (point, new AlignmentDiagnostics(_shape, points, MarginLoss.Exponential, _margin, w).Observe(point));
        }
    }
}
