using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;

namespace TorchAlign.Tests.Engine;

public class DormandPrinceTests
{
    /// <summary>One turn of x' = y, y' = -x in equal steps: the limit of each step keeps the size fixed.</summary>
    private static double RotationError(int steps)
    {
        var field = new PlainField(2, (w, f) => (f[0], f[1]) = (w[1], -w[0]));
        var point = EngineProblems.Point(field, [1, 0]);
        var stepper = new DormandPrince54(0.5);
        stepper.Start(new FlowSystem(field, Clock.Time), point);
        for (var i = 1; i <= steps; i++)
            while (point.Clock < 3.0 * i / steps)
                Assert.Equal(StepOutcome.Advanced, stepper.Step(point, 3.0 * i / steps));
        Assert.Equal(steps, point.Steps);
        var w = point.W.ToArray();
        return Math.Sqrt(Math.Pow(w[0] - Math.Cos(3), 2) + Math.Pow(w[1] + Math.Sin(3), 2));
    }

    [Fact]
    public void OrderFiveOnALinearProblem()
    {
        var (coarse, fine) = (RotationError(20), RotationError(40));
        Assert.InRange(Math.Log2(coarse / fine), 4.8, 5.3);
    }

    [Fact]
    public void OrderFiveOnTheFlow()
    {
        var reference = At(1e-12);
        // Error against tolerance: the error of a step of order 5 is kept at rtol, so the global one falls about as
        // rtol^(5/5).
        double[] errors = [.. new[] { 1e-5, 1e-7, 1e-9 }.Select(tolerance => Distance(At(tolerance), reference))];
        Assert.InRange(Math.Log10(errors[0] / errors[2]) / 4, 0.7, 1.3);
        Assert.True(errors[2] < 1e-8);

        static double[] At(double tolerance)
        {
            var (z, _) = EngineProblems.Planar();
            var shape = NetworkShape.Uniform(2, 3, 4);
            var field = new FusedField(shape, z, MarginLoss.Logistic);
            var point = EngineProblems.Point(field, EngineProblems.Gaussian(shape, 1));
            EngineProblems.Run(new DormandPrince54(tolerance), field, Clock.LogRisk, point, 5);
            return point.W.ToArray();
        }
    }

    [Fact]
    public void LandsOnTheLimitAndKeepsItsStepSize()
    {
        var field = new PlainField(1, (w, f) => f[0] = -w[0]);
        var point = EngineProblems.Point(field, [1]);
        var stepper = new DormandPrince54(1e-6);
        stepper.Start(new FlowSystem(field, Clock.Time), point);
        for (var i = 0; i < 10; i++) stepper.Step(point);
        var planned = stepper.StepSize;
        var limit = point.Clock + planned / 1000;
        Assert.Equal(StepOutcome.Advanced, stepper.Step(point, limit));
        Assert.Equal(limit, point.Clock);
        Assert.True(stepper.StepSize >= planned);
        Assert.Throws<ArgumentOutOfRangeException>(() => stepper.Step(point, limit));
        Assert.Equal(Math.Log(point.Clock), point.LogTime, 1e-13);
    }

    [Fact]
    public void NotANumberIsReportedAndThePointKept()
    {
        var field = new PlainField(1, (w, f) => f[0] = w[0] < 1 ? 1 : double.NaN);
        var point = EngineProblems.Point(field, [0]);
        var outcome = RunPlain(field, point);
        Assert.Equal(StepOutcome.NonFinite, outcome);
        Assert.InRange(point.W.ToArray()[0], 0.99, 1);
    }

    [Fact]
    public void AJumpThatNoStepSizeResolvesIsReported()
    {
        var field = new PlainField(1, (w, f) => f[0] = w[0] < 1 ? 1 : -1e25);
        var point = EngineProblems.Point(field, [0]);
        Assert.Equal(StepOutcome.StepTooSmall, RunPlain(field, point));
        Assert.InRange(point.W.ToArray()[0], 0.99, 1);
    }

    private static StepOutcome RunPlain(PlainField field, TrajectoryPoint point)
    {
        var stepper = new DormandPrince54();
        stepper.Start(new FlowSystem(field, Clock.Time), point);
        var outcome = StepOutcome.Advanced;
        for (var i = 0; i < 100_000 && outcome == StepOutcome.Advanced; i++) outcome = stepper.Step(point);
        return outcome;
    }

    [Fact]
    public void AStepAllocatesNothing()
    {
        var (z, _) = EngineProblems.Planar();
        var shape = NetworkShape.Uniform(2, 4, 4);
        var field = new FusedField(shape, z, MarginLoss.Exponential);
        // The first run loads types and compiles every path that the second one takes.
        for (var run = 0; run < 2; run++)
        {
            var point = EngineProblems.Point(field, EngineProblems.Gaussian(shape, 1));
            var stepper = new DormandPrince54();
            stepper.Start(new FlowSystem(field, Clock.LogRisk), point);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 60; i++) stepper.Step(point);
            if (run == 1) Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    private static double Distance(double[] x, double[] y) => Math.Sqrt(x.Zip(y, (a, b) => (a - b) * (a - b)).Sum());
}
