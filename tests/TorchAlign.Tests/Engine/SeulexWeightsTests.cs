using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Engine;

public class SeulexWeightsTests
{
    /// <summary>
    /// Digits 3 against 5, L = 4: a point that is no support vector carries weight for decades and then loses it. A step that
    /// overshot there gave one point all the weight (distance 0.998 from the dual weights) and moved the state by 2 percent.
    /// </summary>
    [Fact]
    public void NoStepHandsAllWeightToOnePoint()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "data", "digits.csv");
        var points = DataFile.Read(file, new ReadOptions { Positive = "3", Negative = "5" }).ToSignedPoints();
        var margin = HardMargin.Solve(points);
        var shape = NetworkShape.Uniform(points.Dimension, depth: 4, width: 4);
        var loss = MarginLoss.Exponential;
        var field = new FusedField(shape, points.Z, loss, 1);
        var start = Initialization.Gaussian(shape, 0.01, new RandomStream(7 * 1_000_003L + 4));
        AssumptionTwo.Rescale(field, loss, shape, start);
        var state = field.NewState();
        state.CopyFrom(start);
        var diagnostics = new AlignmentDiagnostics(shape, points, loss, margin, start);
        var farthest = 0.0;
        var end = Trajectory.Follow(new FlowSystem(field, Clock.LogRisk), new Seulex(), new TrajectoryPoint(state), new RunPlan
        {
            Stops = [Stops.RiskBelow(-1e7), Stops.StepLimit(10_000)],
            Schedule = SampleSchedule.EveryStep,
            OnSample = point =>
            {
                var seen = diagnostics.Observe(point);
                if (seen.Log10Risk < -1000) farthest = Math.Max(farthest, seen.DualWeightDistance);
                return null;
            },
        });
        Assert.Equal("risk-below", end.Name);
        Assert.InRange(farthest, 0, 0.05);
    }
}
