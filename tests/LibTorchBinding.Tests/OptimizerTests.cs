using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LibTorchBinding.Tests;

/// <summary>SGD with each of its options against the rule written out, and optimisers of one's own.</summary>
public class OptimizerTests
{
    [Theory]
    [InlineData(0, 0, 0, false, false)]
    [InlineData(0.9, 0, 0, false, false)]
    [InlineData(0.9, 0.3, 0, false, false)]
    [InlineData(0.9, 0, 0.1, false, false)]
    [InlineData(0.9, 0, 0, true, false)]
    [InlineData(0.5, 0, 0.1, true, true)]
    [InlineData(0, 0, 0.1, false, true)]
    public void Sgd_follows_its_rule(double momentum, double dampening, double decay, bool nesterov, bool maximize)
    {
        using var scope = NewDisposeScope();
        double[] w = [1, -2, 3];
        var parameter = new Parameter(tensor(w));
        using var sgd = optim.SGD([parameter], 0.1, momentum, dampening, decay, nesterov, maximize);
        double[]? v = null;
        for (var step = 0; step < 4; step++)
        {
            // The gradient of sum w^2 / 2 is w.
            var g = w.Select(x => x + (decay * x)).ToArray();
            v = v is null ? g : [.. v.Zip(g, (a, b) => (momentum * a) + ((1 - dampening) * b))];
            var d = momentum == 0 ? g : nesterov ? [.. g.Zip(v, (a, b) => a + (momentum * b))] : v;
            w = [.. w.Zip(d, (a, b) => a + ((maximize ? 0.1 : -0.1) * b))];

            sgd.zero_grad();
            (parameter.square().sum() / 2).backward();
            sgd.step();
            Assert.All(w.Zip(parameter.data<double>().ToArray()), p => Assert.Equal(p.First, p.Second, 12));
        }
    }

    [Fact]
    public void A_closure_is_run_with_gradients_and_its_loss_returned()
    {
        using var scope = NewDisposeScope();
        var parameter = new Parameter(tensor(new[] { 1.0, 2 }));
        using var sgd = optim.SGD([parameter], 0.5);
        using var off = no_grad();
        var loss = sgd.step(() =>
        {
            sgd.zero_grad();
            var l = parameter.square().sum();
            l.backward();
            return l;
        });
        Assert.Equal(5, loss!.ToDouble());
        Assert.Equal([0.0, 0], parameter.data<double>().ToArray());
        Assert.Null(sgd.step());
    }

    [Fact]
    public void Groups_have_options_of_their_own()
    {
        using var scope = NewDisposeScope();
        var a = new Parameter(tensor(1.0));
        var b = new Parameter(tensor(1.0));
        using var sgd = new SGD([new SGD.ParamGroup([a], lr: 0.1), new SGD.ParamGroup([b], lr: 0.2)], 1);
        Assert.Equal([a, b], sgd.parameters(), ReferenceEqualityComparer.Instance);
        (a + b).backward();
        sgd.step();
        Assert.Equal(0.9, a.ToDouble(), 15);
        Assert.Equal(0.8, b.ToDouble(), 15);
        foreach (var group in sgd.ParamGroups) group.LearningRate = 0.5;
        sgd.step();
        Assert.Equal(0.4, a.ToDouble(), 15);
        Assert.Equal(0.3, b.ToDouble(), 15);
    }

    [Fact]
    public void Parameters_without_gradient_stay()
    {
        using var scope = NewDisposeScope();
        var used = new Parameter(tensor(1.0));
        var unused = new Parameter(tensor(1.0));
        using var sgd = optim.SGD([used, unused], 0.5, weight_decay: 0.5);
        used.square().backward();
        sgd.step();
        Assert.Equal(1, unused.ToDouble());
        Assert.NotEqual(1, used.ToDouble());
        sgd.zero_grad();
        Assert.Equal(0, used.grad?.ToDouble() ?? 0);
    }

    [Fact]
    public void An_optimiser_of_ones_own_derives_from_the_helper()
    {
        using var scope = NewDisposeScope();
        var parameter = new Parameter(tensor(new[] { 3.0, 4 }));
        using var descent = new NormalisedDescent([parameter], 0.5);
        var loss = descent.step(() =>
        {
            descent.zero_grad();
            var l = parameter.square().sum();
            l.backward();
            return l;
        });
        Assert.Equal(25, loss!.ToDouble());
        Assert.All(new[] { 2.7, 3.6 }.Zip(parameter.data<double>().ToArray()), p => Assert.Equal(p.First, p.Second, 12));
        Assert.Equal(0.5, descent.ParamGroups.Single().LearningRate);
        Assert.Single(descent.parameters());
    }

    private sealed class NormalisedDescent : OptimizerHelper
    {
        public NormalisedDescent(IEnumerable<Parameter> parameters, double lr)
        {
            var options = new OptimizerOptions { LearningRate = lr, InitialLearningRate = lr };
            _defaults = options;
            _parameter_groups = [new ParamGroup { Parameters = [.. parameters], Options = options }];
        }

        public override Tensor? step(Func<Tensor>? closure = null) => _step<ParamGroup>(
            group =>
            {
                foreach (var parameter in group.Parameters)
                {
                    using var gradient = parameter.grad;
                    if (gradient is not null) parameter.add_(gradient / gradient.norm(), -group.LearningRate);
                }
            },
            closure);
    }
}
