using BenchmarkDotNet.Attributes;
using TorchAlign.Data;
using TorchAlign.MaxMargin;

namespace TorchAlign.Benchmarks;

/// <summary>The certified maximum margin of the digits 3 and 5.</summary>
[MemoryDiagnoser]
public class HardMarginBenchmarks
{
    private SignedPoints _points = null!;

    [GlobalSetup]
    public void Read() => _points = DataFile.Read(Path.Combine(AppContext.BaseDirectory, "data", "digits.csv"),
        new ReadOptions { Positive = "3", Negative = "5" }).ToSignedPoints();

    [Benchmark]
    public MarginSolution Solve() => HardMargin.Solve(_points);
}
