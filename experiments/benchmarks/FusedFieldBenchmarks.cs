using BenchmarkDotNet.Attributes;
using TorchAlign.Fields;
using TorchAlign.States;

namespace TorchAlign.Benchmarks;

/// <summary>Risk and gradient, and the error norm of the integrators.</summary>
[MemoryDiagnoser]
public class FusedFieldBenchmarks
{
    private FusedField _field = null!;
    private StateVector _w = null!, _direction = null!, _error = null!;

    [Params("40x2", "100x10", "1000x100", "10000x784")]
    public string Problem { get; set; } = "";

    [GlobalSetup]
    public void Make()
    {
        (_field, _w) = Shapes.Problem(Problem);
        (_direction, _error) = (_field.NewState(), _field.NewState());
        _field.Evaluate(_w, _error);
    }

    [Benchmark(Baseline = true)]
    public FieldValue Evaluate() => _field.Evaluate(_w, _direction);

    [Benchmark]
    public double MarginSpaceNorm() => _field.MarginSpaceNorm(_w, _error);
}
