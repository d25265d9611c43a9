using TorchAlign.Alignment;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Alignment;

public class ModeLawTests
{
    [Theory]
    [InlineData(4, 1e-4)]
    [InlineData(1, 1e-8)]
    [InlineData(0.5, 0.2)]
    public void TwoLayersFollowTheLogisticLaw(double target, double start) =>
        Assert.Equal(Math.Log(target / start - 1) / (2 * target), ModeLaw.TimeToHalf(2, target, start), 1e-9);

    /// <summary>An integration of the strength itself, by the classical Runge-Kutta method, reaches q/2 at that time.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    public void DeeperLayersTakeAsLongAsTheEquationOfTheStrengthSays(int depth)
    {
        const double target = 1.5;
        const int steps = 200_000;
        var strength = 1e-3;
        var h = ModeLaw.TimeToHalf(depth, target, strength) / steps;
        for (var i = 0; i < steps; i++)
        {
            var k1 = Rate(strength);
            var k2 = Rate(strength + h / 2 * k1);
            var k3 = Rate(strength + h / 2 * k2);
            var k4 = Rate(strength + h * k3);
            strength += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
        }
        Assert.Equal(target / 2, strength, 1e-7);

        double Rate(double p) => depth * Math.Pow(p, 2 - 2.0 / depth) * (target - p);
    }

    [Fact]
    public void ModeThatStartsAboveHalfIsLearnedAtOnce() => Assert.Equal(0, ModeLaw.TimeToHalf(3, 1, 0.6));

    /// <summary>Aligned layers W_1 = s V^T, W_2 = s U hold s^2 of every mode.</summary>
    [Fact]
    public void AlignedStartHoldsItsProductOfEachMode()
    {
        const double scale = 0.01;
        var (shape, svd) = (new NetworkShape(5, 5, 5), Bases(5));
        double[] state = [.. (scale * svd.V.Transpose()).Values, .. (scale * svd.U).Values];
        Assert.All(ModeLaw.EffectiveStarts(shape, state, svd.U, svd.V), p => Assert.Equal(1, p / (scale * scale), 1e-12));
    }

    /// <summary>Of the second mode counts what lies across the first: nothing where both lie along one direction.</summary>
    [Fact]
    public void WhatLiesAlongAnEarlierModeDoesNotCount()
    {
        var (shape, svd) = (new NetworkShape(2, 3, 2), Bases(2));
        // Both columns of W_1 V and of W_2^T U along the first hidden unit, but for a little of the second.
        Matrix hidden = new(3, 2, [1, 2, 0, 0.1, 0, 0]);
        double[] state = [.. hidden.TimesTransposed(svd.V).Values, .. (svd.U * hidden.Transpose()).Values];
        var strengths = ModeLaw.EffectiveStarts(shape, state, svd.U, svd.V);
        Assert.Equal(1, strengths[0], 1e-12);
        Assert.Equal(0.01, strengths[1], 1e-12);
    }

    private static Svd Bases(int size)
    {
        var matrix = new Matrix(size, size);
        new RandomStream(3).FillGaussian(matrix.Values);
        return Svd.Of(matrix);
    }
}
