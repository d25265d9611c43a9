using TorchAlign.Claims;

namespace TorchAlign.Tests.Claims;

/// <summary>Every claim of [NRT] holds where it speaks, and fails on a record that is wrong in its quantity.</summary>
public class NguegnangTests
{
    private static readonly Lazy<IReadOnlyDictionary<string, NguegnangEvidence>> _runs = new(() =>
        NguegnangRuns.All(7).ToDictionary(problem => problem.Name, problem => problem.Follow(CancellationToken.None)));

    private static readonly Dictionary<string, (string Run, Func<NguegnangEvidence, NguegnangEvidence> Change, string[] Fails)>
        _corruptions = new()
        {
            ["a step of descent gains less than it should"] = ("N = 2, balanced start, constant step at the published bound",
            run => run with { Descent = run.Descent with { Loss = With(run.Descent.Loss, 100, run.Descent.Loss[99]) } }, ["nrt.descent"]),
            ["the defect grows beyond delta"] = ("N = 3, delta-unbalanced (0.02) start, constant step at the published bound",
            run => At(run, 20, o => o with { Defect = 1.0001 * run.Constants!.Delta }), ["nrt.defect"]),
            ["the product grows beyond M"] = ("N = 3, identity start, constant step at the published bound",
            run => At(run, 20, o => o with { ProductNorm = 1.0001 * run.Constants!.M }), ["nrt.product"]),
            ["a layer grows beyond K"] = ("N = 3, identity start, constant step at the published bound",
            run => At(run, 20, o => o with { LargestLayer = 1.0001 * run.Constants!.K }), ["nrt.layers"]),
            ["the gradient never falls"] = ("N = 2, balanced start, constant step at the published bound",
            run => run with { Descent = run.Descent with { GradientNorm = [.. run.Descent.GradientNorm.Select(_ => 10.0)] } },
            ["nrt.descent", "nrt.rate"]),
            ["the run stands still before a critical point"] = ("N = 2, balanced start, constant step at the published bound",
            run => run with
            {
                Descent = run.Descent with { GradientNorm = With(run.Descent.GradientNorm, run.Descent.Steps, 1e-9) },
                SlowestRate = 10,
            }, ["nrt.critical-point"]),
            ["two layers stay above the minimum"] = ("N = 2, small Gaussian start 3, constant step at the sharpened bound",
            run => run with { Found = run.Found! with { Loss = (1 + 2e-10) * run.Found.Loss } }, ["nrt.global-minimum"]),
            ["two layers find the minimum of a smaller rank"] = ("N = 2, small Gaussian start 4, constant step at the sharpened bound",
            run => run with { Found = run.Found! with { Rank = 2, Loss = run.Found.LeastLosses[2] } }, ["nrt.global-minimum"]),
            ["three layers miss the minimum of their rank"] = ("N = 3, small Gaussian start 5, constant step at the sharpened bound",
            run => run with { Found = run.Found! with { Rank = 2 } }, ["nrt.rank-minimum"]),
            ["the product is not the minimiser"] = ("N = 3, small Gaussian start 6, constant step at the sharpened bound",
            run => run with { Found = run.Found! with { Distance = 1e-6 } }, ["nrt.minimizer"]),
            ["steps far above the bound do no harm"] = ("N = 2, balanced start, 3,000 times the published bound",
            run => run with { Descent = run.Descent with { Loss = [.. run.Descent.Loss.Select(_ => 1.0)] } }, ["nrt.dropped.step"]),
            ["unbalanced layers do no harm"] = (Rescaled,
            run => run with { Descent = run.Descent with { Loss = [.. run.Descent.Loss.Select(_ => run.Descent.Loss[0])] } },
            ["nrt.dropped.balance"]),
            ["unbalanced layers are small"] = (Rescaled,
            run => run with { Observations = [.. run.Observations.Select(o => o with { LargestLayer = 1 })] },
            ["nrt.dropped.balance-layers"]),
            ["the limit is determined by singular data"] = ("N = 2, 3 samples in 5 dimensions, Gaussian start, eta = 0.01",
            run => run with { DistanceToLeastSquares = 1e-9 }, ["nrt.dropped.rank"]),
            ["a start of rank one finds the minimum"] = ("N = 3, balanced rank-one start, constant step at the sharpened bound",
            run => run with { Found = run.Found! with { Loss = run.Found.LeastLosses[^1] } }, ["nrt.dropped.generic"]),
        };

    private const string Rescaled = "N = 3, the balanced start with 2^10 W_1 and 2^-10 W_N, constant step at the balanced start's bound";

    public static TheoryData<string> Corruptions => [.. _corruptions.Keys];

    [Theory]
    [MemberData(nameof(Corruptions))]
    public void WrongRecordFailsItsClaims(string corruption)
    {
        var (name, change, fails) = _corruptions[corruption];
        Assert.Equal(fails, With(change(_runs.Value[name]), Verdict.Fails));
    }

    [Fact]
    public void EveryClaimHasARecordThatFailsIt() => Assert.Equal(
        NguegnangClaims.All.Select(claim => claim.Id).Order(),
        _corruptions.Values.SelectMany(corruption => corruption.Fails).Distinct().Order());

    [Fact]
    public void NothingFailsAndEveryClaimHoldsSomewhere()
    {
        var results = _runs.Value.Values.SelectMany(NguegnangClaims.Check).ToArray();
        Assert.DoesNotContain(results, result => result.Verdict == Verdict.Fails);
        Assert.Equal(NguegnangClaims.All.Select(claim => claim.Id).Order(),
            results.Where(result => result.Verdict == Verdict.Holds).Select(result => result.Id).Distinct().Order());
    }

    /// <summary>What drops a hypothesis is not judged by the claims that need it.</summary>
    [Theory]
    [InlineData("N = 2, balanced start, 3,000 times the published bound", "nrt.descent", "the longest step")]
    [InlineData(Rescaled, "nrt.layers", "is not below delta")]
    [InlineData("N = 2, 3 samples in 5 dimensions, Gaussian start, eta = 0.01", "nrt.product", "rank 3 in 5 dimensions")]
    [InlineData("N = 3, balanced rank-one start, constant step at the sharpened bound", "nrt.rank-minimum", "measure zero")]
    [InlineData("N = 2, balanced start, steps ~ 1/(k + 1) at the published bound", "nrt.critical-point", "the run is too short")]
    [InlineData("N = 3, identity start, constant step at the published bound", "nrt.global-minimum", "for N = 2")]
    public void DroppedHypothesesAreNamed(string run, string claim, string why)
    {
        var result = NguegnangClaims.All.Single(c => c.Id == claim).Check(_runs.Value[run]);
        Assert.Equal(Verdict.HypothesisNotMet, result.Verdict);
        Assert.Contains(why, result.Hypothesis, StringComparison.Ordinal);
    }

    [Fact]
    public void NothingHoldsOfNaN()
    {
        var run = _runs.Value["N = 2, balanced start, constant step at the published bound"];
        run = run with
        {
            Descent = run.Descent with
            {
                Loss = [run.Descent.Loss[0], .. run.Descent.Loss[1..].Select(_ => double.NaN)],
                GradientNorm = [.. run.Descent.GradientNorm.Select(_ => double.NaN)],
            },
            Observations = [run.Observations[0],
                .. run.Observations.Skip(1).Select(o =>
                    o with { Defect = double.NaN, ProductNorm = double.NaN, LargestLayer = double.NaN })],
            Found = run.Found! with { Loss = double.NaN, Distance = double.NaN },
        };
        Assert.Empty(With(run, Verdict.Holds));
    }

    [Fact]
    public void CancelledSuitesEnd() => Assert.Throws<OperationCanceledException>(() =>
        NguegnangSuite.Run(0, new CancellationToken(canceled: true), null));

    private static string[] With(NguegnangEvidence run, Verdict verdict) =>
        [.. NguegnangClaims.Check(run).Where(result => result.Verdict == verdict).Select(result => result.Id)];

    private static double[] With(double[] values, int index, double value)
    {
        double[] copy = [.. values];
        copy[index] = value;
        return copy;
    }

    private static NguegnangEvidence At(NguegnangEvidence run, int index, Func<SquaredObservation, SquaredObservation> change)
    {
        SquaredObservation[] observations = [.. run.Observations];
        observations[index] = change(observations[index]);
        return run with { Observations = observations };
    }
}
