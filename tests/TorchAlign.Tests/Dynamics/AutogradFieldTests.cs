using TorchAlign.Data;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.States;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Dynamics;

public class AutogradFieldTests
{
    private static readonly NetworkShape Shape = new(3, 4, 2, 1);

    public static TheoryData<MarginLoss, bool> Cases => new()
    {
        { MarginLoss.Exponential, true }, { MarginLoss.Exponential, false }, { MarginLoss.Logistic, true }, { MarginLoss.Logistic, false },
    };

    private static SignedPoints Points(int n = 12) => new(
        [.. Enumerable.Range(0, n * 3).Select(new RandomStream(9).NextGaussianAt)], n, 3);

    [Theory, MemberData(nameof(Cases))]
    public void The_direction_is_minus_the_gradient_of_the_log_risk(MarginLoss loss, bool collapsed)
    {
        using var network = new LinearNetwork(Shape);
        var field = AutogradMarginField.Of(network, Points(), loss, collapsed);
        using var w = field.NewState();
        using var direction = field.NewState();
        using var scratch = field.NewState();
        var state = Initialization.Gaussian(Shape, 1, new RandomStream(1));
        w.CopyFrom(state);
        var value = field.Evaluate(w, direction);
        Assert.Equal(value.LogRisk, value.LogScale);
        var gradient = direction.ToArray();
        const double h = 1e-6;
        for (var i = 0; i < state.Length; i++)
            Assert.Equal(-(At(i, h) - At(i, -h)) / (2 * h), gradient[i], 1e-8);

        double At(int i, double step)
        {
            var moved = state.ToArray();
            moved[i] += step;
            w.CopyFrom(moved);
            return field.Evaluate(w, scratch).LogRisk;
        }
    }

    [Fact]
    public void Margins_and_weights_are_those_of_the_state_evaluated_last()
    {
        using var network = new LinearNetwork(Shape);
        var points = Points();
        var field = AutogradMarginField.Of(network, points, MarginLoss.Exponential, collapsed: true);
        using var w = field.NewState();
        using var direction = field.NewState();
        var state = Initialization.Gaussian(Shape, 1, new RandomStream(1));
        w.CopyFrom(state);
        field.Evaluate(w, direction);
        var margins = new double[points.Count];
        points.Margins(LinearProduct.Of(Shape, state), margins);
        for (var i = 0; i < margins.Length; i++) Assert.Equal(margins[i], field.Margins[i], 1e-14);
        Assert.Equal(1, field.Weights.ToArray().Sum(), 1e-14);
    }

    /// <summary>For L = 1 the margins are linear in W: the margin-space norm is the weighted standard deviation of Z e.</summary>
    [Fact]
    public void The_margin_space_norm_is_the_weighted_deviation_of_the_margins()
    {
        var shape = new NetworkShape(3, 1);
        using var network = new LinearNetwork(shape);
        var points = Points();
        var field = AutogradMarginField.Of(network, points, MarginLoss.Logistic, collapsed: true);
        using var w = field.NewState();
        using var e = field.NewState();
        w.CopyFrom([0.3, -1, 2]);
        field.Evaluate(w, e);
        e.CopyFrom([1e-3, 2e-3, -5e-4]);
        var moved = new double[points.Count];
        points.Margins(e.ToArray(), moved);
        var q = field.Weights.ToArray();
        var total = q.Sum();
        var mean = q.Zip(moved, (a, b) => a * b).Sum() / total;
        var expected = Math.Sqrt(q.Zip(moved, (a, b) => a * (b - mean) * (b - mean)).Sum() / total);
        Assert.Equal(expected, field.MarginSpaceNorm(w, e), 1e-12);
    }

    /// <summary>Who looks at the module after a step sees the state evaluated last, not one moved by an error estimate.</summary>
    [Fact]
    public void Measuring_an_error_leaves_the_parameters()
    {
        using var scope = NewDisposeScope();
        using var network = new LinearNetwork(Shape);
        var fails = false;
        var z = arange(15, dtype: float64).view(5, 3) - 7;
        var calls = 0;
        using var field = new AutogradMarginField(network.parameters(), () => fails && ++calls == 2
            ? throw new ArithmeticException("no margins there")
            : network.call(z).squeeze(-1), MarginLoss.Logistic);
        using var w = field.NewState();
        using var e = field.NewState();
        var state = Initialization.Gaussian(Shape, 1, new RandomStream(1));
        w.CopyFrom(state);
        field.Evaluate(w, e);
        field.MarginSpaceNorm(w, e);
        Assert.Equal(state, network.Flat.data<double>().ToArray());
        fails = true;
        Assert.Throws<ArithmeticException>(() => field.MarginSpaceNorm(w, e));
        Assert.Equal(state, network.Flat.data<double>().ToArray());
    }

    [Fact]
    public void Gathered_gradients_stay_and_a_parameter_without_part_is_named()
    {
        using var scope = NewDisposeScope();
        var (x, unused) = (nn.Parameter(tensor(new[] { 1.0, 2 })), nn.Parameter(ones(3, dtype: float64)));
        (x * 3).sum().backward();
        var field = new AutogradField([x], () => x.square().sum().log());
        using var w = field.Read();
        using var direction = field.NewState();
        field.Evaluate(w, direction);
        Assert.Equal([3.0, 3], x.grad!.data<double>().ToArray());
        Assert.Equal([-2 / 5.0, -4 / 5.0], direction.ToArray());
        var wide = new AutogradField([x, unused], () => x.square().sum().log());
        using var both = wide.Read();
        using var into = wide.NewState();
        Assert.Contains("(3)", Assert.Throws<InvalidOperationException>(() => wide.Evaluate(both, into)).Message);
        Assert.Equal([3.0, 3], x.grad!.data<double>().ToArray());
        Assert.Null(unused.grad);
    }

    [Fact]
    public void Ten_thousand_evaluations_leave_no_tensor_behind()
    {
        using var network = new LinearNetwork(new NetworkShape(3, 2, 1));
        var field = AutogradMarginField.Of(network, Points(), MarginLoss.Logistic, collapsed: true);
        using var w = field.NewState();
        using var direction = field.NewState();
        w.CopyFrom([.. Enumerable.Repeat(0.1, 8)]);
        field.Evaluate(w, direction);
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        for (var i = 0; i < 10_000; i++) field.Evaluate(w, direction);
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Torch_states_compute_what_managed_states_compute()
    {
        var layout = new BlockLayout(3, 2);
        var random = new RandomStream(2);
        double[] x = [.. Enumerable.Range(0, 5).Select(random.NextGaussianAt)];
        double[] y = [.. Enumerable.Range(0, 5).Select(random.NextGaussianAt)];
        using var torch = new TorchState(layout);
        using var torchOther = new TorchState(layout);
        var managed = new ManagedState(layout, x);
        var managedOther = new ManagedState(layout, y);
        torch.CopyFrom(x);
        torchOther.CopyFrom(y);
        Same((s, o) => s.AddScaled(0.3, o));
        Same((s, o) => s.SetSum(s, -2, o));
        Same((s, o) => s.SetCombination(o, [0.5, 0, 2], [o, o, o]));
        Same((s, _) => s.Scale(1.5));
        Assert.Equal(managed.Dot(managedOther), torch.Dot(torchOther), 1e-13);
        Assert.Equal(managed.Norm(), torch.Norm(), 1e-13);
        Assert.Equal(managed.MaxBlockNorm(), torch.MaxBlockNorm(), 1e-13);
        Assert.Throws<ArgumentException>(() => torch.CopyFrom(managed));
        Assert.Throws<ArgumentException>(() => managed.CopyFrom(torch));
        Assert.Throws<ArgumentException>(() => torch.CopyFrom([1.0]));

        void Same(Action<StateVector, StateVector> action)
        {
            using var torchResult = torch.NewLike();
            torchResult.CopyFrom(torch);
            var managedResult = managed.NewLike();
            managedResult.CopyFrom(managed);
            action(torchResult, torchOther);
            action(managedResult, managedOther);
            foreach (var (expected, actual) in managedResult.ToArray().Zip(torchResult.ToArray())) Assert.Equal(expected, actual, 1e-14);
        }
    }
}
