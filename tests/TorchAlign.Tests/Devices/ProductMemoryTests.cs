using TorchAlign.Devices;
using TorchAlign.Fields;
using TorchAlign.Networks;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Devices;

/// <summary>What networks with several outputs take, and what is said where there is not so much.</summary>
public class ProductMemoryTests
{
    private static readonly ProductMemory Large = new(new NetworkShape(4000, 8000, 8000, 2000), 1e6, ScalarType.Float64);

    [Fact]
    public void The_parts_are_counted()
    {
        var memory = new ProductMemory(new NetworkShape(4, 2, 3), 100, ScalarType.Float64);
        Assert.Equal(8 * 100, memory.LossBytes);
        Assert.Equal(8 * 4 * 14, memory.StateBytes);
        Assert.Equal(0, memory.BasisBytes);
        // All cuts cost the same; the first is at the width 4.
        Assert.Equal(8 * (4 * (9 + 2 * 4) + 3 * 12), memory.WorkBytes);
        Assert.Equal(memory.TotalBytes / 2, (memory with { DType = ScalarType.Float32 }).TotalBytes);
        Assert.Equal(8 * (100 + 5 * 4), (memory with { Samples = 5 }).LossBytes);
        var constrained = memory with { Coordinates = 6, BasisEntries = 10 };
        Assert.Equal(8 * (4 * 6 + 2 * 14), constrained.StateBytes);
        Assert.Equal(2 * 16 * 10, constrained.BasisBytes);
    }

    [Fact]
    public void What_would_fit_does_and_one_more_does_not()
    {
        foreach (var bytes in (double[])[3e9, 1e9, 4e8])
        {
            var width = Large.LargestHidden(bytes);
            Assert.InRange(width, 1, 7999);
            Assert.True(Hidden(width).TotalBytes <= bytes);
            Assert.True(Hidden(width + 1).TotalBytes > bytes);
            Assert.Contains(FormattableString.Invariant($"hidden layers of at most {width:N0}"), Large.Advice(bytes));
        }
        Assert.Contains("float32", Large.Advice(0.6 * Large.TotalBytes));
        Assert.DoesNotContain("float32", Large.Advice(0.4 * Large.TotalBytes));
        Assert.Contains("Nothing of this network fits", Large.Advice(1e5));
        Assert.Contains("something else", Large.Advice(1e12));

        static ProductMemory Hidden(int width) => Large with { Shape = new NetworkShape(4000, width, width, 2000) };
    }

    /// <summary>The widths of constrained layers are not the user's to choose.</summary>
    [Fact]
    public void Constrained_layers_are_not_told_to_be_narrower()
    {
        var memory = Large with { Coordinates = 1000, BasisEntries = 1e6 };
        Assert.Equal("Nothing of this network fits there.", memory.Advice(1e8));
        Assert.Contains("1,000 float64 parameters", memory.ToString());
        Assert.Contains("bases", memory.ToString());
    }

    [Fact]
    public void Fields_know_what_they_take()
    {
        var layers = TorchPulledBackFieldTests.Images(Border.Zero);
        var loss = ProductProblems.Losses(layers.Shape, new RandomStream(1)).First();
        using var field = new TorchPulledBackField(loss, new ConstraintMap(layers));
        Assert.Equal(layers.Layout.Length, field.Memory.Coordinates);
        Assert.Equal(layers.Layers.Sum(layer => layer.NonzeroCount), field.Memory.BasisEntries);
        // P*, X X^T, a difference, a gradient and P, all of 12 x 12.
        Assert.Equal(8 * 4 * 144, field.Memory.LossBytes);
    }

    [Theory, OnCpu, OnCuda]
    public void An_allocation_that_fails_says_what_was_asked_and_what_would_fit(string device)
    {
        var place = DeviceName.Resolve(device);
        var error = Assert.Throws<DeviceMemoryException>(() =>
            (Large with { LossNumbers = 1e15 }).Guard(place, () => empty([1_000_000_000, 1_000_000], dtype: float64, device: place)));
        Assert.StartsWith($"The memory of {place} ran out when it was asked for 8000000.0 GB", error.Message);
        Assert.Contains("8000000.0 GB loss", error.Message);
        Assert.Contains("4000-8000-8000-2000", error.Message);
        Assert.Contains("Nothing of this network fits", error.Message);
    }
}
