using System.Text.Json.Nodes;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Recording;

namespace TorchAlign.Tests.Commands;

/// <summary>Starts of any size end with a true sentence: in the direction, at a critical point, where float64 ends, or refused.</summary>
public sealed class StartSizeTests : IDisposable
{
    private readonly Program _program = new();

    public void Dispose() => _program.Dispose();

    [Theory]
    [InlineData(0, "critical-point", 1)]
    [InlineData(1e-300, "critical-point", 1)]
    [InlineData(1e-150, "found", 0)]
    [InlineData(1e-10, "found", 0)]
    [InlineData(1, "found", 0)]
    [InlineData(1e10, "float64-exhausted", 1)]
    [InlineData(1e100, "float64-exhausted", 1)]
    [InlineData(1e154, null, 2)]
    [InlineData(1e300, null, 2)]
    public void Two_layers_of_any_size_end_with_a_true_sentence(double size, string? end, int status)
    {
        var random = new RandomStream(1);
        var (first, second) = (new double[6], new double[3]);
        foreach (var layer in (double[][])[first, second])
            for (var i = 0; i < layer.Length; i++) layer[i] = size * random.NextGaussian();
        var file = Path.Combine(_program.Folder, "start.npz");
        NpzWriter.Write(file, [NpzArray.Float64("W1", first, 3, 2), NpzArray.Float64("W2", second, 1, 3)]);

        var result = _program.Run("train", "--start", "start.npz", "--threads", "1", "--json");
        Assert.Equal(status, result.ExitCode);
        if (end is null)
        {
            Assert.Contains("too large for float64", result.Error);
            Assert.Equal("", result.Output);
            Assert.False(Directory.Exists(Path.Combine(_program.Folder, "runs")), "something was left behind");
            return;
        }
        var network = JsonNode.Parse(result.Output)!["networks"]![0]!;
        Assert.Equal(end, (string)network["result"]!);
        Assert.DoesNotContain("on the true curve", (string)network["message"]!);
        if (end == "critical-point") Assert.Contains("gradient at the start is 0 in float64", (string)network["message"]!);
    }
}
