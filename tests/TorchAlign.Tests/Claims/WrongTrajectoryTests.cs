using TorchAlign.Claims;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;

namespace TorchAlign.Tests.Claims;

/// <summary>Trajectories that somebody could really have computed, and that are wrong.</summary>
public class WrongTrajectoryTests
{
    [Fact]
    public void EulerWithHugeStepsBreaksTheInvariants()
    {
        var problem = ClaimRuns.Problem("euler", 4, MarginLoss.Exponential, ClaimRuns.Start.Gaussian);
        var run = EvidenceRun.Flow(problem, new Euler(0.5), ClaimRuns.Tolerance,
            [Stops.RiskBelow(-200), Stops.StepLimit(100_000)], CancellationToken.None);
        var fails = ClaimRuns.With(run, Verdict.Fails);
        Assert.Contains("jt.equation2", fails);
        Assert.Contains("jt.equation3", fails);
    }

    [Fact]
    public void TrajectoryThatStandsStillDoesNotGoToInfinity()
    {
        var run = ClaimRuns.Deep;
        var still = run.Where(-50);
        var stuck = run with
        {
            Observations = [.. run.Observations.Select((o, i) => i <= still ? o : run.Observations[still] with { LogTime = o.LogTime })],
            States = [.. run.States.Select((state, i) => run.States[Math.Min(i, still)])],
        };
        var fails = ClaimRuns.With(stuck, Verdict.Fails);
        foreach (var id in (string[])["jt.theorem1.risk", "jt.theorem1.norms", "ll.risk-exponent", "ll.risk-constant", "ll.norm-exponent"])
            Assert.Contains(id, fails);
    }

    [Fact]
    public void ShuffledRisksFail()
    {
        var run = ClaimRuns.Deep;
        var risks = run.Observations.Select(o => o.LogRisk).ToArray();
        new Random(1).Shuffle(risks);
        var fails = ClaimRuns.With(
            run with { Observations = [.. run.Observations.Zip(risks, (o, risk) => o with { LogRisk = risk })] }, Verdict.Fails);
        Assert.Contains("jt.theorem1.risk", fails);
        Assert.Contains("jt.theorem1.risk-falls", fails);
    }

    /// <summary>The flow of other data is a true flow: only what ties it to these data is wrong.</summary>
    [Fact]
    public void FlowOfOtherDataMissesTheDirection()
    {
        var points = Generators.PlanarSet(7).ToSignedPoints();
        var otherPoints = Generators.PlanarSet(8).ToSignedPoints();
        var other = ClaimRuns.Problem("other", otherPoints, 4, MarginLoss.Exponential, ClaimRuns.Start.Gaussian);
        var run = ClaimRuns.Flow(other with { Margin = HardMargin.Solve(points) }, -1e6) with { Points = points };
        var fails = ClaimRuns.With(run, Verdict.Fails);
        Assert.Contains("jt.theorem2.direction", fails);
        Assert.Contains("jt.theorem2.first-layer", fails);
        Assert.Contains("jt.corollary.margin", fails);
        Assert.Contains("shngs.residual", fails);
        Assert.DoesNotContain("jt.equation2", fails);
        Assert.DoesNotContain("jt.theorem1.adjacent", fails);
    }

    /// <summary>Descent with steps above Assumption 5 is no evidence for or against its theorems.</summary>
    [Fact]
    public void StepsBeyondAssumptionFiveAreNotJudged()
    {
        var run = ClaimRuns.Descent.Record(record => record.Eta[10] *= 1.01);
        Assert.All(JiTelgarskyClaims.Check(run).Where(result => result.Id.StartsWith("jt.theorem3", StringComparison.Ordinal)
            || result.Id.StartsWith("jt.descent", StringComparison.Ordinal)), result =>
        {
            Assert.Equal(Verdict.HypothesisNotMet, result.Verdict);
            Assert.Contains("t = 10", result.Hypothesis);
        });
    }
}
