using TorchAlign.Alignment;
using TorchAlign.Networks;
using TorchAlign.Recording;

namespace TorchAlign.Tests.Recording;

/// <summary>Made-up records: numbers without a short decimal form, so that a lossy format shows.</summary>
internal static class Samples
{
    public static Observation Observation(int depth, int inputs, double seed = 1) => new()
    {
        Step = 3,
        Evaluations = 7,
        Clock = seed / 3,
        LogTime = seed * Math.PI,
        LogRisk = -seed * Math.E,
        LogGradientNorm = -seed * Math.Sqrt(2),
        Product = Numbers(inputs, seed),
        ProductNorm = seed * 1.1,
        FrobeniusNorms = Numbers(depth, seed * 3),
        SpectralRatios = Numbers(depth, seed * 5),
        RankOneResiduals = Numbers(depth, seed * 7e-9),
        AdjacentAlignments = Numbers(depth - 1, seed * 11),
        ProductAlignment = seed / 7,
        FirstRightAlignment = seed / 11,
        OneMinusCosine = seed * 1e-17 / 3,
        AngleTimesNorm = seed / 13,
        DirectionMargin = seed / 17,
        NormalizedMargin = seed / 19,
        SmoothedMargin = -seed / 23,
        DualWeightDistance = seed / 29,
        BalancednessDrift = double.Epsilon,
    };

    public static RunDescription Description(params NetworkShape[] shapes) => new()
    {
        CommandLine = ["torchalign", "figure1", "--seed", "7"],
        Configuration = new { Depths = new[] { 1, 4 }, Scale = 0.1, Cap = double.PositiveInfinity },
        Seed = 7,
        Versions = RunVersions.Current("2.4.0 (test)"),
        Device = "cpu",
        Dtype = "float64",
        Data = new DataIdentity("planar <7>", new string('a', 64)),
        Networks = NetworkIdentity.ByDepth(shapes),
        StartedAt = new DateTimeOffset(2026, 2, 3, 5, 6, 7, TimeSpan.FromHours(1)),
    };

    public static Summary Summary() => new()
    {
        Command = "figure1",
        Seed = 7,
        MaxMargin = new MaxMarginSummary
        {
            Gamma = 0.1,
            GammaInDataUnits = 0.7,
            Direction = [0.6, 0.8],
            Lower = 0.1 - 1e-16,
            Upper = 0.1 + 1e-16,
            RelativeGap = 2e-15,
            SupportVectors = [3, 5],
        },
        Networks = [NetworkSummary.From(NetworkShape.Uniform(2, 4, 3), Observation(4, 2), double.NaN, 1.5, "converged")],
    };

    private static double[] Numbers(int count, double seed) =>
        [.. Enumerable.Range(1, count).Select(k => seed * Math.Sqrt(k) / 9)];
}

/// <summary>A folder that goes with the test.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("torchalign-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
