using TorchAlign.Alignment;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Alignment;

public class LayerSpectrumTests
{
    [Fact]
    public void A_rank_one_layer_has_ratio_one_and_its_own_factors()
    {
        var shape = new NetworkShape(3, 2);
        // 5 (0.6, 0.8) (2/3, -2/3, 1/3)^T
        var spectrum = LayerSpectrum.Of(shape, [2, -2, 1, 8.0 / 3, -8.0 / 3, 4.0 / 3], 0);
        Assert.Equal(5, spectrum.SpectralNorm, 1e-14);
        Assert.Equal(1, spectrum.SpectralRatio, 1e-15);
        Assert.True(spectrum.RankOneResidual < 1e-15);
        Assert.Equal(1, LayerSpectrum.Alignment(spectrum.LeadingLeft, [[0.6, 0.8]]), 1e-15);
        Assert.Equal(1, LayerSpectrum.Alignment(spectrum.LeadingRight, [[2.0 / 3, -2.0 / 3, 1.0 / 3]]), 1e-15);
    }

    /// <summary>diag(1, 1e-9): 1 minus the ratio is 5e-19, far below rounding, but the residual is 1e-9 to all digits.</summary>
    [Fact]
    public void The_rank_one_residual_does_not_cancel()
    {
        var spectrum = LayerSpectrum.Of(new NetworkShape(2, 2), [1, 0, 0, 1e-9], 0);
        Assert.Equal(1, spectrum.RankOneResidual / 1e-9, 1e-12);
    }

    [Fact]
    public void The_rank_one_residual_is_the_distance_to_u_v()
    {
        var random = new RandomStream(5);
        var shape = new NetworkShape(4, 3);
        var state = Initialization.Gaussian(shape, 1, random);
        var spectrum = LayerSpectrum.Of(shape, state, 0);
        double plus = 0, minus = 0;
        for (var i = 0; i < 3; i++)
            for (var j = 0; j < 4; j++)
            {
                var outer = spectrum.LeadingLeft[0][i] * spectrum.LeadingRight[0][j];
                plus += Math.Pow(state[i * 4 + j] / spectrum.FrobeniusNorm - outer, 2);
                minus += Math.Pow(state[i * 4 + j] / spectrum.FrobeniusNorm + outer, 2);
            }
        Assert.Equal(Math.Sqrt(Math.Min(plus, minus)), spectrum.RankOneResidual, 1e-13);
    }

    /// <summary>Singular values that tie leave their vectors undetermined; the alignment must not depend on which came back.</summary>
    [Fact]
    public void Ties_are_compared_as_spaces()
    {
        var shape = new NetworkShape(3, 3);
        var twoTied = LayerSpectrum.Of(shape, [1, 0, 0, 0, 1, 0, 0, 0, 0.5], 0);
        Assert.Equal(2, twoTied.LeadingRight.Length);
        var (sine, cosine) = Math.SinCos(0.7);
        Assert.Equal(1, LayerSpectrum.Alignment(twoTied.LeadingRight, [[cosine, sine, 0]]), 1e-14);
        Assert.Equal(cosine, LayerSpectrum.Alignment(twoTied.LeadingRight, [[0, cosine, sine]]), 1e-14);
    }

    [Fact]
    public void A_single_row_or_column_is_its_own_decomposition()
    {
        var row = LayerSpectrum.Of(new NetworkShape(2, 1), [3, 4], 0);
        Assert.Equal(5, row.SpectralNorm);
        Assert.Equal([0.6, 0.8], row.LeadingRight[0]);
        var column = LayerSpectrum.Of(new NetworkShape(1, 2), [3, 4], 0);
        Assert.Equal([0.6, 0.8], column.LeadingLeft[0]);
        Assert.Equal(0, column.RankOneResidual);
    }
}
