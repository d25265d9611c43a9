using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Alignment;

public class InvarianceTests
{
    private static readonly NetworkShape Shape = new(6, 8, 4, 5);

    [Fact]
    public void AlignedStartHasTheValuesAndBasesItWasGiven()
    {
        var bases = Bases(1);
        var state = bases.State((layer, mode) => 1 + layer + 0.1 * mode);
        for (var k = 0; k < Shape.Depth; k++)
        {
            var inBases = bases.InBases(state, k);
            var count = Math.Min(inBases.Rows, inBases.Columns);
            double[] values = [.. Enumerable.Range(0, count).Select(mode => 1 + k + 0.1 * mode)];
            Assert.InRange((inBases - Matrix.Diagonal(inBases.Rows, inBases.Columns, values)).FrobeniusNorm, 0, 1e-13);
            var now = Svd.Of(LinearProduct.Layer(Shape, state, k)).S;
            for (var j = 0; j < count; j++) Assert.Equal(values[count - 1 - j], now[j], 1e-13);
        }
        var scores = Invariance.Of(bases, state).Measure(state);
        Assert.All(scores.OffDiagonal, share => Assert.InRange(share, 0, 1e-14));
        Assert.All([.. scores.Left, .. scores.Right, .. scores.Adjacent], score => Assert.Equal(1, score, 1e-12));
        // Measured against the layers' own decompositions it is the same here: no singular values tie.
        Assert.All(Invariance.Of(Shape, state).OffDiagonalShares(state), share => Assert.InRange(share, 0, 1e-14));
    }

    /// <summary>Turning two of U_1's columns by an angle takes sin^2 of their share off the diagonal, and cos into the score.</summary>
    [Fact]
    public void MeasuresSeeATurn()
    {
        const double Angle = 0.3;
        var bases = Bases(2);
        var start = bases.State((_, mode) => 3 - 0.25 * mode);
        var turn = Matrix.Identity(8);
        (turn[0, 0], turn[0, 1], turn[1, 0], turn[1, 1]) = (Math.Cos(Angle), -Math.Sin(Angle), Math.Sin(Angle), Math.Cos(Angle));
        var turned = new AlignedBases([bases.Bases[0], bases.Bases[1] * turn, .. bases.Bases.Skip(2)]);
        var state = turned.State((_, mode) => 3 - 0.25 * mode);
        var scores = Invariance.Of(bases, start).Measure(state);
        double[] values = [.. Enumerable.Range(0, 6).Select(mode => 3 - 0.25 * mode)];
        var norm = Math.Sqrt(values.Sum(value => value * value));
        Assert.Equal(Math.Sin(Angle) * Math.Sqrt(values[0] * values[0] + values[1] * values[1]) / norm, scores.OffDiagonal[0], 1e-12);
        Assert.Equal((2 * Math.Cos(Angle) + 4) / 6, scores.Left[0], 1e-12);
        Assert.Equal(1, scores.Right[0], 1e-12);
        Assert.Equal(0, scores.OffDiagonal[2], 1e-12);
        // Both of its neighbours turned along: U_1 = V_2 still.
        Assert.All(scores.Adjacent, score => Assert.Equal(1, score, 1e-12));
    }

    [Fact]
    public void SingularValuesThatAreZeroHaveNoSay()
    {
        var bases = Bases(3);
        var start = bases.State((_, mode) => mode < 2 ? 2 - mode : 0);
        var scores = Invariance.Of(bases, start).Measure(start);
        Assert.All([.. scores.Left, .. scores.Right, .. scores.Adjacent], score => Assert.Equal(1, score, 1e-12));
    }

    [Fact]
    public void BasesFromDataAreThoseOfTheDecision()
    {
        var random = new RandomStream(4);
        var x = DataSamples.Gaussian(20, 6, random);
        var data = new RegressionSet("autoencoder", x, x);
        var bases = AlignedBases.FromData(new NetworkShape(6, 7, 6), SecondMoments.Of(data), random);
        var moments = SecondMoments.Of(data);
        Assert.InRange(Orthogonal.OffDiagonalNorm(bases.Right(0).TransposedTimes(moments.InputMoments) * bases.Right(0)), 0, 1e-12);
        Assert.InRange(Orthogonal.OffDiagonalNorm(bases.Left(1).TransposedTimes(moments.CrossMoments) * bases.Right(0)), 0, 1e-12);
    }

    /// <summary>
    /// V_1 holds left singular vectors of the papers' X (d_0, n): X V is orthogonal column by column; n = d_0 hides a wrong side.
    /// </summary>
    [Fact]
    public void SingularVectorsComeFromTheRightSide()
    {
        var random = new RandomStream(5);
        var data = new RegressionSet("square", DataSamples.Gaussian(6, 6, random), DataSamples.Gaussian(6, 5, random));
        var bases = AlignedBases.FromSingularVectors(Shape, data, random);
        Assert.InRange(Orthogonal.OffDiagonalNorm((data.X * bases.Right(0)).TransposedTimes(data.X * bases.Right(0))), 0, 1e-12);
        Assert.InRange(Orthogonal.OffDiagonalNorm((data.Y * bases.Left(2)).TransposedTimes(data.Y * bases.Left(2))), 0, 1e-12);
    }

    [Fact]
    public void BadBasesAreRefused()
    {
        Assert.Contains("square", Assert.Throws<ArgumentException>(() => new AlignedBases([new Matrix(2, 3)])).Message);
        Assert.Contains("not orthogonal",
            Assert.Throws<ArgumentException>(() => new AlignedBases([Matrix.Identity(2), 2 * Matrix.Identity(2)])).Message);
        Assert.Contains("V of size 6", Assert.Throws<ArgumentException>(
            () => AlignedBases.Around(Shape, Matrix.Identity(5), Matrix.Identity(5), new RandomStream(1))).Message);
        Assert.Throws<ArgumentException>(() => Bases(1).State(double.NaN));
    }

    private static AlignedBases Bases(int seed)
    {
        var random = new RandomStream(seed);
        return AlignedBases.Around(Shape, Orthogonal.Random(5, random), Orthogonal.Random(6, random), random);
    }
}
