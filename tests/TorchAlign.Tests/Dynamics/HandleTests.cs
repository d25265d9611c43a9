using TorchAlign.Alignment;
using TorchAlign.Checkpoints;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.States;
using TorchAlign.Tests.Devices;
using TorchAlign.Tests.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Dynamics;

/// <summary>
/// No operation leaves a tensor of its own behind, in or out of a dispose scope: what is made and freed on this thread is counted
/// around each. What a field keeps of its last evaluation is replaced by the next.
/// </summary>
public class HandleTests
{
    private static readonly NetworkShape Shape = new(3, 4, 1);

    public static TheoryData<string> Rules => ["constant", "scheduled", "loss-scaled", "assumption5"];

    [Fact]
    public void States_leave_none()
    {
        var layout = new BlockLayout(3, 2);
        using var x = new TorchState(layout);
        using var y = new TorchState(layout);
        var host = new double[5];
        LeavesNone("new state", () => new TorchState(layout).Dispose());
        LeavesNone("NewLike", () => x.NewLike().Dispose());
        LeavesNone("Block", () => x.Block(1).Dispose());
        LeavesNone("CopyFrom a state", () => x.CopyFrom(y));
        LeavesNone("CopyFrom the host", () => x.CopyFrom(host));
        LeavesNone("CopyTo", () => x.CopyTo(host));
        LeavesNone("AddScaled", () => x.AddScaled(2, y));
        LeavesNone("SetSum", () => x.SetSum(x, 2, y));
        LeavesNone("SetCombination", () => x.SetCombination(x, [1, 0, 2], [y, y, y]));
        LeavesNone("Scale", () => x.Scale(0.5));
        LeavesNone("numbers", () => _ = x.Dot(y) + x.Norm() + x.MaxBlockNorm());
    }

    [Theory]
    [InlineData(ProductProblems.Free)]
    [InlineData(ProductProblems.Constrained)]
    [InlineData(ProductProblems.Samples)]
    public void Fields_of_products_leave_none(string kind)
    {
        LeavesNone("making it", () => ProductProblems.Make("cpu", kind).Field.Dispose());
        var (_, field, start) = ProductProblems.Make("cpu", kind);
        using (field)
        {
            using var w = (TorchState)field.NewState();
            using var direction = (TorchState)field.NewState();
            w.CopyFrom(start);
            LeavesNone("Evaluate", () => field.Evaluate(w, direction));
            LeavesNone("Evaluate on tensors", () => field.Evaluate(w.Values, direction.Values));
            LeavesNone("LogRisk", () => field.LogRisk.Dispose());
            LeavesNone("QueuedDescent", () =>
            {
                using var stepper = new QueuedDescent(new ConstantStep(0.01));
                var point = new TrajectoryPoint(w);
                stepper.Start(new FlowSystem(field, Clock.Time), point);
                LeavesNone("Advance", () => stepper.Advance(point, 2));
            });
        }
    }

    [Fact]
    public void Fields_of_margins_leave_none()
    {
        LeavesNone("making it", () => Field().Dispose());
        using var field = Field();
        using var w = (TorchState)field.NewState();
        using var direction = field.NewState();
        w.CopyFrom(Start());
        LeavesNone("Evaluate", () => field.Evaluate(w, direction));
        LeavesNone("Margins, Weights", () => { field.Evaluate(w, direction); _ = field.Margins[0] + field.Weights[0]; });
        LeavesNone("MarginSpaceNorm", () => field.MarginSpaceNorm(w, direction));
        using var row = w.Values.view(1, -1);
        using var into = zeros_like(row);
        LeavesNone("core", () => { field.Core.Evaluate(row); field.Core.WriteDirection(into); field.Core.DirectionNorms().Dispose(); });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fields_by_differentiation_leave_none(bool collapsed)
    {
        using var network = new LinearNetwork(Shape);
        LeavesNone("making it", () => AutogradMarginField.Of(network, Points(), MarginLoss.Logistic, collapsed).Dispose());
        using var field = AutogradMarginField.Of(network, Points(), MarginLoss.Logistic, collapsed);
        using var w = field.NewState();
        using var direction = field.NewState();
        w.CopyFrom(Start());
        LeavesNone("Evaluate", () => field.Evaluate(w, direction));
        LeavesNone("Margins, Weights", () =>
        {
            field.Evaluate(w, direction);
            _ = field.Margins[0] + field.Weights[0];
            field.Evaluate(w, direction);
        });
        LeavesNone("MarginSpaceNorm", () => { field.MarginSpaceNorm(w, direction); field.Evaluate(w, direction); });
        LeavesNone("Read", () => field.Read().Dispose());
        LeavesNone("Write", () => field.Write(w));
    }

    public static TheoryData<string> Steppers => ["euler", "dopri5", "constant", "loss-scaled", "assumption5", "device"];

    /// <summary>Of two fields on tensors; the point is left in the state it came with.</summary>
    [Theory, MemberData(nameof(Steppers))]
    public void Steppers_free_the_states_they_make(string name)
    {
        using var network = new LinearNetwork(Shape);
        using var autograd = AutogradMarginField.Of(network, Points(), MarginLoss.Logistic, collapsed: true);
        using var closed = Field();
        foreach (var field in name == "device" ? [closed] : new IMarginField[] { autograd, closed })
        {
            using var w = field.NewState();
            using var reached = field.NewState();
            field.Evaluate(w, reached);
            LeavesNone(name, () =>
            {
                w.CopyFrom(Start());
                var point = new TrajectoryPoint(w);
                var stepper = Stepper(name);
                using (stepper as IDisposable)
                {
                    stepper.Start(new FlowSystem(field, Clock.Time), point);
                    LeavesNone("Step", () => Assert.Equal(StepOutcome.Advanced, stepper.Step(point)));
                    LeavesNone("looks", () => _ = point.DirectionNorm + point.W.Norm());
                    stepper.Start(new FlowSystem(field, Clock.Time), point);
                    Assert.Equal(StepOutcome.Advanced, stepper.Step(point));
                    reached.CopyFrom(point.W);
                }
                Assert.Same(w, point.W);
                Assert.Equal(reached.ToArray(), w.ToArray());
                Assert.True(double.IsFinite(point.DirectionNorm));
                field.Evaluate(w, reached);
            });
        }
    }

    [Theory, MemberData(nameof(Rules))]
    public void Ensembles_of_descents_leave_none(string rule)
    {
        using var field = EnsembleField.Of(Shape, 2, Points(), MarginLoss.Logistic);
        LeavesNone("life", () =>
        {
            using var ensemble = new EnsembleDescent(field, [.. Start(), .. Start()], [Rule(rule)]);
            LeavesNone("Advance", () => ensemble.Advance(2));
            LeavesNone("Advance to a clock", () => ensemble.Advance(1, ensemble.Members.Max(member => member.Clock) + 1e-3));
            LeavesNone("looks", () => _ = ensemble.StateOf(1)[0] + ensemble.Members.Count);
        });
    }

    [Fact]
    public void Ensembles_of_flows_leave_none()
    {
        using var field = EnsembleField.Of(Shape, 2, Points(), MarginLoss.Logistic);
        using var point = new ManagedPoint(Shape);
        EnsembleMember[] from = [EnsembleMember.At(point.Point), EnsembleMember.At(point.Point)];
        LeavesNone("life", () =>
        {
            using var ensemble = new EnsembleDormandPrince(
                field, EnsembleDescent.Load(field, [.. Start(), .. Start()]), new EnsembleFlowSettings(Clock.LogRisk), from);
            ensemble.Hold([double.PositiveInfinity, double.PositiveInfinity], [double.NegativeInfinity, double.NegativeInfinity]);
            LeavesNone("Try", () => ensemble.Try(2, [1000, 1000], [double.PositiveInfinity, double.PositiveInfinity]));
            LeavesNone("looks", () => _ = ensemble.StatesOf([1])[0] + ensemble.Members.Count);
        });
    }

    /// <summary>Each fails after some of its tensors were made.</summary>
    [Fact]
    public void Constructors_that_fail_leave_none()
    {
        using var field = EnsembleField.Of(Shape, 2, Points(), MarginLoss.Logistic);
        using var point = new ManagedPoint(Shape);
        double[] start = [.. Start(), .. Start()], lost = [.. Start(), .. Start().Select(_ => double.NaN)];
        var one = EnsembleMember.At(point.Point);
        LeavesNone("a start without a risk", () =>
            Assert.Throws<ArgumentException>(() => new EnsembleDescent(field, lost, [new ConstantStep(0.1)])));
        LeavesNone("rules of two kinds", () =>
            Assert.Throws<ArgumentException>(() => new EnsembleDescent(field, start, [new ConstantStep(0.1), new LossScaledStep(1)])));
        LeavesNone("descents of three", () => Assert.ThrowsAny<Exception>(() => new EnsembleDescent(
            new QueuedFactors(field), zeros([3, Shape.Length], dtype: float64), [new LossScaledStep(0.1)])));
        LeavesNone("flows that stand elsewhere", () => Assert.ThrowsAny<Exception>(() => new EnsembleDormandPrince(
            field, EnsembleDescent.Load(field, start), new EnsembleFlowSettings(Clock.Time), [one, one, one])));
    }

    [Fact]
    public void Networks_and_losses_leave_none()
    {
        LeavesNone("making a network", () => new LinearNetwork(Shape).Dispose());
        using var network = new LinearNetwork(Shape);
        using var x = ones([5, 3], dtype: float64);
        using var margins = arange(10, dtype: float64).reshape(2, 5);
        using var row = arange(5, dtype: float64);
        LeavesNone("Load", () => network.Load(Start()));
        LeavesNone("forward", () => network.call(x).Dispose());
        LeavesNone("CollapsedForward", () => network.CollapsedForward(x).Dispose());
        LeavesNone("Product", () => network.Product().Dispose());
        foreach (var loss in (MarginLoss[])[.. MarginLoss.All, new OwnLoss()])
        {
            LeavesNone($"{loss.Name}, log R", () => { using var scope = NewDisposeScope(); loss.LogRisk(row); });
            LeavesNone($"{loss.Name}, log R and weights", () =>
            {
                var (risks, weights) = loss.LogRiskAndWeights(margins);
                risks.Dispose();
                weights.Dispose();
            });
        }
        LeavesNone("observing a module", () => new AlignmentProbe(network).Observe());
    }

    /// <summary>Counts what <paramref name="act"/> leaves, after a first time that may fill what is kept.</summary>
    internal static void LeavesNone(string what, Action act)
    {
        act();
        var before = Live;
        for (var i = 0; i < 3; i++) act();
        Assert.True(Live == before, $"{what} leaves {(Live - before) / 3.0} tensors a call.");
    }

    private static long Live => DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

    private static SignedPoints Points() => new(EngineProblems.Separable(12, 3, 5), 12, 3);

    private static double[] Start() => Initialization.Gaussian(Shape, 0.5, new RandomStream(1));

    private static TorchMarginField Field() => new(Shape, Points(), MarginLoss.Logistic);

    private static IStepRule Rule(string name) => name switch
    {
        "constant" => new ConstantStep(0.1),
        "scheduled" => ScheduledStep.Harmonic(0.1),
        "loss-scaled" => new LossScaledStep(0.1),
        _ => new AssumptionFiveStep(MarginLoss.Logistic, Shape.Depth),
    };

    private static IStepper Stepper(string name) => name switch
    {
        "euler" => new Euler(0.01),
        "dopri5" => new DormandPrince54(),
        "device" => new QueuedDescent(Rule("constant")),
        _ => new GradientDescent(Rule(name)),
    };

    /// <summary>A point on the host, from which members begin.</summary>
    private sealed class ManagedPoint(NetworkShape shape) : IDisposable
    {
        internal TrajectoryPoint Point { get; } = new(new ManagedState(shape.Layout));

        public void Dispose() => Point.W.Dispose();
    }

    /// <summary>The logistic loss without a formula of its own for the weights.</summary>
    private sealed class OwnLoss : MarginLoss
    {
        public override string Name => "own";

        public override double? Smoothness => Logistic.Smoothness;

        public override double? Lipschitz => Logistic.Lipschitz;

        public override double LogValue(double margin) => Logistic.LogValue(margin);

        public override double LogSlope(double margin) => Logistic.LogSlope(margin);

        public override double ShiftedSlopes(ReadOnlySpan<double> margins, Span<double> slopes, out double shift) =>
            Logistic.ShiftedSlopes(margins, slopes, out shift);

        public override void Curvatures(ReadOnlySpan<double> margins, ReadOnlySpan<double> weights, Span<double> curvatures) =>
            Logistic.Curvatures(margins, weights, curvatures);

        public override Tensor LogRisk(Tensor margins) => Logistic.LogRisk(margins);
    }
}
