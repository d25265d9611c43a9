using TorchAlign.Claims;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Claims;

public class HypothesisTests
{
    /// <summary>Two support vectors in a plane, a third point outside it: Assumption 3 fails, Theorem 1 still speaks.</summary>
    [Fact]
    public void WithoutAssumptionThreeTheDirectionIsNotJudged()
    {
        var points = new SignedPoints([0.3, 0.2, 0, 0.3, -0.4, 0, 0.8, 0, 0.6], 3, 3);
        var run = ClaimRuns.Flow(ClaimRuns.Problem("plane", points, 2, MarginLoss.Exponential, ClaimRuns.Start.Gaussian), -1e4);
        Assert.False(run.Margin.SupportSpansData);
        string[] ofTheSupport =
            ["jt.theorem2.direction", "jt.theorem2.first-layer", "jt.corollary.margin", "jt.lemma3", "shngs.residual"];
        foreach (var id in ofTheSupport)
        {
            var result = ClaimRuns.Result(run, id);
            Assert.Equal(Verdict.HypothesisNotMet, result.Verdict);
            Assert.Contains("A3 fails", result.Hypothesis);
        }
        Assert.Equal(Verdict.Holds, ClaimRuns.Result(run, "jt.theorem1.adjacent").Verdict);
        Assert.Empty(ClaimRuns.With(run, Verdict.Fails));
    }

    [Fact]
    public void WithoutAssumptionTwoTheoremOneIsNotJudged()
    {
        var results = JiTelgarskyClaims.Check(ClaimRuns.Saddle);
        Assert.All(results.Where(result => result.Id.StartsWith("jt.theorem1", StringComparison.Ordinal)), result =>
        {
            Assert.Equal(Verdict.HypothesisNotMet, result.Verdict);
            Assert.Contains("Assumption 2 fails", result.Hypothesis);
        });
        Assert.Equal(Verdict.Holds, ClaimRuns.Result(ClaimRuns.Saddle, "jt.assumption2.saddle").Verdict);
        Assert.Equal(Verdict.Holds, ClaimRuns.Result(ClaimRuns.Saddle, "jt.assumption2.origin").Verdict);
    }

    /// <summary>At W_1(0) = 0 the risk is loss(0), which the mean of n equal losses may miss by rounding: Assumption 2 holds.</summary>
    [Theory]
    [InlineData(7)]
    [InlineData(39)]
    [InlineData(365)]
    public void ZeroStartMeetsAssumptionTwo(int n)
    {
        var points = Generators.PlanarSet(7, n).ToSignedPoints();
        foreach (var loss in MarginLoss.All)
        {
            var problem = ClaimRuns.Problem("zero", points, 1, loss, ClaimRuns.Start.Gaussian) with { Start = [0, 0] };
            var result = ClaimRuns.Result(ClaimRuns.Flow(problem, -100), "jt.theorem1.risk");
            Assert.Equal(Verdict.Holds, result.Verdict);
        }
    }

    [Fact]
    public void ExponentialDescentBreaksAssumptionFour()
    {
        var run = ClaimRuns.Descent with { Loss = MarginLoss.Exponential };
        var result = ClaimRuns.Result(run, "jt.theorem3.risk");
        Assert.Equal(Verdict.HypothesisNotMet, result.Verdict);
        Assert.Contains("A4 fails", result.Hypothesis);
    }

    [Fact]
    public void OneLayerHasNothingToAlign()
    {
        foreach (var id in (string[])["jt.equation2", "jt.equation3", "jt.lemma2.adjacent", "jt.theorem1.rank-one"])
            Assert.Equal(Verdict.HypothesisNotMet, ClaimRuns.Result(ClaimRuns.Shallow, id).Verdict);
    }

    [Fact]
    public void LogisticLossHasNoMonotoneSmoothedMargin() =>
        Assert.Equal(Verdict.HypothesisNotMet, ClaimRuns.Result(ClaimRuns.Shallow, "ll.smoothed-margin").Verdict);

    [Fact]
    public void FlowAndDescentKeepToTheirOwnTheorems()
    {
        Assert.All(ClaimRuns.With(ClaimRuns.Deep, Verdict.Holds), id => Assert.False(IsOfDescent(id)));
        Assert.All(ClaimRuns.With(ClaimRuns.Descent, Verdict.Holds),
            id => Assert.True(IsOfDescent(id) || id is "jt.lemma3" or "jt.lemma4"));

        static bool IsOfDescent(string id) => id.StartsWith("jt.theorem3", StringComparison.Ordinal)
            || id.StartsWith("jt.theorem4", StringComparison.Ordinal) || id.StartsWith("jt.descent", StringComparison.Ordinal);
    }

    /// <summary>Ten steps show nothing of a limit: a tolerance as wide as the quantity is no check.</summary>
    [Fact]
    public void ShortRunsAreNotJudged()
    {
        var problem = ClaimRuns.Problem("short", 4, MarginLoss.Exponential, ClaimRuns.Start.Gaussian);
        var run = EvidenceRun.Flow(problem, new DormandPrince54(1e-9), ClaimRuns.Tolerance, [Stops.StepLimit(10)], CancellationToken.None);
        Assert.Empty(ClaimRuns.With(run, Verdict.Fails));
        foreach (var id in (string[])["jt.theorem1.risk", "jt.theorem1.norms", "jt.theorem1.adjacent", "jt.theorem2.direction",
            "ll.risk-exponent", "ll.smoothed-margin", "shngs.residual", "ll.margin-long"])
        {
            var result = ClaimRuns.Result(run, id);
            Assert.Equal(Verdict.HypothesisNotMet, result.Verdict);
            Assert.Contains("too short", result.Hypothesis);
            Assert.True(double.IsNaN(result.Measured));
        }
    }

    [Fact]
    public void NothingOfAMarginIsJudgedWithoutOne()
    {
        var points = new SignedPoints([1, 0, -1, 0, 0, 1], 3, 2);
        var shape = NetworkShape.Uniform(2, 2, 3);
        var problem = new ClaimProblem
        {
            Name = "not separable",
            Shape = shape,
            Points = points,
            Margin = HardMargin.Solve(points),
            Loss = MarginLoss.Exponential,
            Start = Initialization.Gaussian(shape, 0.3, new RandomStream(1)),
        };
        var run = EvidenceRun.Flow(problem, new DormandPrince54(1e-9), ClaimRuns.Tolerance, [Stops.StepLimit(100)], CancellationToken.None);
        Assert.Equal(Separability.No, run.Margin.Separability);
        Assert.Empty(ClaimRuns.With(run, Verdict.Fails));
        Assert.Equal(["jt.equation2", "jt.equation3", "jt.lemma2.rank-one"],
            ClaimRuns.With(run, Verdict.Holds).Except(["jt.lemma2.adjacent"]));
    }
}
