using FsCheck;
using FsCheck.Fluent;
using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Landscape;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Dynamics;

public class NguegnangConstantsTests
{
    private static readonly Arbitrary<(int[] Widths, int Seed)> Networks =
        (from depth in Gen.Choose(2, 5)
         from widths in Gen.Choose(1, 5).ArrayOf(depth + 1)
         from seed in Gen.Choose(0, 1 << 30)
         select (widths, seed)).ToArbitrary();

    /// <summary>X = I, Y = diag(3, 1), W_1 = W_2 = I / 2: everything by hand.</summary>
    [Fact]
    public void ConstantsAreThoseOfThePaper()
    {
        var loss = SquaredLoss.Sum(SecondMoments.Of(RegressionGenerators.Factorization(Matrix.Diagonal(2, 2, [3, 1]))));
        var shape = new NetworkShape(2, 2, 2);
        var start = Initialization.Identity(shape, 0.5);
        var c = NguegnangConstants.Of(loss, shape, start, delta: 0.1, sigma: 0.25, StepGuarantee.Published);
        var initial = 0.5 * (2.75 * 2.75 + 0.75 * 0.75);
        Assert.Equal(initial, c.InitialLoss, 1e-14);
        Assert.Equal(0, c.A, 1e-14);
        Assert.Equal(Math.Sqrt(2 * initial) + 3, c.M, 1e-13);
        Assert.Equal(c.M + 0.9, c.K, 1e-13);
        Assert.Equal(4 * Math.E * c.K + Math.Sqrt(Math.E) * 2 * 3, c.B, 1e-12);
        Assert.Equal(1.5 / c.B, c.DescentBound, 1e-15);
        Assert.Equal(0.25 * 0.1 / (2 * initial), c.DefectBound, 1e-15);
        Assert.Equal(Math.Min(c.DescentBound, c.DefectBound), c.StepBound);
        var sharp = NguegnangConstants.Of(loss, shape, start, delta: 0.1, sigma: 0.25, StepGuarantee.Sharpened);
        Assert.Equal(c.M + 0.2, sharp.K, 1e-13);
        Assert.Equal(2 * sharp.K + Math.Sqrt(2 * initial), sharp.B, 1e-12);
        Assert.Equal(["L(W(0))", "a delta", "delta", "a", "sigma", "M", "K", "B", "eta (descent)", "eta (defect)", "eta"],
            c.All.Select(constant => constant.Symbol));
    }

    /// <summary>The lemma behind K: ||W_j||_2^2 &lt;= ||W_N ... W_1||_2^(2/N) + 2 (N - 1) defect, for any layers whatever.</summary>
    [Fact]
    public void LayersAreBoundedByProductAndDefect() => Prop.ForAll(Networks, Gen.Choose(0, 3).ToArbitrary(), (network, exponent) =>
    {
        var shape = new NetworkShape(network.Widths);
        var random = new RandomStream(network.Seed);
        var state = Initialization.Unbalanced(shape, 1, Math.Pow(10, -exponent), random);
        var product = Svd.Of(LinearProduct.Matrix(shape, state)).S[0];
        var bound = Math.Pow(product, 2.0 / shape.Depth) + 2 * (shape.Depth - 1) * Balancedness.Defect(shape, state);
        for (var k = 0; k < shape.Depth; k++)
        {
            var norm = LayerSpectrum.Of(shape, state, k).SpectralNorm;
            Assert.True(norm * norm <= bound * (1 + 1e-12), $"{norm * norm} > {bound}");
        }
    }).Holds(200);

    /// <summary>The start obeys its own bounds: the curvature there is at most B, of which the sharpened is the smaller.</summary>
    [Fact]
    public void CurvatureIsBelowB() => Prop.ForAll(Networks, network =>
    {
        var (loss, shape, start) = Problem(network.Widths, network.Seed);
        var published = NguegnangConstants.ForLongestStep(loss, shape, start, StepGuarantee.Published);
        var sharpened = NguegnangConstants.ForLongestStep(loss, shape, start, StepGuarantee.Sharpened);
        var hessian = new ProductHessian(shape, loss, start);
        var ends = Lanczos.Ends(hessian.Size, v => hessian.Times(v), 1e-10, hessian.Size, new RandomStream(1));
        Assert.True(Math.Max(ends.Largest, -ends.Least) <= sharpened.B * (1 + 1e-12));
        Assert.True(sharpened.StepBound > published.StepBound);
        Assert.True(published.A < 1 && published.Sigma is > 0 and < 1);
        Assert.Equal(published.DescentBound, published.DefectBound, 1e-9 * published.StepBound);
    }).Holds(60);

    /// <summary>Every conclusion, at every step of the longest that the sharpened constants allow.</summary>
    [Theory]
    [InlineData(3, 2, 4)]
    [InlineData(4, 3, 3, 2)]
    [InlineData(3, 3, 2, 3, 3)]
    public void SharpenedStepsKeepThePromise(params int[] widths)
    {
        var (loss, shape, start) = Problem(widths, 3);
        var c = NguegnangConstants.ForLongestStep(loss, shape, start, StepGuarantee.Sharpened);
        var field = new ProductField(shape, loss);
        var w = field.NewState();
        w.CopyFrom(start);
        var point = new TrajectoryPoint(w);
        var descent = new GradientDescent(new ConstantStep(c.StepBound));
        descent.Start(new FlowSystem(field, Clock.Time), point);
        for (var step = 0; step < 300; step++)
        {
            var (before, gradient) = (Math.Exp(point.Value.LogRisk), point.DirectionNorm);
            Assert.Equal(StepOutcome.Advanced, descent.Step(point));
            Assert.True(Math.Exp(point.Value.LogRisk) <= before - c.Sigma * c.StepBound * gradient * gradient + 1e-14);
            var state = point.W.ToArray();
            Assert.True(Balancedness.Defect(shape, state) <= c.Delta);
            Assert.True(Svd.Of(LinearProduct.Matrix(shape, state)).S[0] <= c.M);
            for (var k = 0; k < shape.Depth; k++)
                Assert.True(Math.Pow(LayerSpectrum.Of(shape, state, k).SpectralNorm, 2) <= c.K);
        }
    }

    [Fact]
    public void WhatHasNoGuaranteeIsRefused()
    {
        var (loss, shape, start) = Problem([3, 2, 4], 1);
        var moments = loss.Moments;
        Refused("SquaredLoss.Sum", () => Of(SquaredLoss.Mean(moments), shape, start, 1, 0.5));
        Refused("must be above the defect", () => Of(loss, shape, start, Balancedness.Defect(shape, start), 0.5));
        Refused("sigma must lie", () => Of(loss, shape, start, 1, 1));
        Refused("two layers", () => Of(loss, new NetworkShape(3, 4), start.AsSpan(0, 12).ToArray(), 1, 0.5));
        var singular = SquaredLoss.Sum(SecondMoments.Of(RegressionGenerators.Gaussian(2, 3, 4, new RandomStream(1))));
        Refused("rank 2 in 3 dimensions", () => Of(singular, shape, start, 1, 0.5));

        static void Refused(string why, Action action) =>
            Assert.Contains(why, Assert.Throws<ArgumentException>(action).Message, StringComparison.Ordinal);
        static NguegnangConstants Of(SquaredLoss loss, NetworkShape shape, double[] start, double delta, double sigma) =>
            NguegnangConstants.Of(loss, shape, start, delta, sigma, StepGuarantee.Published);
    }

    [Fact]
    public void SchedulesCountTheirOwnSteps()
    {
        var field = new QuadraticField(1);
        var w = field.NewState();
        w.CopyFrom([1]);
        var point = new TrajectoryPoint(w);
        for (var run = 0; run < 2; run++)
        {
            var descent = new GradientDescent(ScheduledStep.Harmonic(0.5));
            descent.Start(new FlowSystem(field, Clock.Time), point);
            var before = point.W.ToArray()[0];
            for (var k = 0; k < 3; k++) descent.Step(point);
            // (1 - 1/2) (1 - 1/4) (1 - 1/6)
            Assert.Equal(before * 0.3125, point.W.ToArray()[0], 1e-15);
        }
        Assert.Equal(0.25, ScheduledStep.Harmonic(0.5, 10).Next(new TrajectoryPoint(w) { Steps = 10 }).Factor);
        Assert.Throws<InvalidOperationException>(() => new ScheduledStep("mine", _ => 0).Next(point));
        Assert.Throws<ArgumentOutOfRangeException>(() => ScheduledStep.Harmonic(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ScheduledStep.Harmonic(1, double.NaN));
    }

    private static (SquaredLoss Loss, NetworkShape Shape, double[] Start) Problem(int[] widths, int seed)
    {
        var shape = new NetworkShape(widths);
        var random = new RandomStream(seed);
        var loss = SquaredLoss.Sum(SecondMoments.Of(RegressionGenerators.Gaussian(20, shape.Inputs, shape.Outputs, random)));
        return (loss, shape, Initialization.Unbalanced(shape, 0.8, 0.01, random));
    }
}
