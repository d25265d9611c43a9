using TorchAlign.Data;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.States;

namespace TorchAlign.Benchmarks;

/// <summary>The four problems of `torchalign bench`, by their names there.</summary>
internal static class Shapes
{
    private const int Seed = 7;

    public static (FusedField Field, StateVector W) Problem(string name)
    {
        var (n, d, width) = name switch
        {
            "40x2" => (40, 2, 2),
            "100x10" => (100, 10, 32),
            "1000x100" => (1000, 100, 256),
            "10000x784" => (10_000, 784, 512),
            _ => throw new ArgumentException($"There is no problem '{name}'.", nameof(name)),
        };
        var data = d == 2 ? Generators.PlanarSet(Seed, n) : Generators.Gaussian(Seed, n, d, margin: 0.1);
        var shape = NetworkShape.Uniform(d, 4, width);
        var field = new FusedField(shape, data.ToSignedPoints().Z, MarginLoss.Logistic);
        var w = field.NewState();
        w.CopyFrom(Initialization.Gaussian(shape, 1, new RandomStream(Seed)));
        return (field, w);
    }
}
