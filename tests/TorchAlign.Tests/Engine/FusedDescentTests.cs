using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.States;

namespace TorchAlign.Tests.Engine;

/// <summary>Descent that never stores the gradient of a fused field against descent that does.</summary>
public class FusedDescentTests
{
    private const int Points = 60;

    public static TheoryData<int[], int, string> Runs => new()
    {
        { [2, 1], 1, "constant" },
        { [2, 4, 4, 4, 1], 1, "assumption5" },
        { [7, 5, 9, 1], 1, "constant" },
        { [33, 17, 1], 2, "loss-scaled" },
        // Layers large enough for two threads.
        { [300, 512, 1], 2, "constant" },
        { [300, 512, 1], 1, "constant" },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void It_ends_in_the_same_bits(int[] widths, int threads, string rule)
    {
        var (fused, hidden) = (Make(widths, threads), new Hidden(Make(widths, threads)));
        var (direct, stored) = (Begin(fused, rule), Begin(hidden, rule));
        for (var step = 0; step < 40; step++)
        {
            Assert.Equal(stored.Stepper.Step(stored.Point), direct.Stepper.Step(direct.Point));
            Assert.Equal(stored.Point.Value, direct.Point.Value);
            Assert.Equal(stored.Point.Clock, direct.Point.Clock);
        }
        Assert.Equal(stored.Point.W.ToArray(), direct.Point.W.ToArray());
        Assert.Equal(stored.Point.Steps, direct.Point.Steps);
        Assert.Equal(stored.Point.Rejected, direct.Point.Rejected);
        Assert.Equal(1, stored.Point.DirectionNorm / direct.Point.DirectionNorm, 13);
    }

    [Fact]
    public void Steps_that_are_taken_back_leave_no_trace()
    {
        int[] widths = [3, 4, 1];
        var (direct, stored) = (Begin(Make(widths, 1), "loss-scaled", 50), Begin(new Hidden(Make(widths, 1)), "loss-scaled", 50));
        for (var step = 0; step < 40; step++) Assert.Equal(stored.Stepper.Step(stored.Point), direct.Stepper.Step(direct.Point));
        Assert.True(direct.Point.Rejected > 0, "the steps must be so large that some are taken back");
        Assert.Equal(stored.Point.Rejected, direct.Point.Rejected);
        Assert.Equal(stored.Point.W.ToArray(), direct.Point.W.ToArray());
    }

    [Fact]
    public void Looking_at_the_field_elsewhere_changes_nothing()
    {
        int[] widths = [7, 5, 9, 1];
        var (watched, alone) = (Make(widths, 1), Make(widths, 1));
        var (a, b) = (Begin(watched, "constant"), Begin(alone, "constant"));
        var (elsewhere, direction) = (watched.NewState(), watched.NewState());
        for (var step = 0; step < 10; step++)
        {
            a.Stepper.Step(a.Point);
            b.Stepper.Step(b.Point);
            watched.Evaluate(elsewhere, direction);
            Assert.Equal(b.Point.DirectionNorm, a.Point.DirectionNorm);
            watched.Evaluate(elsewhere, direction);
        }
        Assert.Equal(b.Point.W.ToArray(), a.Point.W.ToArray());
    }

    private static FusedField Make(int[] widths, int threads) => new(
        new NetworkShape(widths), EngineProblems.Separable(Points, widths[0], seed: 3), MarginLoss.Logistic, threads);

    private static (GradientDescent Stepper, TrajectoryPoint Point) Begin(IVectorField field, string rule, double size = 0.1)
    {
        var shape = (field as FusedField ?? ((Hidden)field).Field).Shape;
        var w = field.NewState();
        w.CopyFrom(EngineProblems.Gaussian(shape, seed: 4));
        var point = new TrajectoryPoint(w);
        var stepper = new GradientDescent(rule switch
        {
            "constant" => new ConstantStep(size),
            "loss-scaled" => new LossScaledStep(size),
            _ => new AssumptionFiveStep(MarginLoss.Logistic, shape.Depth),
        });
        stepper.Start(new FlowSystem(field, Clock.Time), point);
        return (stepper, point);
    }

    /// <summary>The same field, which descent does not recognise.</summary>
    private sealed class Hidden(FusedField field) : IVectorField
    {
        public FusedField Field { get; } = field;

        public StateVector NewState() => Field.NewState();

        public FieldValue Evaluate(StateVector w, StateVector direction) => Field.Evaluate(w, direction);
    }
}
