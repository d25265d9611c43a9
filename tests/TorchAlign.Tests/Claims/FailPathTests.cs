using TorchAlign.Claims;

namespace TorchAlign.Tests.Claims;

/// <summary>
/// Every claim fails on a record that is wrong in its quantity, and nothing else fails but what says the same in other words.
/// </summary>
public class FailPathTests
{
    private static readonly Dictionary<string, (string Run, Func<RunEvidence, RunEvidence> Change, string[] Fails)> _corruptions = new()
    {
        ["the risk stands still for one observation"] = ("deep",
            run => Middle(run) is var i ? run.At(i, o => o with { LogRisk = run.Observations[i - 1].LogRisk }) : run,
            ["jt.theorem1.risk"]),
        ["the risk rises before it is small"] = ("deep",
            run => run.At(2, o => o with { LogRisk = run.Observations[1].LogRisk + 1e-6 }), ["jt.theorem1.risk-falls"]),
        ["a layer's norm lags behind the others"] = ("shallow",
            run => run.AtLast(o => o with { FrobeniusNorms = o.FrobeniusNorms.Scaled(0.999) }),
            ["jt.theorem1.norms", "jt.theorem2.direction", "ll.margin", "ll.margin-long"]),
        ["more time has passed than the risk and the norms show"] = ("deep",
            run => run.AtLast(o => o with { LogTime = o.LogTime * 1.001 }),
            ["jt.theorem1.risk", "jt.theorem1.norms", "ll.risk-exponent", "ll.risk-constant"]),
        ["a layer is not rank one at the end"] = ("deep",
            run => run.AtLast(o => o with { RankOneResiduals = [o.RankOneResiduals[0], 0.5, .. o.RankOneResiduals[2..]] }),
            ["jt.theorem1.rank-one", "jt.lemma2.rank-one"]),
        ["a layer is not rank one on the way"] = ("deep",
            run => run.At(Middle(run), o => o with { RankOneResiduals = [1, .. o.RankOneResiduals[1..]] }), ["jt.lemma2.rank-one"]),
        ["the first layer's spectral ratio is low at the end"] = ("deep",
            run => run.AtLast(o => o with { SpectralRatios = o.SpectralRatios.Scaled(0, 0.99) }), ["jt.theorem1.spectral-ratio"]),
        ["layers are not aligned at the end"] = ("deep",
            run => run.AtLast(o => o with { AdjacentAlignments = o.AdjacentAlignments.Scaled(1, 0.9) }),
            ["jt.theorem1.adjacent", "jt.lemma2.adjacent"]),
        ["layers are not aligned on the way"] = ("deep",
            run => run.At(Middle(run), o => o with { AdjacentAlignments = o.AdjacentAlignments.Scaled(1, 0.5) }), ["jt.lemma2.adjacent"]),
        ["w_prod is not v_1"] = ("deep",
            run => run.AtLast(o => o with { ProductAlignment = 0.99 }), ["jt.theorem1.product"]),
        ["v_1 is not u_bar"] = ("deep",
            run => run.AtLast(o => o with { FirstRightAlignment = 0.99 }), ["jt.theorem2.first-layer"]),
        ["w_prod points away from u_bar"] = ("deep",
            run => run.AtLast(o => o with { Product = o.Product.Scaled(-1) }), ["jt.theorem2.direction"]),
        ["the normalised margin is short of gamma"] = ("deep",
            run => run.AtLast(o => o with { NormalizedMargin = 0.99 * o.NormalizedMargin }), ["jt.corollary.margin"]),
        ["the rows of a layer change places"] = ("deep",
            run => run.State(Middle(run), (shape, state) =>
            {
                var first = shape.Layer(state.AsSpan(), 0);
                var row = first[..2].ToArray();
                first[2..4].CopyTo(first);
                row.CopyTo(first[2..4]);
            }), ["jt.equation2"]),
        ["a layer grows and the next shrinks"] = ("deep",
            run => run.State(Middle(run), (shape, state) =>
            {
                foreach (ref var value in shape.Layer(state.AsSpan(), 0)) value *= 1.001;
                foreach (ref var value in shape.Layer(state.AsSpan(), 1)) value /= 1.001;
            }), ["jt.equation2", "jt.equation3"]),
        ["a step of descent gains nothing"] = ("descent",
            run => run.Record(record => record.LogRisk[101] = record.LogRisk[100]), ["jt.descent.step"]),
        ["the gradient was larger than what descent gained"] = ("descent",
            run => run.Record(record =>
            {
                for (var t = 0; t < record.LogGradientNorm.Length; t++) record.LogGradientNorm[t] += Math.Log(2);
            }), ["jt.descent.step", "jt.descent.sum"]),
        ["descent's risk is back where it began"] = ("descent",
            run => run.AtLast(o => o with { LogRisk = run.Observations[0].LogRisk }), ["jt.theorem3.risk", "jt.theorem3.risk-falls"]),
        ["descent's risk rises before it is small"] = ("descent",
            run => run.At(3, o => o with { LogRisk = run.Observations[2].LogRisk + 1e-9 }), ["jt.theorem3.risk-falls"]),
        ["descent has taken more time than its risk and norms show"] = ("descent",
            run => run.AtLast(o => o with { LogTime = o.LogTime + 10 }), ["jt.theorem3.risk", "jt.theorem3.norms"]),
        ["descent's normalised margin is short of gamma"] = ("descent",
            run => run.AtLast(o => o with { NormalizedMargin = -o.NormalizedMargin }), ["jt.theorem4.margin"]),
        ["descent's layer is not rank one"] = ("descent",
            run => run.AtLast(o => o with { RankOneResiduals = [1, 0] }), ["jt.theorem3.rank-one"]),
        ["descent's spectral ratio is low"] = ("descent",
            run => run.AtLast(o => o with { SpectralRatios = [0.8, 1] }), ["jt.theorem3.spectral-ratio"]),
        ["descent's layers are not aligned"] = ("descent",
            run => run.AtLast(o => o with { AdjacentAlignments = [0.5] }), ["jt.theorem3.adjacent"]),
        ["descent's w_prod is not v_1"] = ("descent",
            run => run.AtLast(o => o with { ProductAlignment = 0.5 }), ["jt.theorem3.product"]),
        ["descent's v_1 is not u_bar"] = ("descent",
            run => run.AtLast(o => o with { FirstRightAlignment = 0.5 }), ["jt.theorem4.first-layer"]),
        ["descent's w_prod points away from u_bar"] = ("descent",
            run => run.AtLast(o => o with { Product = o.Product.Scaled(-1) }), ["jt.theorem4.direction"]),
        ["R falls faster than the rate"] = ("deep",
            run => run.Everywhere(o => o with { LogTime = o.LogTime - 0.5 * Math.Log(Math.Max(o.LogTime, 1)) }),
            ["ll.risk-exponent", "ll.risk-constant"]),
        ["R is a constant factor off"] = ("deep",
            run => run.Everywhere(o => o with { LogTime = o.LogTime - 0.1 }), ["ll.risk-constant"]),
        ["the norm grows too fast at the end"] = ("deep",
            run => run.Everywhere(o => o.LogTime < 0.5 * run.Last.LogTime && o.LogTime > 1
                ? o with { FrobeniusNorms = o.FrobeniusNorms.Scaled(0.9) } : o),
            ["jt.theorem1.risk", "ll.norm-exponent"]),
        ["the smoothed margin falls"] = ("deep",
            run => run.At(Middle(run), o => o with { SmoothedMargin = 0.999 * o.SmoothedMargin }), ["ll.smoothed-margin"]),
        ["the direction's margin is short of gamma"] = ("deep",
            run => run.AtLast(o => o with { DirectionMargin = 0.99 * o.DirectionMargin }), ["ll.margin"]),
        ["the margin's limit is a little off"] = ("balanced",
            run => run.AtLast(o => o with { DirectionMargin = (1 - 2e-6) * o.DirectionMargin }), ["ll.margin-long"]),
        ["the residual is 2% off"] = ("deep",
            run => run.AtLast(o => o with { AngleTimesNorm = 1.02 * o.AngleTimesNorm }), ["shngs.residual"]),
        ["what lies outside the span is 2% off"] = ("outside",
            run => run.AtLast(o => o with { AngleTimesNorm = 1.02 * o.AngleTimesNorm }), ["residual.outside"]),
        ["the law of data that span the space holds on data that do not"] = ("outside",
            run => run.AtLast(o => o with { AngleTimesNorm = run.Residual.Norm }), ["residual.outside", "residual.span-needed"]),
        ["the saddle is left downwards"] = ("saddle",
            run => run.AtLast(o => o with { LogRisk = o.LogRisk - 1e-6 }), ["jt.assumption2.saddle"]),
        ["the layers stay away from the saddle"] = ("saddle",
            run => run.AtLast(o => o with { FrobeniusNorms = [1e-3, 1e-3] }), ["jt.assumption2.origin"]),
    };

    public static TheoryData<string> Corruptions => [.. _corruptions.Keys];

    [Theory]
    [MemberData(nameof(Corruptions))]
    public void WrongRecordFailsItsClaims(string corruption)
    {
        var (name, change, fails) = _corruptions[corruption];
        Assert.Equal(fails, ClaimRuns.With(change(ClaimRuns.Of(name)), Verdict.Fails));
    }

    [Theory]
    [InlineData("deep")]
    [InlineData("balanced")]
    [InlineData("shallow")]
    [InlineData("descent")]
    [InlineData("saddle")]
    [InlineData("outside")]
    public void NothingFailsOnTheTrueRun(string name) => Assert.Empty(ClaimRuns.With(ClaimRuns.Of(name), Verdict.Fails));

    /// <summary>Lemmas 3 and 4 speak of the data; they have their own tests.</summary>
    [Fact]
    public void EveryClaimHasARecordThatFailsIt() => Assert.Equal(
        JiTelgarskyClaims.All.Select(claim => claim.Id).Except(["jt.lemma3", "jt.lemma4"]).Order(),
        _corruptions.Values.SelectMany(corruption => corruption.Fails).Distinct().Order());

    /// <summary>A NaN anywhere must never pass as a claim that holds.</summary>
    [Fact]
    public void NothingHoldsOfNaN()
    {
        var run = ClaimRuns.Deep.AtLast(o => o with
        {
            LogRisk = double.NaN,
            Product = o.Product.Scaled(double.NaN),
            ProductNorm = double.NaN,
            FrobeniusNorms = o.FrobeniusNorms.Scaled(double.NaN),
            SpectralRatios = o.SpectralRatios.Scaled(double.NaN),
            RankOneResiduals = o.RankOneResiduals.Scaled(double.NaN),
            AdjacentAlignments = o.AdjacentAlignments.Scaled(double.NaN),
            ProductAlignment = double.NaN,
            FirstRightAlignment = double.NaN,
            AngleTimesNorm = double.NaN,
            DirectionMargin = double.NaN,
            NormalizedMargin = double.NaN,
            SmoothedMargin = double.NaN,
        }).State(ClaimRuns.Deep.States.Count - 1, (_, state) => Array.Fill(state, double.NaN));
        // What is left speaks of the data alone.
        Assert.Equal(["jt.lemma3", "jt.lemma4"], ClaimRuns.With(run, Verdict.Holds));
    }

    private static int Middle(RunEvidence run) => run.Where(-1000);
}
