using TorchAlign.Experiments.Margins;

namespace TorchAlign.Tests.Commands;

/// <summary>What <c>margin</c> says while it works, and whom it asks.</summary>
public class MarginCommandTests
{
    [Theory]
    [InlineData(null, MarginReport.LargestWitnessed, true)]
    [InlineData(null, MarginReport.LargestWitnessed + 1, false)]
    [InlineData("libsvm", MarginReport.LargestWitnessed + 1, true)]
    [InlineData("none", 8, false)]
    public void Libsvm_is_asked_up_to_a_bound_unless_somebody_says_otherwise(string? witness, long numbers, bool asked) =>
        Assert.Equal(asked, MarginReport.WhyNotAsked(witness, numbers) is null);

    [Fact]
    public void What_takes_long_says_what_it_does()
    {
        using var console = ConsoleRouter.Capture();
        using (var line = new MarginProgressLine("looking", TimeSpan.FromMilliseconds(1)))
            Assert.True(SpinWait.SpinUntil(() => console.Error.Contains("torchalign: looking ("), TimeSpan.FromMinutes(1)));
        Assert.Equal("", console.Output);
    }

    [Fact]
    public void What_does_not_says_nothing()
    {
        using var console = ConsoleRouter.Capture();
        using (var line = new MarginProgressLine("looking", TimeSpan.FromHours(1))) line.Turn("asking");
        Assert.Equal("", console.Error);
    }
}
