using BenchmarkDotNet.Attributes;
using TorchAlign.Losses;

namespace TorchAlign.Benchmarks;

/// <summary>log R and the weights of n margins.</summary>
[MemoryDiagnoser]
public class LossBenchmarks
{
    private double[] _margins = [], _weights = [];

    [ParamsSource(nameof(Losses))]
    public MarginLoss Loss { get; set; } = null!;

    [Params(40, 10_000)]
    public int Count { get; set; }

    public static IEnumerable<MarginLoss> Losses => MarginLoss.All;

    [GlobalSetup]
    public void Make()
    {
        _margins = [.. Enumerable.Range(0, Count).Select(i => 10 * Math.Sin(i))];
        _weights = new double[Count];
    }

    [Benchmark]
    public double LogRiskAndWeights() => Loss.LogRiskAndWeights(_margins, _weights);
}
