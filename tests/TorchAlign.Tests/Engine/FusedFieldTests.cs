using FsCheck;
using FsCheck.Fluent;
using TorchAlign.Fields;
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
    }).Holds(200);

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

    [Fact]
    public void DirectionIsMinusTheGradientOfLogRisk()
    {
        var shape = new NetworkShape(5, 4, 3, 1);
        foreach (var loss in MarginLoss.All)
        {
            var field = new FusedField(shape, EngineProblems.Separable(9, 5, 1), loss);
            var start = EngineProblems.Gaussian(shape, 2);
            var direction = field.NewState();
            field.Evaluate(EngineProblems.Point(field, start).W, direction);
            var values = direction.ToArray();
            var scratch = field.NewState();
            for (var i = 0; i < start.Length; i++)
            {
                const double step = 1e-5;
                Assert.Equal(-(LogRiskAt(i, step) - LogRiskAt(i, -step)) / (2 * step), values[i], 1e-8);
            }

            double LogRiskAt(int i, double step)
            {
                var moved = (double[])start.Clone();
                moved[i] += step;
                return field.Evaluate(EngineProblems.Point(field, moved).W, scratch).LogRisk;
            }
        }
    }

    [Theory]
    [InlineData(40, 2, 2)]
    [InlineData(60, 10, 32)]
    [InlineData(1800, 300, 400)]
    public void EvaluationAllocatesNothing(int n, int d, int width)
    {
        var shape = NetworkShape.Uniform(d, 4, width);
        foreach (var loss in MarginLoss.All)
        {
            var field = new FusedField(shape, EngineProblems.Separable(n, d, 3), loss, threads: 2);
            var point = EngineProblems.Point(field, EngineProblems.Gaussian(shape, 4));
            var direction = field.NewState();
            for (var i = 0; i < 3; i++) Run();
            // On a busy machine a wait for the other thread may make the runtime allocate, now and then; a step never does.
            Assert.Equal(0, Enumerable.Range(0, 5).Min(_ => Allocated()));

            long Allocated()
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                for (var i = 0; i < 20; i++) Run();
                return GC.GetAllocatedBytesForCurrentThread() - before;
            }

            void Run()
            {
                field.Evaluate(point.W, direction);
                field.MarginSpaceNorm(point.W, direction);
            }
        }
    }

    [Theory]
    [InlineData(5000, 128, 400)]
    [InlineData(120000, 5, 4)]
    public void TheNumberOfThreadsLeavesTheBitsAlone(int n, int d, int width)
    {
        var shape = NetworkShape.Uniform(d, 3, width);
        var z = EngineProblems.Separable(n, d, 5);
        var start = EngineProblems.Gaussian(shape, 6, 1.3);
        foreach (var loss in MarginLoss.All)
        {
            var (expected, expectedRisk, expectedNorm) = With(1);
            foreach (var threads in new[] { 2, 4, 7 })
                for (var repeat = 0; repeat < 5; repeat++)
                {
                    var (direction, risk, norm) = With(threads);
                    Assert.Equal(expectedRisk, risk);
                    Assert.Equal(expectedNorm, norm);
                    Assert.True(direction.SequenceEqual(expected), $"{threads} threads changed bits");
                }

            (double[], double, double) With(int threads)
            {
                var field = new FusedField(shape, z, loss, threads);
                var point = EngineProblems.Point(field, start);
                var direction = field.NewState();
                var value = field.Evaluate(point.W, direction);
                return (direction.ToArray(), value.LogRisk, field.MarginSpaceNorm(point.W, direction));
            }
        }
    }

    [Fact]
    public void FieldsOnSeveralThreadsAtOnceDoNotDisturbEachOther()
    {
        var shape = NetworkShape.Uniform(100, 3, 400);
        var z = EngineProblems.Separable(6000, 100, 8);
        var start = EngineProblems.Gaussian(shape, 9);
        var risks = new double[4];
        var directions = new double[4][];
        Parallel.For(0, 4, i =>
        {
            var field = new FusedField(shape, z, MarginLoss.Logistic, 3);
            var point = EngineProblems.Point(field, start);
            var direction = field.NewState();
            for (var repeat = 0; repeat < 20; repeat++) risks[i] = field.Evaluate(point.W, direction).LogRisk;
            directions[i] = direction.ToArray();
        });
        Assert.All(risks, risk => Assert.Equal(risks[0], risk));
        Assert.All(directions, direction => Assert.True(direction.SequenceEqual(directions[0])));
    }

    [Fact]
    public void MarginSpaceNormIsTheDeviationOfTheMarginsDerivative()
    {
        var shape = new NetworkShape(4, 6, 5, 1);
        var z = EngineProblems.Separable(12, 4, 3);
        var start = EngineProblems.Gaussian(shape, 4);
        var error = EngineProblems.Gaussian(shape, 5, 0.1);
        foreach (var loss in MarginLoss.All)
        {
            var field = new FusedField(shape, z, loss);
            var point = EngineProblems.Point(field, start);
            var e = EngineProblems.Point(field, error).W;
            field.Evaluate(point.W, field.NewState());
            var weights = field.Weights.ToArray();
            var computed = field.MarginSpaceNorm(point.W, e);
            // Margins are polynomials in x along W + x e; a difference of step 1e-4 has nine digits of the derivative.
            double[] ahead = MarginsAt(1e-4), behind = MarginsAt(-1e-4);
            var moves = ahead.Zip(behind, (a, b) => (a - b) / 2e-4).ToArray();
            var total = weights.Sum();
            var mean = weights.Zip(moves, (p, m) => p / total * m).Sum();
            var expected = Math.Sqrt(weights.Zip(moves, (p, m) => p / total * (m - mean) * (m - mean)).Sum());
            Assert.Equal(expected, computed, 1e-7 * expected);

            double[] MarginsAt(double x)
            {
                var moved = EngineProblems.Point(field, start).W;
                moved.AddScaled(x, e);
                field.Evaluate(moved, field.NewState());
                return field.Margins.ToArray();
            }
        }
    }

    [Fact]
    public void RefusesWhatTheClosedFormCannotDo()
    {
        var two = Assert.Throws<ArgumentException>(
            () => new FusedField(new NetworkShape(2, 2), new double[4], MarginLoss.Exponential));
        Assert.Contains("AutogradField", two.Message);
        Assert.Throws<ArgumentException>(() => new FusedField(new NetworkShape(3, 1), new double[4], MarginLoss.Exponential));
        Assert.Throws<ArgumentException>(() => new FusedField(new NetworkShape(2, 1), Array.Empty<double>(), MarginLoss.Exponential));
        Assert.Throws<ArgumentException>(
            () => new FusedField(new NetworkShape(1, 1), new[] { double.NaN }, MarginLoss.Exponential));
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
