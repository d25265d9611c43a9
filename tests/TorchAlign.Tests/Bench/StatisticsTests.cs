using TorchAlign.Experiments.Bench;

namespace TorchAlign.Tests.Bench;

public class StatisticsTests
{
    [Fact]
    public void MedianIsTheMiddleOrTheMeanOfTheTwoMiddleOnes()
    {
        var odd = Spread.Of([5, 1, 3]);
        Assert.Equal((3, 1, 5), (odd.Median, odd.Min, odd.Max));
        Assert.Equal([5, 1, 3], odd.Rounds);
        Assert.Equal(2.5, Spread.Of([4, 1, 2, 3]).Median);
        Assert.Equal(7, Spread.Of([7]).Median);
        Assert.Throws<ArgumentException>(() => Spread.Of([]));
    }

    [Fact]
    public void RatiosAreTakenWithinARound()
    {
        // A load that doubles all times of the second round leaves the ratio alone.
        var slow = Spread.Of([100, 200, 100]);
        var fast = Spread.Of([1, 2, 1]);
        Assert.Equal([100, 100, 100], slow.Over(fast).Rounds);
    }

    [Theory]
    [InlineData(1, 3e-9)]
    [InlineData(2, 5)]
    [InlineData(-0.5, 1e6)]
    [InlineData(0, 2)]
    public void FitFindsTheExponentOfAPowerLaw(double exponent, double factor)
    {
        double[] sizes = [10, 20, 80, 1000];
        var fit = PowerFit.Of(sizes, [.. sizes.Select(size => factor * Math.Pow(size, exponent))]);
        Assert.Equal(exponent, fit.Exponent, 12);
        Assert.Equal(1, fit.Factor / factor, 10);
    }

    [Fact]
    public void FitAveragesNoiseOut()
    {
        // log cost = 2 log size + (+e, -e, -e, +e), which is orthogonal to 1 and to log size at equal ratios.
        double[] sizes = [1, 2, 4, 8];
        double[] noise = [1.1, 1 / 1.1, 1 / 1.1, 1.1];
        Assert.Equal(2, PowerFit.Of(sizes, [.. sizes.Zip(noise, (size, off) => off * size * size)]).Exponent, 12);
    }

    [Fact]
    public void FitRefusesWhatHasNoExponent()
    {
        Assert.Throws<ArgumentException>(() => PowerFit.Of([1, 2], [1]));
        Assert.Throws<ArgumentException>(() => PowerFit.Of([2, 2], [1, 2]));
        Assert.Throws<ArgumentException>(() => PowerFit.Of([1, 2], [1, 0]));
        Assert.Throws<ArgumentException>(() => PowerFit.Of([1, double.NaN], [1, 1]));
    }
}
