using BenchmarkDotNet.Attributes;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TorchAlign.Benchmarks;

/// <summary>What a call into torch costs before any arithmetic does.</summary>
[MemoryDiagnoser]
public class TorchBenchmarks
{
    private Tensor _a = null!, _b = null!;

    [GlobalSetup]
    public void Make() =>
        (_a, _b) = (ones(2, 2, dtype: float64).DetachFromDisposeScope(), ones(2, 2, dtype: float64).DetachFromDisposeScope());

    [GlobalCleanup]
    public void Drop()
    {
        _a.Dispose();
        _b.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void Add() => (_a + _b).Dispose();

    [Benchmark]
    public void MatMul() => _a.matmul(_b).Dispose();

    [Benchmark]
    public void Scope()
    {
        using var scope = NewDisposeScope();
        _a.matmul(_b);
    }
}
