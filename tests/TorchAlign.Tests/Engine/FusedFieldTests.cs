using FsCheck;
using FsCheck.Fluent;
using TorchAlign.Dynamics;
using TorchAlign.Losses;
using TorchAlign.Networks;

namespace TorchAlign.Tests.Engine;

public class FusedFieldTests
{
    /// <summary>Shapes on both sides of every switch: vector widths, transposed copy, short last rows.</summary>
    private static Arbitrary<(int N, int[] Widths, int Seed, bool Logistic)> Cases =>
        (from n in Gen.Choose(1, 70)
         from depth in Gen.Choose(1, 5)
         from widths in Gen.ArrayOf(Gen.Choose(1, 37), depth)
         from seed in Gen.Choose(0, 1_000_000)
         from logistic in Gen.Elements(true, false)
         select (n, widths, seed, logistic)).ToArbitrary();

    [Fact]
    public void AgreesWithTheNaiveLoops() => Prop.ForAll(Cases, test =>
    {
        var shape = new NetworkShape([.. test.Widths, 1]);
        var loss = test.Logistic ? MarginLoss.Logistic : MarginLoss.Exponential;
        AssertAgrees(shape, EngineProblems.Separable(test.N, shape.Inputs, test.Seed), loss,
            EngineProblems.Gaussian(shape, test.Seed + 1, 1.5), 1e-13);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Theory]
    [InlineData(300, 600, 3)]
    [InlineData(1000, 40, 70)]
    [InlineData(5000, 33, 9)]
    public void AgreesWithTheNaiveLoopsWhenDataAreCutIntoChunks(int n, int d, int width)
    {
        var shape = NetworkShape.Uniform(d, 3, width);
        foreach (var loss in MarginLoss.All)
            AssertAgrees(shape, EngineProblems.Separable(n, d, n), loss, EngineProblems.Gaussian(shape, d, 2), 1e-13);
    }

    private static void AssertAgrees(NetworkShape shape, double[] z, MarginLoss loss, double[] start, double tolerance)
    {
        var (logRisk, expected) = NaiveField.Evaluate(shape, z, loss, start);
        var field = new FusedField(shape, z, loss);
        var point = EngineProblems.Point(field, start);
        var direction = field.NewState();
        var value = field.Evaluate(point.W, direction);
        Assert.Equal(logRisk, value.LogRisk, tolerance * (1 + Math.Abs(logRisk)));
        Assert.Equal(value.LogRisk, value.LogScale);
        Assert.True(
            Distance(direction.ToArray(), expected) <= tolerance * Norm(expected),
            $"{shape}, {loss}: relative distance {Distance(direction.ToArray(), expected) / Norm(expected)}");
    }

    private static double Norm(IEnumerable<double> x) => Math.Sqrt(x.Sum(value => value * value));

    private static double Distance(double[] x, double[] y) => Norm(x.Zip(y, (a, b) => a - b));
}
