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
        Assert.InRange(c.InitialLoss, initial, initial + 1e-12);
        Assert.InRange(c.A, 0, 1e-12);
        Assert.Equal(Math.Sqrt(2 * initial) + 3, c.M, 1e-12);
        Assert.Equal(c.M + 0.9, c.K, 1e-13);
        Assert.Equal(4 * Math.E * c.K + Math.Sqrt(Math.E) * 2 * 3, c.B, 1e-11);
        Assert.Equal(1.5 / c.B, c.DescentBound, 1e-15);
        Assert.Equal(0.25 * 0.1 / (2 * initial), c.DefectBound, 1e-14);
        Assert.Equal(Math.Min(c.DescentBound, c.DefectBound), c.StepBound);
        var sharp = NguegnangConstants.Of(loss, shape, start, delta: 0.1, sigma: 0.25, StepGuarantee.Sharpened);
        Assert.Equal(c.M + 0.2, sharp.K, 1e-13);
        Assert.Equal(2 * sharp.K + Math.Sqrt(2 * initial), sharp.B, 1e-11);
        Assert.Equal(["L(W(0))", "a delta", "delta", "a", "sigma", "M", "K", "B", "eta (descent)", "eta (defect)", "eta"],
            c.All.Select(constant => constant.Symbol));
    }

    /// <summary>
    /// X^T = H D with H a Hadamard matrix of +-1 / 2 and D of powers of two: sigma_min is 2^-k exactly, and all numbers are exact.
    /// </summary>
    [Theory]
    [InlineData(10, 0)]
    [InlineData(20, 0)]
    [InlineData(22, 0)]
    [InlineData(22, 900)]
    [InlineData(22, -900)]
    public void NoStepIsLongerThanTheExactConstantsAllow(int k, int scale)
    {
        var x = new Matrix(4, 4);
        for (var i = 0; i < 4; i++)
            for (var j = 0; j < 4; j++)
                x[i, j] = Math.ScaleB((int.PopCount(i & j) % 2 == 0 ? 0.5 : -0.5) * (j == 0 ? 1 : Math.ScaleB(1, -k)), scale);
        var bounds = SingularValueBounds.Of(x);
        var (least, largest) = (Math.ScaleB(1, scale - k), Math.ScaleB(1, scale));
        Assert.InRange(bounds.Least, least * (1 - 1e-14 * Math.ScaleB(1, k)), least);
        Assert.InRange(bounds.Largest, largest, largest * (1 + 1e-13));
        if (scale != 0) return;

        // W_2 W_1 = I / 4, Y = 0: L(W(0)) = 1/2 ||X||_F^2 / 16, M = ||X||_F / (4 sigma_min).
        var loss = SquaredLoss.Sum(SecondMoments.Of(new RegressionSet("exact", x, new Matrix(4, 4))));
        var shape = new NetworkShape(4, 4, 4);
        foreach (var guarantee in Enum.GetValues<StepGuarantee>())
        {
            var c = NguegnangConstants.Of(loss, shape, Initialization.Identity(shape, 0.5), delta: 1, sigma: 0.5, guarantee);
            var norm = Math.Sqrt(1 + 3 * least * least);
            var (m, sharp) = (norm / (4 * least), guarantee == StepGuarantee.Sharpened);
            var bound = sharp ? 2 * (m + 2) + Math.Min(norm / 4, m) : 4 * Math.E * (m + 9);
            // The largest of float64 below the true value, to the rounding of these few lines.
            Assert.InRange(c.M, m, m * (1 + 1e-13 * Math.ScaleB(1, k)));
            Assert.InRange(c.StepBound, 0, 1 / bound * (1 - Math.ScaleB(1, -52)));
            Assert.InRange(c.StepBound, 1 / bound * (1 - 1e-13 * Math.ScaleB(1, k)), 1);
        }
    }

    /// <summary>Beyond 2^26 or so X X^T has lost sigma_min, and with it the loss.</summary>
    [Fact]
    public void WhatTheMomentsLoseIsRefused()
    {
        var x = Matrix.Diagonal(3, 3, [1, 1, Math.ScaleB(1, -30)]);
        var loss = SquaredLoss.Sum(SecondMoments.Of(new RegressionSet("lost", x, Matrix.Identity(3))));
        var shape = new NetworkShape(3, 3, 3);
        Assert.Contains("lost in rounding", Assert.Throws<ArgumentException>(() => NguegnangConstants.ForLongestStep(
            loss, shape, Initialization.Identity(shape, 0.5), StepGuarantee.Published)).Message, StringComparison.Ordinal);
        Assert.InRange(SingularValueBounds.Of(x).Least, Math.ScaleB(1, -30) * (1 - 1e-4), Math.ScaleB(1, -30));
    }

    /// <summary>Rotations by 3-4-5 triangles of a diagonal of powers of two: all numbers are exact up to a common divisor.</summary>
    [Fact]
    public void SingularValuesLieWithinTheirBounds()
    {
        for (var k = 2; k < 30; k++)
        {
            var a = Matrix.Diagonal(6, 4, [1, 0.5, 0.25, Math.ScaleB(1, -k)]);
            for (var i = 0; i < 3; i++)
            {
                var turn = 5.0 * Matrix.Identity(6);
                (turn[i, i], turn[i, i + 1], turn[i + 1, i], turn[i + 1, i + 1]) = (3, -4, 4, 3);
                a = turn * a;
            }
            var (least, largest) = (Math.ScaleB(125, -k), 125.0);
            foreach (var bounds in new[] { SingularValueBounds.Of(a), SingularValueBounds.Of(a.Transpose()) })
            {
                Assert.InRange(bounds.Least, least * (1 - Math.ScaleB(1e-13, k)), least);
                Assert.InRange(bounds.Largest, largest, largest * (1 + 1e-13));
            }
        }
        Assert.Equal(new SingularValueBounds(0, 0), SingularValueBounds.Of(new Matrix(2, 3)));
        Assert.Equal(0, SingularValueBounds.Of(new Matrix(2, 2, [1, 1, 1, 1])).Least);
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
