using TorchAlign.Claims;
using TorchAlign.Networks;

namespace TorchAlign.Tests.Claims;

/// <summary>The suite of [RNBU] once: nothing fails, every claim holds somewhere, and every claim fails on a wrong record.</summary>
public class AlignmentClaimTests : IClassFixture<AlignmentClaimTests.Suite>
{
    private const int Seed = 7;

    private readonly Suite _suite;

    public AlignmentClaimTests(Suite suite) => _suite = suite;

    /// <summary>Every run of the suite, made once.</summary>
    public sealed class Suite
    {
        public IReadOnlyDictionary<string, AlignmentEvidence> Runs { get; } = RadhakrishnanRuns.All(Seed)
            .ToDictionary(run => run.Name, run => run.Follow(run.Name, CancellationToken.None));

        public AlignmentEvidence Named(string start) => Runs.First(run => run.Key.StartsWith(start, StringComparison.Ordinal)).Value;
    }

    private const string Kept = "autoencoder, 6-8-6-6", Tied = "autoencoder, equal", Overshot = "factorisation, three",
        Unstable = "steep", Regression = "regression, 5-6-3", Others = "autoencoder, other", RankOne = "one output, logistic, rank one",
        RankThree = "one output, squared, rank three", Convolutions = "9 orthonormal samples, 3x3", Circulants = "regression, circulants",
        Coefficients = "regression, convolutions, zero padding, coefficients", Kernels = "regression, convolutions, zero padding, kernels",
        Rings = "regression, convolutions, circular padding, kernels";

    private static readonly Dictionary<string, Corrupted> _wrong = new()
    {
        ["an entry off the diagonal is wrong"] = new(Kept, run => run.Off(Last(run), 1e-9), ["rnbu.theorem1.invariant"]),
        ["the bases turn"] = new(Kept, run => run.Off(4, 1e-3),
            ["rnbu.theorem1.invariant", "rnbu.theorem1.found", "rnbu.score.kept"]),
        ["a layer grows by 1e-11"] = new(Kept, run => run.Scaled(Last(run) / 2, 1, 1 + 1e-11), ["rnbu.modes.recursion"]),
        ["a mode falls"] = new(Kept, run => run.Scaled(5, 2, 0.5),
            ["rnbu.modes.recursion", "rnbu.rate.rises", "rnbu.rate.contraction"]),
        ["a mode overshoots"] = new(Kept, run => run.Scaled(Last(run), 2, 1 + 1e-6),
            ["rnbu.modes.recursion", "rnbu.rate.no-overshoot"]),
        ["training stands still"] = new(Kept, run => run.Still(),
            ["rnbu.modes.recursion", "rnbu.rate.contraction"]),
        ["a large step overshoots nothing"] = new(Overshot, run => run.Still(),
            ["rnbu.rate.overshoot"]),
        ["rounding stays put"] = new(Unstable, run => run.Still(), ["rnbu.rate.unstable"]),
        ["ties do not disturb the score"] = new(Tied, run => run.Untied(),
            ["rnbu.modes.recursion", "rnbu.rate.contraction", "rnbu.score.ties"]),
        ["data that forbid it leave the bases alone"] = new(Regression, run => run.Still(), ["rnbu.theorem1.only-if"]),
        ["so do other bases"] = new(Others, run => run.Still(), ["rnbu.theorem1.other-bases"]),
        ["data said to be generic allow it"] = new(Kept, run => run with { Generic = true }, ["rnbu.condition.generic"]),
        ["an inner layer turns"] = new(RankOne, run => run.Off(Last(run), 1e-6), ["rnbu.one-output.aligned"]),
        ["a full-rank start keeps its inner bases"] = new(RankThree, run => run.Still(), ["rnbu.one-output.rank"]),
        ["coefficients leave the projected path"] = new(Coefficients, run => run.Scaled(Last(run), 0, 1 + 1e-11),
            ["rnbu.projected.coefficients"]),
        ["kernels of equal norms leave it"] = new(Rings, run => run.Scaled(Last(run), 0, 1 + 1e-11), ["rnbu.projected.equal-norms"]),
        ["kernels of unequal norms do not leave it"] = new(Kernels, run => run with { Projected = run.States }, ["rnbu.projected.kernels"]),
        ["convolutions keep their bases"] = new(Convolutions, run => run.Still(), ["rnbu.constraint.lost", "rnbu.constraint.no-bases"]),
        ["an eigenvalue is off"] = new(Circulants, run => run.Scaled(Last(run), 1, 1 + 1e-11), ["rnbu.circulant.fourier"]),
        ["a layer is no circulant"] = new(Circulants, run => run.Off(Last(run), 1e-3),
            ["rnbu.circulant.aligned", "rnbu.circulant.fourier"]),
    };

    public static TheoryData<string> Wrong => [.. _wrong.Keys];

    [Theory, MemberData(nameof(Wrong))]
    public void WrongRecordFails(string what)
    {
        var (name, change, expected) = _wrong[what];
        var run = change(_suite.Named(name));
        Assert.Equal(expected.Order(), RadhakrishnanClaims.Check(run).Where(result => result.Verdict == Verdict.Fails)
            .Select(result => result.Id).Order());
    }

    /// <summary>
    /// rnbu.condition.obstruction alone has no record that could be wrong: its data satisfy it by what its hypothesis checks.
    /// </summary>
    [Fact]
    public void EveryClaimCanFail() => Assert.Equal(
        RadhakrishnanClaims.All.Select(claim => claim.Id).Where(id => id != "rnbu.condition.obstruction").Order(),
        _wrong.Values.SelectMany(wrong => wrong.Fails).Distinct().Order());

    [Fact]
    public void NothingFailsAndEveryClaimHoldsSomewhere()
    {
        var results = _suite.Runs.Values.SelectMany(RadhakrishnanClaims.Check).ToArray();
        Assert.Empty(results.Where(result => result.Verdict == Verdict.Fails)
            .Select(result => $"{result.Id} on {result.Run}: {result.Detail}"));
        Assert.Equal(RadhakrishnanClaims.All.Select(claim => claim.Id).Order(),
            results.Where(result => result.Verdict == Verdict.Holds).Select(result => result.Id).Distinct().Order());
        Assert.All(_suite.Runs.Values, run => Assert.True(run.End.Reached, $"{run.Name}: {run.End.Name}"));
    }

    /// <summary>
    /// The count says so for many samples and leaves one sample open; the free network on the same samples keeps its bases.
    /// </summary>
    [Fact]
    public void ConvolutionsLoseWhatFreeLayersKeep()
    {
        Assert.Equal(Verdict.HypothesisNotMet, Of("1 orthonormal samples, 3x3", "rnbu.constraint.lost"));
        foreach (var samples in (string[])["3 orthonormal samples", "9 orthonormal samples", "autoencoder, 30 samples"])
        {
            Assert.Equal(Verdict.Holds, Of($"{samples}, 3x3", "rnbu.constraint.lost"));
            Assert.Equal(Verdict.Holds, Of($"{samples}, free", "rnbu.theorem1.invariant"));
        }

        Verdict Of(string run, string id) => RadhakrishnanClaims.All.Single(claim => claim.Id == id).Check(_suite.Named(run)).Verdict;
    }

    [Fact]
    public void CancelledSuiteSaysSo()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => RadhakrishnanSuite.Run(Seed, stop.Token, progress: null));
    }

    private sealed record Corrupted(string Run, Func<AlignmentEvidence, AlignmentEvidence> Change, string[] Fails);

    private static int Last(AlignmentEvidence run) => run.States.Count - 1;
}

/// <summary>Wrong records of true runs.</summary>
internal static class AlignmentCorruption
{
    /// <summary>Adds a share of a layer's size off the diagonal of layer 2, in the start's bases where there are any.</summary>
    public static AlignmentEvidence Off(this AlignmentEvidence run, int sample, double share) => run.Changed(sample, (shape, state) =>
    {
        var layer = LinearProduct.Layer(shape, state, 1);
        if (run.Bases is { } bases)
        {
            var inBases = bases.InBases(state, 1);
            inBases[0, 1] += share * layer.FrobeniusNorm;
            (bases.Left(1) * inBases).TimesTransposed(bases.Right(1)).Values.CopyTo(shape.Layer(state.AsSpan(), 1));
        }
        else
        {
            shape.Layer(state.AsSpan(), 1)[1] += share * layer.FrobeniusNorm;
        }
    });

    public static AlignmentEvidence Scaled(this AlignmentEvidence run, int sample, int layer, double factor) =>
        run.Changed(sample, (shape, state) =>
        {
            foreach (ref var value in shape.Layer(state.AsSpan(), layer)) value *= factor;
        });

    /// <summary>Every state is the first.</summary>
    public static AlignmentEvidence Still(this AlignmentEvidence run) => run with { States = [.. run.States.Select(_ => run.States[0])] };

    /// <summary>The tied singular values are pulled apart, by just less than what counts as a tie.</summary>
    public static AlignmentEvidence Untied(this AlignmentEvidence run)
    {
        var state = run.Bases!.State((_, j) => 0.5 - 4e-10 * j);
        return run with { States = [.. run.States.Select(_ => state)] };
    }

    private static AlignmentEvidence Changed(this AlignmentEvidence run, int sample, Action<NetworkShape, double[]> change)
    {
        var states = run.States.ToArray();
        states[sample] = [.. states[sample]];
        change(run.Shape, states[sample]);
        return run with { States = states };
    }
}
