using TorchAlign.Alignment;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Networks;

public class InitializationTests
{
    private static readonly NetworkShape Shape = new(7, 5, 6, 1);

    public static TheoryData<string, Func<NetworkShape, double, RandomStream, double[]>> All => new()
    {
        { "gaussian", Initialization.Gaussian },
        { "zero-first", Initialization.ZeroFirstLayer },
        { "equal-norms", Initialization.EqualNorms },
        { "balanced", Initialization.Balanced },
        { "rank-one", Initialization.RankOneAligned },
    };

    [Theory, MemberData(nameof(All))]
    public void The_seed_decides_every_bit(string name, Func<NetworkShape, double, RandomStream, double[]> start)
    {
        Assert.Equal(start(Shape, 0.3, new RandomStream(4)), start(Shape, 0.3, new RandomStream(4)));
        Assert.NotEqual(start(Shape, 0.3, new RandomStream(4)), start(Shape, 0.3, new RandomStream(5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => start(Shape, double.NaN, new RandomStream(4)));
        Assert.NotEmpty(name);
    }

    [Fact]
    public void Gaussian_entries_have_the_stated_variance()
    {
        var wide = new NetworkShape(200, 300, 1);
        var state = Initialization.Gaussian(wide, 2, new RandomStream(1));
        var first = wide.Layer(state.AsSpan(), 0).ToArray();
        var mean = first.Average();
        var variance = first.Average(x => x * x);
        // Standard errors: 0.14 / sqrt(60,000) for the mean, sqrt(2 / 60,000) relative for the variance.
        Assert.Equal(0, mean, 5 * Math.Sqrt(4.0 / 200 / first.Length));
        Assert.Equal(1, variance / (4.0 / 200), 5 * Math.Sqrt(2.0 / first.Length));
    }

    [Fact]
    public void Zero_first_layer_is_zero_and_the_rest_is_not()
    {
        var state = Initialization.ZeroFirstLayer(Shape, 1, new RandomStream(1));
        Assert.All(Shape.Layer(state.AsSpan(), 0).ToArray(), entry => Assert.Equal(0, entry));
        Assert.All(LinearProduct.Of(Shape, state), entry => Assert.Equal(0, entry));
        Assert.NotEqual(0, LayerSpectrum.Of(Shape, state, 1).FrobeniusNorm);
    }

    [Fact]
    public void Equal_norms_are_equal()
    {
        var state = Initialization.EqualNorms(Shape, 4, new RandomStream(1));
        for (var k = 0; k < 3; k++) Assert.Equal(4, LayerSpectrum.Of(Shape, state, k).FrobeniusNorm, 1e-14);
    }

    [Theory]
    [InlineData("balanced")]
    [InlineData("rank-one")]
    public void Aligned_starts_are_rank_one_and_aligned(string name)
    {
        var state = name == "balanced"
            ? Initialization.Balanced(Shape, 0.5, new RandomStream(8))
            : Initialization.RankOneAligned(Shape, 0.5, new RandomStream(8));
        var spectra = Enumerable.Range(0, 3).Select(k => LayerSpectrum.Of(Shape, state, k)).ToArray();
        Assert.All(spectra, layer => Assert.True(layer.RankOneResidual < 1e-14));
        for (var k = 0; k < 2; k++)
            Assert.Equal(1, LayerSpectrum.Alignment(spectra[k + 1].LeadingRight, spectra[k].LeadingLeft), 1e-14);
        var equal = spectra.Max(layer => layer.FrobeniusNorm) - spectra.Min(layer => layer.FrobeniusNorm) < 1e-14;
        Assert.Equal(name == "balanced", equal);
    }

    [Fact]
    public void Balanced_starts_have_the_given_singular_values()
    {
        var shape = new NetworkShape(6, 4, 5, 3);
        var state = Initialization.Balanced(shape, [2, 0.5], new RandomStream(3));
        for (var k = 0; k < 3; k++)
        {
            var values = LayerSpectrum.Of(shape, state, k).Values;
            Assert.Equal(2, values[0], 1e-14);
            Assert.Equal(0.5, values[1], 1e-14);
            Assert.Equal(0, values[2], 1e-14);
        }
        Assert.Equal(0, Balancedness.Defect(shape, state), 1e-14);
        var product = Svd.Of(LinearProduct.Matrix(shape, state)).S;
        Assert.Equal(8, product[0], 1e-13);
        Assert.Equal(0.125, product[1], 1e-14);
        Assert.Throws<ArgumentException>(() => Initialization.Balanced(shape, [1, 1, 1, 1], new RandomStream(3)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Initialization.Balanced(shape, [1, -1], new RandomStream(3)));
    }

    [Theory]
    [InlineData(1e-6)]
    [InlineData(0.1)]
    [InlineData(30)]
    public void Unbalanced_starts_have_the_stated_defect(double defect)
    {
        foreach (var widths in (int[][])[[6, 4, 5, 3], [2, 7, 2], [1, 1, 1, 1, 1]])
        {
            var shape = new NetworkShape(widths);
            Assert.Equal(1, Balancedness.Defect(shape, Initialization.Unbalanced(shape, 0.5, defect, new RandomStream(9))) / defect, 1e-8);
        }
        Assert.Throws<ArgumentException>(() => Initialization.Unbalanced(new NetworkShape(2, 3), 1, defect, new RandomStream(9)));
    }

    [Fact]
    public void The_defect_is_the_largest_spectral_norm()
    {
        var shape = new NetworkShape(2, 2, 2, 2);
        // W_2^T W_2 - W_1 W_1^T = diag(4 - 1, 1 - 4), W_3^T W_3 - W_2 W_2^T = diag(0 - 4, 9 - 1).
        Assert.Equal(8, Balancedness.Defect(shape, [1, 0, 0, 2, 2, 0, 0, 1, 0, 0, 0, 3]), 1e-14);
        Assert.Equal(0, Balancedness.Defect(new NetworkShape(2, 2), [1, 0, 0, 2]));
    }

    [Fact]
    public void Identity_starts_are_cut_identities()
    {
        var shape = new NetworkShape(2, 3, 2);
        Assert.Equal([0.5, 0, 0, 0.5, 0, 0, 0.5, 0, 0, 0, 0.5, 0], Initialization.Identity(shape, 0.5));
        Assert.Equal(0, Balancedness.Defect(shape, Initialization.Identity(shape, 0.5)));
        var rising = new NetworkShape(5, 2, 3, 4);
        Assert.Equal(0.25, Balancedness.Defect(rising, Initialization.Identity(rising, 0.5)), 1e-15);
    }

    [Fact]
    public void Shapes_that_are_no_shapes_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new NetworkShape(3));
        Assert.Throws<ArgumentException>(() => new NetworkShape(3, 0, 1));
        Assert.Throws<ArgumentException>(() => NetworkShape.Uniform(3, 0, 4));
    }
}
