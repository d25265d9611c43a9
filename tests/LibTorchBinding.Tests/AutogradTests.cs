using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace LibTorchBinding.Tests;

/// <summary>The rules of differentiation beside the derivatives themselves.</summary>
public class AutogradTests
{
    [Fact]
    public void Gradients_gather_until_they_are_cleared()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1.0, 2 }, requires_grad: true);
        Assert.Null(x.grad);
        x.square().sum().backward();
        x.square().sum().backward();
        Assert.Equal([4.0, 8], x.grad!.data<double>().ToArray());
        x.grad = null;
        Assert.Null(x.grad);
    }

    [Fact]
    public void Second_derivatives_follow_from_create_graph()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1.0, 2, 3 }, requires_grad: true);
        var v = tensor(new[] { 1.0, -1, 2 });
        // f = (sum x^2)^2 has gradient 4 |x|^2 x and Hessian 4 |x|^2 I + 8 x x^T.
        var f = x.square().sum().square();
        var g = autograd.grad([f], [x], retain_graph: true, create_graph: true)[0];
        Assert.True(g.requires_grad);
        Assert.Equal([56.0, 112, 168], g.data<double>().ToArray());
        var hv = autograd.grad([g.dot(v)], [x])[0];
        var xv = 1 - 2 + 6;
        Assert.Equal([56.0 + (8 * xv), -56 + (16 * xv), 112 + (24 * xv)], hv.data<double>().ToArray());
        Assert.Null(x.grad);
    }

    [Fact]
    public void Weights_and_unused_inputs()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1.0, 2 }, requires_grad: true);
        var y = tensor(new[] { 1.0, 2 }, requires_grad: true);
        var g = autograd.grad([x * 3], [x, y], grad_outputs: [tensor(new[] { 1.0, 10 })], allow_unused: true);
        Assert.Equal([3.0, 30], g[0].data<double>().ToArray());
        Assert.True(g[1].IsInvalid);
        var e = Assert.Throws<ExternalException>(() => autograd.grad([(x * 3).sum()], [y]));
        Assert.Contains("not have been used", e.Message);
        Assert.Throws<ExternalException>(() => (x * 3).backward());
        (x * 3).backward([tensor(new[] { 1.0, 1 })]);
        Assert.Equal([3.0, 3], x.grad!.data<double>().ToArray());
        autograd.backward([(x * y).sum()], inputs: [y]);
        Assert.Equal([3.0, 3], x.grad!.data<double>().ToArray());
        Assert.Equal([1.0, 2], y.grad!.data<double>().ToArray());
    }

    [Fact]
    public void A_graph_serves_one_pass_unless_retained()
    {
        using var scope = NewDisposeScope();
        var x = tensor(2.0, requires_grad: true);
        var once = x.square();
        once.backward();
        Assert.Contains("second time", Assert.Throws<ExternalException>(() => once.backward()).Message);
        var twice = x.square();
        twice.backward(retain_graph: true);
        twice.backward();
        Assert.Equal(12, x.grad!.ToDouble());
    }

    [Fact]
    public void Grad_frees_the_graph_unless_retained_whether_or_not_it_records_the_pass()
    {
        using var scope = NewDisposeScope();
        var x = tensor(2.0, requires_grad: true);
        foreach (var create in new[] { false, true })
        {
            var freed = x.square();
            _ = autograd.grad([freed], [x], create_graph: create);
            Assert.Contains("second time", Assert.Throws<ExternalException>(() => freed.backward()).Message);
            var kept = x.square();
            _ = autograd.grad([kept], [x], retain_graph: true, create_graph: create);
            kept.backward();
        }
        Assert.Equal(8, x.grad!.ToDouble());
    }

    [Fact]
    public void Zero_gives_a_new_handle_to_the_same_tensor()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, dtype: float64);
        var zeroed = x.zero_();
        Assert.NotSame(x, zeroed);
        Assert.Equal([0.0, 0], x.data<double>().ToArray());
        x.fill_(3);
        Assert.Equal([3.0, 3], zeroed.data<double>().ToArray());
        zeroed.Dispose();
        Assert.False(x.IsInvalid);
    }

    [Fact]
    public void Nothing_is_recorded_without_grad_mode()
    {
        using var scope = NewDisposeScope();
        var x = tensor(2.0, requires_grad: true);
        Assert.True(is_grad_enabled());
        using (no_grad())
        {
            Assert.False(is_grad_enabled());
            Assert.False((x * 2).requires_grad);
            using (enable_grad()) Assert.True((x * 2).requires_grad);
            Assert.False(is_grad_enabled());
            x.add_(1);
        }
        Assert.True(is_grad_enabled());
        Assert.Equal(3, x.ToDouble());
        using (set_grad_enabled(false)) Assert.False((x * 2).requires_grad);
        Assert.False(x.detach().requires_grad);
        Assert.True(x.is_leaf);
        Assert.False((x * 2).is_leaf);
    }

    [Fact]
    public void Leaves_that_require_grad_are_not_changed_in_place()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, dtype: float64, requires_grad: true);
        Assert.Contains("in-place", Assert.Throws<ExternalException>(() => x.add_(1)).Message);
        Assert.Throws<ExternalException>(() => x.view(2).mul_(2));
        Assert.Equal([1.0, 1], x.data<double>().ToArray());
    }

    [Fact]
    public void What_a_derivative_needs_is_not_changed_unnoticed()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, dtype: float64, requires_grad: true);
        var y = x.exp();
        var loss = y.square().sum();
        y.mul_(2);
        Assert.Contains("modified by an inplace operation", Assert.Throws<ExternalException>(() => loss.backward()).Message);
    }

    [Fact]
    public void In_place_operations_return_the_tensor_itself_and_are_differentiated()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, dtype: float64, requires_grad: true);
        var y = x * 1;
        Assert.Same(y, y.mul_(3));
        y.sum().backward();
        Assert.Equal([3.0, 3], x.grad!.data<double>().ToArray());
    }

    [Fact]
    public void Inner_gradients_are_kept_on_request()
    {
        using var scope = NewDisposeScope();
        var x = tensor(2.0, requires_grad: true);
        var y = x.square();
        y.retain_grad();
        y.square().backward();
        Assert.Equal(8, y.grad!.ToDouble());
        Assert.Equal(32, x.grad!.ToDouble());
    }

    [Fact]
    public void A_result_goes_on_requiring_grad()
    {
        using var scope = NewDisposeScope();
        var x = tensor(2.0, requires_grad: true);
        var y = x.square();
        y.requires_grad = false;
        Assert.True(y.requires_grad);
        y.backward();
        Assert.Equal(4, x.grad!.ToDouble());
    }
}
