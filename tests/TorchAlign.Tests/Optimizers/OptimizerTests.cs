using TorchAlign.Dynamics;
using TorchAlign.Losses;
using TorchAlign.Optimizers;
using TorchAlign.Tests.Dynamics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Optimizers;

[Collection(nameof(GlobalGenerator))]
public class OptimizerTests
{
    /// <summary>R = 1/2 w^T diag(1, 3) w from (2, -5): the flow is known, and the optimiser must be on it at t = 1.</summary>
    [Fact]
    public void Gradient_flow_is_the_exact_solution_of_a_quadratic()
    {
        using var scope = NewDisposeScope();
        var w = nn.Parameter(tensor(new[] { 2.0, -5.0 }, dtype: float64));
        using var flow = new GradientFlow([w], Clock.Time, rtol: 1e-10, interval: 0.25);
        for (var i = 0; i < 4; i++)
            flow.step(() =>
            {
                flow.zero_grad();
                var risk = (w.square() * tensor(new[] { 1.0, 3.0 }, dtype: float64)).sum() * 0.5;
                risk.backward();
                return risk;
            });
        var reached = w.detach().data<double>().ToArray();
        Assert.Equal(2 * Math.Exp(-1), reached[0], 1e-9);
        Assert.Equal(-5 * Math.Exp(-3), reached[1], 1e-9);
        Assert.Equal(1.0, flow.Point.Clock);
    }

    /// <summary>A network with a ReLU: the flow's two exact invariants hold there too, ||W_2||^2 - ||W_1||^2 is constant.</summary>
    [Fact]
    public void Gradient_flow_trains_a_module_with_a_relu_and_keeps_its_invariant()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var (module, x, y) = ReluProblem();
        using var flow = new GradientFlow(module.parameters(), Clock.LogRisk, rtol: 1e-5);
        var before = NormDifference(module);
        var risks = new List<double>();
        for (var i = 0; i < 200; i++) risks.Add(flow.step(() => Risk(module, x, y, flow)).item<double>());
        Assert.True(risks[^1] < 0.8 * risks[0], $"{risks[0]} -> {risks[^1]}");
        for (var i = 1; i < risks.Count; i++) Assert.True(risks[i] <= risks[i - 1]);
        Assert.Equal(before, NormDifference(module), 1e-3);
    }

    /// <summary>Assumption 5 descent on the same module: the risk falls at every step, by at least eta/2 ||grad||^2.</summary>
    [Fact]
    public void Adaptive_descent_trains_a_module_with_a_relu_monotonically()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var (module, x, y) = ReluProblem();
        using var descent = new AdaptiveGradientDescent([.. module.parameters()], MarginLoss.Logistic);
        var risks = new List<double>();
        for (var i = 0; i < 200; i++)
        {
            var norm = i == 0 ? 0 : descent.Point.DirectionNorm * Math.Exp(descent.Point.Value.LogScale);
            var clock = descent.Point.Clock;
            risks.Add(descent.step(() => Risk(module, x, y, descent)).item<double>());
            if (i > 0)
                Assert.True(
                    Math.Exp(descent.Point.Value.LogRisk) - risks[^1] <= -0.5 * (descent.Point.Clock - clock) * norm * norm + 1e-15);
        }
        Assert.True(risks[^1] < risks[0]);
        Assert.True(descent.Radius > 1);
    }

    [Fact]
    public void Misuse_is_said_clearly()
    {
        using var scope = NewDisposeScope();
        var w = nn.Parameter(ones(2, dtype: float64));
        using var flow = new GradientFlow([w], Clock.Time, rtol: 1e-8);
        Assert.Throws<ArgumentNullException>(() => flow.step());
        Assert.Contains("backward", Assert.Throws<InvalidOperationException>(() => flow.step(() => w.square().sum())).Message);
        Assert.Throws<ArgumentException>(() => new GradientFlow([], Clock.Time, rtol: 1e-8));
        Assert.Throws<ArgumentException>(() => new AdaptiveGradientDescent([w], MarginLoss.Exponential));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GradientFlow([w], Clock.Time, rtol: 1e-8, interval: 0));
    }

    [Fact]
    public void Restart_takes_up_parameters_changed_from_outside()
    {
        using var scope = NewDisposeScope();
        var w = nn.Parameter(ones(1, dtype: float64));
        using var flow = new GradientFlow([w], Clock.Time, rtol: 1e-10, interval: 1);
        Tensor Closure()
        {
            flow.zero_grad();
            var risk = 0.5 * w.square().sum();
            risk.backward();
            return risk;
        }
        flow.step(Closure);
        using (no_grad()) w.fill_(10);
        flow.Restart();
        flow.step(Closure);
        Assert.Equal(10 * Math.Exp(-1), w.item<double>(), 1e-8);
    }

    /// <summary>R = w^2, but the fifth evaluation, a stage of the first step, has none.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_trial_without_a_risk_is_taken_back_or_ends_the_step_and_the_parameters_stay(bool throws)
    {
        using var scope = NewDisposeScope();
        var w = nn.Parameter(tensor(new[] { 0.5 }));
        var calls = 0;
        using var flow = new GradientFlow([w], Clock.Time, rtol: 1e-6);
        Tensor Closure()
        {
            flow.zero_grad();
            calls++;
            if (throws && calls == 5) throw new ArithmeticException("no risk there");
            var risk = w.square().sum() * (!throws && calls == 5 ? double.NaN : 1);
            risk.backward();
            return risk;
        }
        if (throws)
        {
            Assert.Throws<ArithmeticException>(() => flow.step(Closure));
            Assert.Equal(0.5, w.item<double>());
        }
        flow.step(Closure);
        Assert.Equal(throws ? 0 : 1, flow.Point.Rejected);
        Assert.Equal(1, flow.Point.Steps);
        Assert.Equal(0.5 * Math.Exp(-2 * flow.Point.Clock), w.item<double>(), 1e-6);
    }

    [Fact]
    public void A_closure_that_throws_while_the_trajectory_starts_leaves_the_parameters()
    {
        using var scope = NewDisposeScope();
        var w = nn.Parameter(tensor(new[] { 0.5 }));
        using var flow = new GradientFlow([w], Clock.Time, rtol: 1e-6);
        var calls = 0;
        Tensor Closure()
        {
            flow.zero_grad();
            if (++calls == 2) throw new ArithmeticException("no risk there");
            var risk = w.square().sum();
            risk.backward();
            return risk;
        }
        Assert.Throws<ArithmeticException>(() => flow.step(Closure));
        Assert.Equal(0.5, w.item<double>());
        flow.step(Closure);
        Assert.True(w.item<double>() < 0.5);
    }

    [Fact]
    public void A_start_without_a_risk_is_said_clearly()
    {
        using var scope = NewDisposeScope();
        var w = nn.Parameter(tensor(new[] { -1.0 }));
        using var flow = new GradientFlow([w], Clock.Time, rtol: 1e-6);
        using var descent = new AdaptiveGradientDescent([w], MarginLoss.Logistic);
        foreach (var optimizer in new TrajectoryOptimizer[] { flow, descent })
        {
            var error = Assert.Throws<InvalidOperationException>(() => optimizer.step(() =>
            {
                optimizer.zero_grad();
                var risk = w.sqrt().sum();
                risk.backward();
                return risk;
            }));
            Assert.Contains("NaN at the parameters' present values", error.Message);
            Assert.Equal(-1, w.item<double>());
        }
    }

    [Fact]
    public void Optimisers_leave_no_tensor_behind()
    {
        using var w = nn.Parameter(tensor(new[] { 0.5, 2 }));
        foreach (var make in (Func<TrajectoryOptimizer>[])
            [() => new GradientFlow([w], Clock.Time, rtol: 1e-6), () => new AdaptiveGradientDescent([w], MarginLoss.Logistic)])
        {
            HandleTests.LeavesNone("life", () =>
            {
                using var optimizer = make();
                HandleTests.LeavesNone("step", () => optimizer.step(Closure).Dispose());
                HandleTests.LeavesNone("zero_grad", optimizer.zero_grad);
                HandleTests.LeavesNone("Restart", () =>
                {
                    optimizer.Restart();
                    optimizer.step(Closure).Dispose();
                });

                Tensor Closure()
                {
                    optimizer.zero_grad();
                    var risk = w.square().sum();
                    risk.backward();
                    return risk;
                }
            });
        }
    }

    private static (Sequential Module, Tensor X, Tensor Y) ReluProblem()
    {
        var module = nn.Sequential(
            nn.Linear(3, 8, hasBias: false, dtype: float64), nn.ReLU(), nn.Linear(8, 1, hasBias: false, dtype: float64));
        var x = randn(20, 3, dtype: float64);
        x.div_(x.norm(1, true, 2).max());
        return (module, x, x.narrow(1, 0, 1).sign().squeeze(-1));
    }

    private static Tensor Risk(Sequential module, Tensor x, Tensor y, optim.Optimizer optimizer)
    {
        optimizer.zero_grad();
        var risk = MarginLoss.Logistic.LogRisk(module.call(x).squeeze(-1) * y).exp();
        risk.backward();
        return risk;
    }

    private static double NormDifference(Sequential module)
    {
        var weights = module.parameters().ToArray();
        return (weights[1].square().sum() - weights[0].square().sum()).item<double>();
    }
}
