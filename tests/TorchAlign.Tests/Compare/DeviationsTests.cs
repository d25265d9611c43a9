using TorchAlign.Experiments.Compare;
using TorchAlign.Networks;

namespace TorchAlign.Tests.Compare;

public class DeviationsTests
{
    private static readonly NetworkShape Shape = new(2, 1, 1);

    [Fact]
    public void EqualBitsAreMet() =>
        Assert.All(Deviations.Of(Shape, Sample(), Sample(), Tolerance.Bits),
            one => Assert.True(one is { Met: true, Largest: 0, DifferingNumbers: 0, Numbers: > 0 }));

    [Fact]
    public void OneBitIsFoundWithItsStepAndLayer()
    {
        var theirs = Sample();
        // The second state, third parameter: W_2.
        theirs.W[5] = Math.BitIncrement(theirs.W[5]);
        var results = Deviations.Of(Shape, Sample(), theirs, Tolerance.Bits);
        Assert.True(results[0] is { Quantity: "weights", Met: false, At: 7, Layer: 2, DifferingNumbers: 1 });
        Assert.InRange(results[0].Largest, double.Epsilon, 1e-15);
        Assert.True(results[1].Met && results[2].Met);
        Assert.All(Deviations.Of(Shape, Sample(), theirs, Tolerance.Rounding), deviation => Assert.True(deviation.Met));
    }

    [Fact]
    public void ZeroesOfUnequalSignAreUnequalBits()
    {
        var (ours, theirs) = (Sample(), Sample());
        (ours.W[5], theirs.W[5]) = (0.0, -0.0);
        Assert.False(Deviations.Of(Shape, ours, theirs, Tolerance.Bits)[0].Met);
    }

    [Fact]
    public void NotANumberIsNeverMet()
    {
        var theirs = Sample();
        theirs.LogRisk[0] = double.NaN;
        theirs.Direction[0] = double.NaN;
        var results = Deviations.Of(Shape, Sample(), theirs, Tolerance.Integrators);
        Assert.Equal([true, false, false], results.Select(deviation => deviation.Met));
    }

    [Fact]
    public void PointsThatDoNotMatchAreNotCompared() =>
        Assert.Throws<InvalidOperationException>(
            () => Deviations.Of(Shape, Sample(), Sample() with { At = [0, 8] }, Tolerance.Bits));

    [Fact]
    public void TheToleranceIsTheIssuesAfterAThousandSteps()
    {
        Assert.Equal(1e-12, Tolerance.Rounding.At(1000), 1e-15);
        Assert.True(Tolerance.Rounding.At(2000) > Tolerance.Rounding.At(1000));
    }

    private static RecordedPoints Sample() => new([0, 7], [1, 2, 3, 4, 5, 6], [-1, -2], [1, 1, 1, 2, 2, 2]);
}
