using System.Runtime.InteropServices;
using LibTorchBinding.Tests.Lifetime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LibTorchBinding.Tests;

/// <summary>Modules: what they register, share, move and free.</summary>
[Collection(nameof(Alone))]
public class ModuleTests
{
    [Fact]
    public void Components_are_found_and_named()
    {
        using var net = new Net();
        Assert.Equal(
            ["scale", "first.weight", "rest.0.weight", "rest.0.bias"],
            net.named_parameters().Select(p => p.name).ToArray());
        Assert.Equal(["scale"], net.named_parameters(recurse: false).Select(p => p.name).ToArray());
        Assert.Equal(4, net.parameters().Count());
        Assert.Equal(["first", "rest"], net.named_children().Select(m => m.name).ToArray());
        Assert.Equal(2, net.children().Count());
        Assert.Equal(["first", "rest", "rest.0", "rest.1"], net.named_modules().Select(m => m.name).Order().ToArray());
        Assert.Equal(["offset"], net.named_buffers().Select(b => b.name).ToArray());
        Assert.Equal("Net", net.GetName());
        Assert.True(net.has_parameter("first.weight"));
        Assert.Equal(
            ["first.weight", "offset", "rest.0.bias", "rest.0.weight", "scale"], net.state_dict().Keys.Order().ToArray());
    }

    [Fact]
    public void Modules_are_listed_level_by_level_within_each_child_and_shared_ones_each_time()
    {
        using var shared = nn.Linear(2, 2);
        using var net = nn.Sequential(
            ("a", nn.Sequential(("deep", nn.Sequential(("one", shared), ("two", nn.ReLU()))), ("flat", nn.ReLU()))), ("b", shared));
        Assert.Equal(
            ["a", "b", "a.deep", "a.flat", "a.deep.one", "a.deep.two"], net.named_modules().Select(m => m.name).ToArray());
        Assert.Same(shared, net.named_modules().Single(m => m.name == "a.deep.one").module);
        Assert.Same(shared, net.named_modules().Single(m => m.name == "b").module);
        Assert.Equal(6, net.modules().Count());
    }

    [Fact]
    public void Forward_computes_what_it_says()
    {
        using var scope = NewDisposeScope();
        using var net = new Net();
        var x = randn(4, 3, dtype: float64);
        var first = (Linear)net.children().First();
        var second = (Linear)net.named_modules().Single(m => m.name == "rest.0").module;
        var expected = nn.functional.relu((x.mm(first.weight.t()) * 2).mm(second.weight.t()) + second.bias!);
        Assert.True(net.call(x).allclose(expected));
        Assert.True(net.forward(x).allclose(expected));
    }

    [Fact]
    public void Linear_layers_start_as_in_PyTorch()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var layer = nn.Linear(400, 50, dtype: float64);
        Assert.Equal([50, 400], layer.weight.shape);
        Assert.Equal([50], layer.bias!.shape);
        Assert.True(layer.weight.requires_grad && layer.weight.is_leaf);
        Assert.True(layer.weight.abs().max().ToDouble() <= 0.05);
        Assert.Equal(0.05 / Math.Sqrt(3), layer.weight.std().ToDouble(), 3);
        Assert.Null(nn.Linear(2, 2, hasBias: false).bias);
        Assert.Equal(ScalarType.Float32, nn.Linear(2, 2).weight.dtype);
    }

    [Fact]
    public void Weights_can_be_views_of_one_flat_tensor()
    {
        using var scope = NewDisposeScope();
        var flat = arange(10, dtype: float64);
        using var net = nn.Sequential(
            nn.Linear(3, 2, hasBias: false, dtype: float64), nn.Linear(2, 2, hasBias: false, dtype: float64));
        long at = 0;
        foreach (var layer in net.children().Cast<Linear>())
        {
            var n = layer.weight.numel();
            layer.weight = new Parameter(flat.narrow(0, at, n).view(layer.weight.shape));
            at += n;
        }
        Assert.Equal(10, at);
        Assert.Equal([0.0, 1, 2, 3, 4, 5], net.parameters().First().data<double>().ToArray());
        Assert.True(net.parameters().All(p => p.requires_grad && p.is_leaf));

        var before = flat.clone();
        using var sgd = optim.SGD(net.parameters(), 0.5);
        net.call(ones(1, 3, dtype: float64)).sum().backward();
        sgd.step();
        var expected = before - (0.5 * cat(net.parameters().Select(p => p.grad!.flatten()).ToArray()));
        Assert.True(flat.Equals(expected), $"{flat.data<double>()}");
        Assert.False(flat.Equals(before));

        // And the other way: what is written to the flat tensor is what the layers compute with.
        using (no_grad()) flat.fill_(0);
        Assert.Equal(0, net.call(ones(1, 3, dtype: float64)).abs().sum().ToDouble());
    }

    [Fact]
    public void A_parameter_takes_its_tensor_over()
    {
        using var scope = NewDisposeScope();
        var data = ones(2);
        using var parameter = new Parameter(data);
        Assert.True(data.IsInvalid);
        Assert.True(parameter.requires_grad);
        Assert.False(nn.Parameter(ones(2), requires_grad: false).requires_grad);
        Assert.True(ones(2).AsParameter().requires_grad);
    }

    [Fact]
    public void Modules_survive_the_scope_they_are_made_in()
    {
        Linear layer;
        using (NewDisposeScope()) layer = nn.Linear(2, 2);
        Assert.False(layer.weight.IsInvalid);
        var weight = layer.weight;
        layer.Dispose();
        Assert.True(weight.IsInvalid);
    }

    [Fact]
    public void Moving_changes_floating_point_alone_and_returns_the_module()
    {
        using var scope = NewDisposeScope();
        using var net = new Net();
        Assert.Same(net, net.to(float32));
        Assert.All(net.parameters(), p => Assert.Equal(ScalarType.Float32, p.dtype));
        Assert.All(net.parameters(), p => Assert.True(p.requires_grad && p.is_leaf));
        Assert.Equal(ScalarType.Int64, net.buffers().Single().dtype);
        Assert.Equal(ScalarType.Float32, net.call(ones(1, 3)).dtype);
        var kept = net.parameters().First();
        net.to(CPU);
        Assert.Same(kept, net.parameters().First());
    }

    [Fact]
    public void Training_mode_and_gradients_reach_all_modules()
    {
        using var scope = NewDisposeScope();
        using var net = new Net();
        net.eval();
        Assert.All(net.modules(), m => Assert.False(m.training));
        net.train();
        Assert.All(net.modules(), m => Assert.True(m.training));
        net.call(ones(1, 3, dtype: float64)).sum().backward();
        Assert.All(net.parameters(), p => Assert.NotNull(p.grad));
        net.zero_grad(set_to_none: false);
        Assert.All(net.parameters(), p => Assert.Equal(0, p.grad!.abs().sum().ToDouble()));
        net.zero_grad();
        Assert.All(net.parameters(), p => Assert.Null(p.grad));
        var seen = 0;
        net.apply(_ => seen++);
        Assert.Equal(5, seen);
    }

    [Fact]
    public void State_passes_from_one_module_to_another()
    {
        using var scope = NewDisposeScope();
        using var a = new Net();
        using var b = new Net();
        var (missing, unexpected) = b.load_state_dict(a.state_dict());
        Assert.Empty(missing);
        Assert.Empty(unexpected);
        var x = randn(2, 3, dtype: float64);
        Assert.True(a.call(x).Equals(b.call(x)));
        Assert.ThrowsAny<Exception>(() => b.load_state_dict(new Dictionary<string, Tensor> { ["nowhere"] = x }));
        using var wrong = nn.Linear(7, 7);
        Assert.Throws<ExternalException>(
            () => wrong.load_state_dict(new Dictionary<string, Tensor> { ["weight"] = x }, strict: false));
    }

    private sealed class Net : nn.Module<Tensor, Tensor>
    {
        private readonly Linear first;
        private readonly Sequential rest;
        private readonly Parameter scale;
        private readonly Tensor offset;

        public Net()
            : base(nameof(Net))
        {
            first = nn.Linear(3, 2, hasBias: false, dtype: float64);
            rest = nn.Sequential(nn.Linear(2, 2, dtype: float64), nn.ReLU());
            scale = new Parameter(tensor(2.0));
            offset = tensor(0L);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => rest.call((first.call(input) * scale) + offset);
    }
}
