using BenchmarkDotNet.Attributes;
using TorchAlign.Data;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.States;

namespace TorchAlign.Benchmarks;

/// <summary>Risk and gradient of networks with several outputs under the squared loss; the samples cost nothing.</summary>
[MemoryDiagnoser]
public class ProductFieldBenchmarks
{
    private const int Samples = 1000, Seed = 7;

    private ProductField _field = null!;
    private StateVector _w = null!, _direction = null!;

    [Params("10-5-10", "70-35-70", "70-70-70-70", "70-35-42-49-56-63-70", "784-1024-64-10")]
    public string Widths { get; set; } = "";

    [GlobalSetup]
    public void Make()
    {
        var shape = new NetworkShape([.. Widths.Split('-').Select(int.Parse)]);
        var random = new RandomStream(Seed);
        var data = RegressionGenerators.Gaussian(Samples, shape.Inputs, shape.Outputs, random);
        _field = new ProductField(shape, SquaredLoss.Sum(SecondMoments.Of(data)));
        (_w, _direction) = (_field.NewState(), _field.NewState());
        _w.CopyFrom(Initialization.Gaussian(shape, 1, random));
    }

    [Benchmark]
    public FieldValue Evaluate() => _field.Evaluate(_w, _direction);
}
