using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Tests.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Devices;

/// <summary>Many networks at once against the same networks one by one, on the fused field.</summary>
public class EnsembleDescentTests
{
    private const double Share = 1e-12;

    [Theory]
    [OnCpu("constant"), OnCuda("constant")]
    [OnCpu("assumption5"), OnCuda("assumption5")]
    [OnCpu("assumption5 increment"), OnCuda("assumption5 increment")]
    [OnCpu("assumption5 factor"), OnCuda("assumption5 factor")]
    [OnCpu("loss-scaled"), OnCuda("loss-scaled")]
    [OnCpu("scheduled"), OnCuda("scheduled")]
    public void Members_go_where_they_would_go_alone(string device, string rule)
    {
        var random = new Random(11);
        for (var trial = 0; trial < 8; trial++)
        {
            var shape = new NetworkShape([random.Next(1, 9), .. Enumerable.Range(0, random.Next(0, 4)).Select(_ => random.Next(1, 9)), 1]);
            var (members, own) = (random.Next(1, 7), trial % 2 == 1);
            var smooth = rule.StartsWith("assumption5", StringComparison.Ordinal) || trial % 3 == 0;
            var (loss, n, scale) = (smooth ? MarginLoss.Logistic : MarginLoss.Exponential, random.Next(1, 30), 0.5 + 0.1 * trial);
            SignedPoints[] sets = [.. Enumerable.Range(0, own ? members : 1).Select(s => Points(100 * trial + s, n, shape.Inputs))];
            double[][] starts = [.. Enumerable.Range(0, members).Select(s => EngineProblems.Gaussian(shape, 10 * trial + s, scale))];
            IStepRule[] rules = [.. Enumerable.Range(0, members).Select(s => Rule(rule, loss, shape, s))];

            using var field = own
                ? EnsembleField.Of(shape, sets, loss, DeviceName.Resolve(device))
                : EnsembleField.Of(shape, members, sets[0], loss, DeviceName.Resolve(device));
            using var ensemble = new EnsembleDescent(field, [.. starts.SelectMany(start => start)], rules);
            ensemble.Advance(13);
            var reached = ensemble.Advance(12);
            for (var s = 0; s < members; s++)
            {
                var alone = Alone(new FusedField(shape, sets[own ? s : 0].Z, loss, 1), starts[s], Rule(rule, loss, shape, s), 25);
                TorchMarginFieldTests.Close(alone.W.ToArray(), ensemble.StateOf(s), Share);
                Assert.Null(reached[s].End);
                Assert.Equal((25, alone.Rejected), (reached[s].Steps, reached[s].Rejected));
                Assert.Equal(alone.Value.LogRisk, reached[s].LogRisk, Share * (1 + Math.Abs(alone.Value.LogRisk)));
                Assert.Equal(1, reached[s].Clock / alone.Clock, 12);
                Assert.Equal(alone.LogTime, reached[s].LogTime, 1e-11 * (1 + Math.Abs(alone.LogTime)));
                Assert.Equal(1, reached[s].GradientNorm / alone.DirectionNorm, 9);
            }
        }
    }

    [Theory, OnCpu, OnCuda]
    public void Steps_too_large_are_taken_back_member_by_member(string device)
    {
        var shape = new NetworkShape(3, 4, 1);
        var points = Points(5, 20, 3);
        double[][] starts = [EngineProblems.Gaussian(shape, 1), EngineProblems.Gaussian(shape, 2), EngineProblems.Gaussian(shape, 3)];
        double[] initial = [50, 1e-3, 4e3];
        using var field = EnsembleField.Of(shape, 3, points, MarginLoss.Exponential, DeviceName.Resolve(device));
        using var ensemble = new EnsembleDescent(
            field, [.. starts.SelectMany(start => start)], [.. initial.Select(a => new LossScaledStep(a))]);
        var reached = ensemble.Advance(12);
        Assert.True(ensemble.Attempts > 12, "some steps must have been taken back");
        Assert.Equal(3, reached.Select(member => member.Rejected).Distinct().Count());
        for (var s = 0; s < 3; s++)
        {
            var alone = Alone(new FusedField(shape, points.Z, MarginLoss.Exponential, 1), starts[s], new LossScaledStep(initial[s]), 12);
            Assert.Equal((12, alone.Rejected), (reached[s].Steps, reached[s].Rejected));
            // Early steps of thousands amplify roundings: the bound is on the steps taken, not on chaos.
            TorchMarginFieldTests.Close(alone.W.ToArray(), ensemble.StateOf(s), 1e-10);
        }
    }

    [Theory, OnCpu, OnCuda]
    public void A_member_that_ends_stays_and_disturbs_nobody(string device)
    {
        var shape = new NetworkShape(2, 3, 1);
        SignedPoints[] sets = [Points(1, 15, 2), Points(2, 15, 2), Points(3, 15, 2)];
        double[][] starts = [.. Enumerable.Range(0, 3).Select(s => EngineProblems.Gaussian(shape, s))];
        // The first converges, the second leaves float64 within a few steps, the third crawls.
        double[] eta = [0.5, 1e6, 1e-4];
        using var field = EnsembleField.Of(shape, sets, MarginLoss.Exponential, DeviceName.Resolve(device));
        using var ensemble = new EnsembleDescent(
            field, [.. starts.SelectMany(start => start)], [.. eta.Select(step => new ConstantStep(step))], log10RiskBelow: -1);
        var first = ensemble.Advance(2000);
        Assert.Equal("risk-below", first[0].End?.Name);
        Assert.Equal("non-finite", first[1].End?.Name);
        Assert.Null(first[2].End);
        Assert.Equal(2000, first[2].Steps);
        Assert.InRange(first[0].LogRisk, double.NegativeInfinity, -Math.Log(10));
        Assert.All(ensemble.StateOf(1), value => Assert.True(double.IsFinite(value)));

        var frozen = (ensemble.StateOf(0), ensemble.StateOf(1));
        var second = ensemble.Advance(100);
        Assert.Equal(frozen.Item1, ensemble.StateOf(0));
        Assert.Equal(frozen.Item2, ensemble.StateOf(1));
        Assert.Equal((first[0], first[1]), (second[0], second[1]));
        Assert.Equal(2100, second[2].Steps);

        // Each ends where it would end alone, and at the same step.
        for (var s = 0; s < 3; s++)
        {
            var alone = EngineProblems.Point(new FusedField(shape, sets[s].Z, MarginLoss.Exponential, 1), starts[s]);
            var end = Trajectory.Follow(new FlowSystem(new FusedField(shape, sets[s].Z, MarginLoss.Exponential, 1), Clock.Time),
                new GradientDescent(new ConstantStep(eta[s])), alone,
                new RunPlan { Stops = [Stops.RiskBelow(-1), Stops.StepLimit(2100)], Schedule = SampleSchedule.EveryStep });
            Assert.Equal(end.Name, second[s].End?.Name ?? "step-limit");
            Assert.Equal(alone.Steps, second[s].Steps);
            TorchMarginFieldTests.Close(alone.W.ToArray(), ensemble.StateOf(s), 1e-11);
        }
    }

    [Theory, OnCpu, OnCuda]
    public void In_float32_members_go_the_same_way(string device)
    {
        var shape = new NetworkShape(6, 5, 4, 1);
        var points = Points(7, 40, 6);
        double[] starts = [.. Enumerable.Range(0, 3).SelectMany(s => EngineProblems.Gaussian(shape, s))];
        foreach (var rule in (IStepRule[])
            [new ConstantStep(0.1), new AssumptionFiveStep(MarginLoss.Logistic, 3), new LossScaledStep(1e-3)])
        {
            using var single = EnsembleField.Of(shape, 3, points, MarginLoss.Logistic, DeviceName.Resolve(device), ScalarType.Float32);
            using var twice = EnsembleField.Of(shape, 3, points, MarginLoss.Logistic);
            using var rough = new EnsembleDescent(single, starts, [rule]);
            using var exact = new EnsembleDescent(twice, starts, [rule]);
            rough.Advance(20);
            exact.Advance(20);
            Assert.Equal(ScalarType.Float32, rough.States.dtype);
            for (var s = 0; s < 3; s++) TorchMarginFieldTests.Close(exact.StateOf(s), rough.StateOf(s), 1e-5);
        }
    }

    [Fact]
    public void An_ensemble_of_ended_members_takes_no_further_steps()
    {
        var shape = new NetworkShape(2, 1);
        using var field = EnsembleField.Of(shape, 2, Points(1, 9, 2), MarginLoss.Exponential);
        using var ensemble = new EnsembleDescent(field, [0, 0, 0, 0], [new ConstantStep(0.1)], log10RiskBelow: 1);
        Assert.All(ensemble.Advance(1000), member => Assert.Equal(("risk-below", 0), (member.End?.Name, (int)member.Steps)));
        Assert.Equal(0, ensemble.Attempts);
    }

    [Fact]
    public void The_clock_ends_a_run_on_the_spot()
    {
        var shape = new NetworkShape(2, 1);
        using var field = EnsembleField.Of(shape, 2, Points(1, 9, 2), MarginLoss.Logistic);
        using var ensemble = new EnsembleDescent(field, [0, 0, 1, 0], [new ConstantStep(0.4), new ConstantStep(0.3)]);
        var members = ensemble.Advance(100, clockLimit: 1);
        Assert.Equal([3L, 4L], members.Select(member => member.Steps));
        Assert.All(members, member => Assert.Equal(1.0, member.Clock));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var shape = new NetworkShape(2, 3, 1);
        using var field = EnsembleField.Of(shape, 2, Points(1, 9, 2), MarginLoss.Logistic);
        var starts = new double[2 * shape.Length];
        Assert.Contains("18 numbers", Refused(() => new EnsembleDescent(field, new double[5], [new ConstantStep(1)])));
        Assert.Contains("one for each", Refused(() => new EnsembleDescent(field, starts, [.. Enumerable.Repeat(new ConstantStep(1), 3)])));
        Assert.Contains("one kind", Refused(() => new EnsembleDescent(field, starts, [new ConstantStep(1), new LossScaledStep(1)])));
        Assert.Contains("decides on the host", Refused(() => new EnsembleDescent(field, starts, [new OwnRule()])));
        starts[^1] = double.NaN;
        Assert.Contains("member 1", Refused(() => new EnsembleDescent(field, starts, [new ConstantStep(1)])));

        static string Refused(Action action) => Assert.Throws<ArgumentException>(action).Message;
    }

    /// <summary>
    /// On the meta device there are no numbers: any look from the host fails, and so does any tensor made on another device.
    /// </summary>
    [Theory]
    [InlineData("constant", 1)]
    [InlineData("constant", 5)]
    [InlineData("assumption5", 1)]
    [InlineData("assumption5 factor", 5)]
    [InlineData("loss-scaled", 1)]
    [InlineData("loss-scaled", 5)]
    public void Steps_look_at_nothing_and_stay_on_their_device(string rule, int members)
    {
        var shape = new NetworkShape(6, 4, 5, 1);
        foreach (var loss in MarginLoss.All)
        {
            if (loss.Smoothness is null && rule.StartsWith("assumption5", StringComparison.Ordinal)) continue;
            foreach (var own in (bool[])[false, true])
            {
                using var scope = NewDisposeScope();
                var z = zeros(own ? [members, 30, 6] : [30, 6], dtype: float64, device: META);
                using var field = new EnsembleField(shape, members, z, loss);
                var w = zeros(members, shape.Length, dtype: float64, device: META);
                using var ensemble = new EnsembleDescent(new QueuedFactors(field), w, [Rule(rule, loss, shape, 0)]);
                ensemble.Queue(5, [.. Enumerable.Repeat(5.0, members)]);
                Assert.Equal(5, ensemble.Attempts);
                Assert.Equal(DeviceType.META, ensemble.States.device_type);
                Assert.ThrowsAny<Exception>(() => ensemble.Members);
            }
        }
    }

    [Theory, OnCpu, OnCuda]
    public void No_tensor_is_left_behind(string device)
    {
        var shape = new NetworkShape(3, 4, 1);
        using var field = EnsembleField.Of(shape, 2, Points(5, 20, 3), MarginLoss.Logistic, DeviceName.Resolve(device));
        using var ensemble = new EnsembleDescent(field, new double[2 * shape.Length], [new LossScaledStep(0.1)]);
        ensemble.Advance(3);
        var before = Tensor.TotalCount;
        ensemble.Advance(500);
        // Less than one a step: other tests hold tensors of their own meanwhile.
        Assert.InRange(Tensor.TotalCount - before, -500, 250);
    }

    private static IStepRule Rule(string name, MarginLoss loss, NetworkShape shape, int member) => name switch
    {
        "constant" => new ConstantStep(0.05 * (1 + member)),
        "scheduled" => ScheduledStep.Harmonic(0.1 * (1 + member), 10 + member),
        "assumption5" => new AssumptionFiveStep(loss, shape.Depth),
        "assumption5 increment" => new AssumptionFiveStep(loss, shape.Depth, RadiusGrowth.ByIncrement),
        "assumption5 factor" => new AssumptionFiveStep(loss, shape.Depth, RadiusGrowth.ByFactor),
        _ => new LossScaledStep(1e-3 * (1 + member)),
    };

    private static SignedPoints Points(int seed, int n, int d) => new(EngineProblems.Separable(n, d, seed), n, d);

    private static TrajectoryPoint Alone(IVectorField field, double[] start, IStepRule rule, long steps)
    {
        var point = EngineProblems.Point(field, start);
        var stepper = new GradientDescent(rule);
        stepper.Start(new FlowSystem(field, Clock.Time), point);
        while (point.Steps < steps) Assert.Equal(StepOutcome.Advanced, stepper.Step(point));
        return point;
    }

    private sealed class OwnRule : IStepRule
    {
        public string Name => "own";

        public void Start(TrajectoryPoint point)
        {
        }

        public StepSize Next(TrajectoryPoint point) => new(1);
    }
}
