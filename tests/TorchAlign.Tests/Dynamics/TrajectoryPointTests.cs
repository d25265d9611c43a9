using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Tests.Engine;

namespace TorchAlign.Tests.Dynamics;

public class TrajectoryPointTests
{
    [Fact]
    public void Reading_the_norm_evaluates_nothing()
    {
        var (field, point, descent) = Descent();
        descent.Step(point);
        var direction = field.NewState();
        field.Evaluate(point.W, direction);
        field.Evaluate(EngineProblems.Point(field, EngineProblems.Gaussian(field.Shape, 2)).W, field.NewState());
        var margins = field.Margins.ToArray();
        Assert.Equal(direction.Norm(), point.DirectionNorm, 1e-14 * direction.Norm());
        Assert.Equal(margins, field.Margins.ToArray());
    }

    [Fact]
    public void A_step_after_a_look_elsewhere_costs_one_evaluation()
    {
        var (field, point, descent) = Descent();
        var elsewhere = EngineProblems.Point(field, EngineProblems.Gaussian(field.Shape, 2)).W;
        for (var step = 1; step <= 5; step++)
        {
            field.Evaluate(elsewhere, field.NewState());
            descent.Step(point);
            Assert.Equal(1 + step, point.Evaluations);
        }
    }

    [Fact]
    public void Progress_is_where_the_point_stands()
    {
        var (_, point, descent) = Descent();
        for (var step = 1; step <= 5; step++)
        {
            descent.Step(point);
            Assert.Equal(new TrajectoryProgress(step, point.Clock, point.Value.LogRisk), point.Progress);
        }
    }

    private static (FusedField Field, TrajectoryPoint Point, GradientDescent Descent) Descent()
    {
        var (z, _) = EngineProblems.Planar();
        var field = new FusedField(NetworkShape.Uniform(2, 3, 4), z, MarginLoss.Logistic);
        var point = EngineProblems.Point(field, EngineProblems.Gaussian(field.Shape, 1));
        var descent = new GradientDescent(new ConstantStep(0.1));
        descent.Start(new FlowSystem(field, Clock.Time), point);
        return (field, point, descent);
    }
}
