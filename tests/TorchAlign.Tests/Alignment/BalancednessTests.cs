using TorchAlign.Alignment;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Alignment;

public class BalancednessTests
{
    [Fact]
    public void The_matrices_are_those_of_the_definition()
    {
        var shape = new NetworkShape(3, 2, 4, 1);
        var state = Initialization.Gaussian(shape, 1, new RandomStream(1));
        var all = Balancedness.Of(shape, state);
        Assert.Equal(2, all.Length);
        for (var k = 0; k < 2; k++)
        {
            var size = shape.Rows(k);
            double[] below = [.. shape.Layer(state, k)], above = [.. shape.Layer(state, k + 1)];
            for (var i = 0; i < size; i++)
                for (var j = 0; j < size; j++)
                {
                    var expected = 0.0;
                    for (var r = 0; r < shape.Rows(k + 1); r++) expected += above[r * size + i] * above[r * size + j];
                    for (var c = 0; c < shape.Columns(k); c++)
                        expected -= below[i * shape.Columns(k) + c] * below[j * shape.Columns(k) + c];
                    Assert.Equal(expected, all[k][i * size + j], 1e-14);
                }
        }
    }

    [Fact]
    public void A_balanced_start_has_none_of_it_and_an_aligned_one_has_the_difference_of_norms()
    {
        var shape = new NetworkShape(5, 4, 6, 3);
        var balanced = Initialization.Balanced(shape, 0.7, new RandomStream(2));
        Assert.All(Balancedness.Of(shape, balanced), matrix => Assert.All(matrix, entry => Assert.Equal(0, entry, 1e-15)));

        var single = NetworkShape.Uniform(5, 3, 4);
        var aligned = Initialization.RankOneAligned(single, 0.7, new RandomStream(2));
        var norms = Enumerable.Range(0, 3).Select(k => LayerSpectrum.Of(single, aligned, k).FrobeniusNorm).ToArray();
        var matrices = Balancedness.Of(single, aligned);
        for (var k = 0; k < 2; k++)
        {
            var trace = Enumerable.Range(0, 4).Sum(i => matrices[k][i * 4 + i]);
            Assert.Equal(norms[k + 1] * norms[k + 1] - norms[k] * norms[k], trace, 1e-14);
        }
    }
}
