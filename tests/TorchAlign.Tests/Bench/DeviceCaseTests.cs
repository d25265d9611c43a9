using TorchAlign.Experiments.Bench.OnDevice;

namespace TorchAlign.Tests.Bench;

/// <summary>Sizes of <c>bench --device</c>, and what it refuses.</summary>
public sealed class DeviceCaseTests
{
    [Fact]
    public void At_scale_1_the_sizes_are_those_of_the_goals()
    {
        var first = DeviceCase.All[0].Scaled(1);
        Assert.Equal((1_000_000, 1024, 1000, 1000), (first.Count, first.Dimension, first.Repeats, first.Distinct));
        Assert.Equal([1024, 1024, 1024], first.Hidden);
        var second = DeviceCase.All[1].Scaled(1);
        Assert.Equal((100_000, 784), (second.Count, second.Dimension));
        Assert.Equal([512, 512, 512], second.Hidden);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.01)]
    [InlineData(1e-9)]
    public void Scaled_sizes_are_whole_and_repeat_the_points(double scale)
    {
        foreach (var wanted in DeviceCase.All)
        {
            var small = wanted.Scaled(scale);
            Assert.InRange(small.Count, 1000, wanted.Count);
            Assert.Equal(small.Count, small.Distinct * small.Repeats);
            Assert.InRange(small.Dimension, 8, wanted.Dimension);
            Assert.All(small.Hidden, width => Assert.InRange(width, 8, 1024));
        }
    }

    [Theory]
    [InlineData("--scale must be at most 1", "--device", "cpu", "--scale", "2")]
    [InlineData("Unknown device 'tpu'", "--device", "tpu")]
    [InlineData("is measured without --device", "--device", "cpu", "--case", "40x2")]
    [InlineData("is measured with --device", "--case", "ensemble")]
    public void What_cannot_be_is_refused(string word, params string[] arguments)
    {
        using var program = new Commands.Program();
        var result = program.Run(["bench", .. arguments]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(word, result.Error);
    }
}
