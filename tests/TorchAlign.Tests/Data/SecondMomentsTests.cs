using FsCheck;
using FsCheck.Fluent;
using TorchAlign.Data;
using TorchAlign.Landscape;
using TorchAlign.Losses;
using TorchAlign.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Data;

public class SecondMomentsTests
{
    private static readonly Arbitrary<(int Count, int Inputs, int Outputs, int Seed)> Sizes =
        (from count in Gen.Choose(1, 20)
         from inputs in Gen.Choose(1, 8)
         from outputs in Gen.Choose(1, 8)
         from seed in Gen.Choose(0, 1 << 30)
         select (count, inputs, outputs, seed)).ToArbitrary();

    /// <summary>P* = Y X^+ by another way, the pseudo-inverse of the data themselves; fewer samples than inputs included.</summary>
    [Fact]
    public void LeastSquaresIsTheOneOfLeastNorm() => Prop.ForAll(Sizes, size =>
    {
        using var scope = NewDisposeScope();
        var data = RegressionGenerators.Gaussian(size.Count, size.Inputs, size.Outputs, new RandomStream(size.Seed));
        var moments = SecondMoments.Of(data);
        Assert.Equal(Math.Min(size.Count, size.Inputs), moments.Rank);
        var (x, y) = (data.X.ToTensor(), data.Y.ToTensor());
        var solution = linalg.pinv(x).matmul(y).t();
        var condition = moments.Eigen.Values[^1] / moments.Eigen.Values[size.Inputs - moments.Rank];
        var tolerance = 1e-14 * condition * (1 + moments.LeastSquares.FrobeniusNorm);
        Assert.Equal(0, (moments.LeastSquares - solution.ToMatrix()).FrobeniusNorm, tolerance);
        Assert.Equal((y - x.matmul(solution.t())).square().sum().item<double>(), moments.LeastResidual, tolerance);
        Assert.Equal(0, (moments.InputMoments - x.t().matmul(x).ToMatrix()).FrobeniusNorm, 1e-13);
        Assert.Equal(0, (moments.CrossMoments - y.t().matmul(x).ToMatrix()).FrobeniusNorm, 1e-13);
        Assert.Equal(0, (moments.TargetMoments - y.t().matmul(y).ToMatrix()).FrobeniusNorm, 1e-13);
    }).Holds();

    /// <summary>1e-12 from the solution the excess is 1e-24, which Y - P X computed from the samples would lose.</summary>
    [Fact]
    public void ExcessKeepsItsDigits()
    {
        var moments = SecondMoments.Of(RegressionGenerators.Factorization(Matrix.Diagonal(2, 2, [3, 1])));
        var loss = SquaredLoss.Sum(moments);
        var gradient = new double[4];
        Assert.Equal(0.5e-24, loss.Excess([3 + 1e-12, 0, 0, 1], gradient), 1e-27);
        Assert.Equal(1e-12, gradient[0], 1e-15);
        Assert.Equal(loss.Scale / 2, SquaredLoss.Mean(moments).Scale);
        Assert.Equal(0, loss.Least, 1e-28);
    }

    [Fact]
    public void RegressionSetsSayWhatIsWrong()
    {
        var x = new Matrix(2, 2, [1, 2, 3, 4]);
        Refused("2 inputs, but 3 targets", () => new RegressionSet("mine", x, new Matrix(3, 1)));
        Refused("mine: sample 1, target 0 is NaN", () => new RegressionSet("mine", x, new Matrix(2, 1, [0, double.NaN])));
        Refused("mine: sample 0, input 1 is Infinity",
            () => new RegressionSet("mine", new Matrix(1, 2, [0, double.PositiveInfinity]), new Matrix(1, 1)));
        Refused("all inputs are 0", () => SecondMoments.Of(new RegressionSet("mine", new Matrix(2, 2), x)));
        Refused("target 1 is no distribution",
            () => new CrossEntropyLoss(new RegressionSet("mine", x, new Matrix(2, 2, [1, 0, 0.5, 0.6]))));
        var set = new RegressionSet("mine", x, new Matrix(2, 1, [1, 2]));
        Assert.Equal((2, 2, 1), (set.Count, set.Inputs, set.Outputs));
        Assert.Equal(set.Hash, new RegressionSet("yours", x, new Matrix(2, 1, [1, 2])).Hash);
        Assert.NotEqual(set.Hash, new RegressionSet("mine", x, new Matrix(2, 1, [1, 3])).Hash);

        static void Refused(string why, Func<object> make) =>
            Assert.Contains(why, Assert.Throws<DataException>(make).Message, StringComparison.Ordinal);
    }

    /// <summary>Scores of a thousand: nothing overflows, and the loss of a certain right answer is 0, of a wrong one its margin.</summary>
    [Fact]
    public void CrossEntropyNeitherOverflowsNorLosesSmallRisks()
    {
        var loss = new CrossEntropyLoss(new RegressionSet("two", new Matrix(2, 1, [1, 1]), new Matrix(2, 2, [1, 0, 0, 1])));
        var gradient = new double[2];
        Assert.Equal(1000, loss.Evaluate([1000, -1000], gradient), 1e-12);
        Assert.Equal([0.5, -0.5], gradient);
        var right = new CrossEntropyLoss(new RegressionSet("one", new Matrix(1, 1, [1]), new Matrix(1, 2, [1, 0])));
        Assert.Equal(Math.Exp(-40), right.Evaluate([20, -20], gradient), 1e-33);
        Assert.Equal(-Math.Exp(-40), gradient[0], 1e-33);
        Assert.Equal(Math.Exp(-40), gradient[1], 1e-33);
    }

    /// <summary>Q has the stated singular values, whatever X came out as, and the noise adds its half square to every loss.</summary>
    [Fact]
    public void SpectraAreAsStated()
    {
        double[] spectrum = [3, 1, 0.25];
        var data = RegressionGenerators.WithSpectrum(30, 6, 4, spectrum, 2, new RandomStream(5));
        var loss = SquaredLoss.Sum(SecondMoments.Of(data));
        var landscape = new RankLandscape(loss);
        for (var i = 0; i < 4; i++) Assert.Equal(i < 3 ? spectrum[i] : 0, landscape.SingularValues[i], 1e-13);
        Assert.Equal(2, loss.Least, 1e-13);
        Assert.Equal(2 + 0.5 * (1 + 0.0625), landscape.LeastLoss(1), 1e-13);
        Assert.Throws<ArgumentException>(() => RegressionGenerators.WithSpectrum(30, 6, 4, [1, 1, 1, 1, 1], 2, new RandomStream(5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => RegressionGenerators.WithSpectrum(6, 6, 4, [1], 2, new RandomStream(5)));
    }
}
