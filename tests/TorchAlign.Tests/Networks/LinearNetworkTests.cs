using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Networks;

public class LinearNetworkTests
{
    private static readonly NetworkShape Shape = new(5, 4, 3, 2);

    [Fact]
    public void The_layers_are_views_of_the_flat_vector()
    {
        using var scope = NewDisposeScope();
        var network = new LinearNetwork(Shape);
        var state = Initialization.Gaussian(Shape, 1, new RandomStream(1));
        network.Load(state);
        for (var k = 0; k < 3; k++)
        {
            Assert.Equal([Shape.Rows(k), Shape.Columns(k)], network.Layers[k].weight.shape);
            Assert.Equal(Shape.Layer(state.AsSpan(), k).ToArray(), network.Layers[k].weight.detach().data<double>().ToArray());
        }
        using (no_grad()) network.Layers[1].weight.mul_(2);
        Assert.Equal(2 * state[Shape.Layout.Offset(1)], network.Flat[Shape.Layout.Offset(1)].item<double>());
        Assert.Equal(3, network.parameters().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Both_ways_of_forward_agree_with_the_product(int depth)
    {
        using var scope = NewDisposeScope();
        var shape = NetworkShape.Uniform(5, depth, 6);
        var network = new LinearNetwork(shape);
        var state = Initialization.Gaussian(shape, 1, new RandomStream(2));
        network.Load(state);
        using var random = new Generator(5);
        var x = randn(11, 5, dtype: float64, generator: random);
        var layers = network.call(x);
        var collapsed = network.CollapsedForward(x);
        Assert.Equal([11L, 1L], layers.shape);
        Assert.True((layers - collapsed).abs().max().item<double>() < 1e-14);
        var product = tensor(LinearProduct.Of(shape, state), dtype: float64);
        Assert.True((x.mv(product) - layers.squeeze(-1)).abs().max().item<double>() < 1e-14);
    }

    [Fact]
    public void Both_ways_of_forward_have_the_same_gradient()
    {
        using var scope = NewDisposeScope();
        var network = new LinearNetwork(Shape);
        network.Load(Initialization.Gaussian(Shape, 1, new RandomStream(3)));
        using var random = new Generator(6);
        var x = randn(7, 5, dtype: float64, generator: random);
        var first = Gradient(network.call(x));
        var second = Gradient(network.CollapsedForward(x));
        Assert.True((first - second).abs().max().item<double>() < 1e-13 * first.abs().max().item<double>());

        Tensor Gradient(Tensor output)
        {
            network.zero_grad();
            output.square().sum().backward();
            return cat([.. network.Layers.Select(layer => layer.weight.grad!.reshape(-1).clone())], 0);
        }
    }

    [Fact]
    public void Float32_networks_load_float64_states()
    {
        using var scope = NewDisposeScope();
        var network = new LinearNetwork(Shape, dtype: ScalarType.Float32);
        network.Load(Initialization.Gaussian(Shape, 1, new RandomStream(3)));
        Assert.Equal(ScalarType.Float32, network.call(ones(2, 5)).dtype);
        Assert.Throws<ArgumentException>(() => network.Load([1, 2, 3]));
    }

    [Fact]
    public void A_network_leaves_no_tensor_behind()
    {
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        for (var i = 0; i < 20; i++)
        {
            using var scope = NewDisposeScope();
            using var network = new LinearNetwork(Shape);
            network.Load(new double[Shape.Length]);
            network.call(ones(3, 5, dtype: float64)).sum().backward();
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }
}
