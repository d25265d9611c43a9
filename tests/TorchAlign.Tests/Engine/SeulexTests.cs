using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;

namespace TorchAlign.Tests.Engine;

public class SeulexTests
{
    [Fact]
    public void ColumnKHasOrderK()
    {
        var (z, _) = EngineProblems.Planar();
        var shape = NetworkShape.Uniform(2, 3, 4);
        var start = EngineProblems.Gaussian(shape, 1);
        foreach (var loss in MarginLoss.All)
            for (var column = 1; column <= 6; column++)
            {
                // Local errors of order k shrink by 2^(k+1) when the step is halved.
                var (coarse, fine) = (LocalError(loss, 0.04, column), LocalError(loss, 0.02, column));
                Assert.InRange(Math.Log2(coarse / fine), column + 0.4, column + 1.6);
            }

        double LocalError(MarginLoss loss, double h, int column)
        {
            var field = new FusedField(shape, z, loss);
            var reference = EngineProblems.Point(field, start);
            EngineProblems.Run(new DormandPrince54(1e-14), field, Clock.LogRisk, reference, h);
            var point = EngineProblems.Point(field, start);
            var stepper = new Seulex();
            stepper.Start(new FlowSystem(field, Clock.LogRisk), point);
            return Distance(stepper.SingleStep(point, h, column).ToArray(), reference.W.ToArray());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void PlanarProblemToTheLimit(int depth)
    {
        var (z, residual) = EngineProblems.Planar();
        var shape = NetworkShape.Uniform(2, depth, 4);
        foreach (var loss in MarginLoss.All)
        {
            var field = new FusedField(shape, z, loss);
            var start = EngineProblems.Gaussian(shape, 3);
            var point = EngineProblems.Point(field, start);
            var stepper = new Seulex();
            stepper.Start(new FlowSystem(field, Clock.LogRisk), point);
            var drift = 0.0;
            foreach (var (target, tolerance) in new[] { (1e-9, 1e-2), (1e-12, 1e-3), (1e-15, 1e-4), (1e-24, 1e-2) })
            {
                while (EngineProblems.Angle(field.Product, EngineProblems.PlanarDirection).OneMinusCosine > target)
                {
                    Assert.Equal(StepOutcome.Advanced, stepper.Step(point));
                    if (depth > 1) drift = Math.Max(drift, EngineProblems.Drift(shape, start, point.W.ToArray()));
                }
                var v = EngineProblems.Angle(field.Product, EngineProblems.PlanarDirection).Residual;
                Assert.InRange(v / residual, 1 - tolerance, 1 + tolerance);
                if (target == 1e-15) Assert.InRange(point.Evaluations, 1, 5000);
            }
            Assert.InRange(drift, 0, 1e-9);
        }
    }

    [Fact]
    public void StopsBeforeRoundingTakesOver()
    {
        var (z, residual) = EngineProblems.Planar();
        var shape = NetworkShape.Uniform(2, 3, 4);
        foreach (var accuracy in Enum.GetValues<StiffAccuracy>())
        {
            var field = new FusedField(shape, z, MarginLoss.Exponential);
            var point = EngineProblems.Point(field, EngineProblems.Gaussian(shape, 4));
            var stepper = new Seulex(accuracy);
            stepper.Start(new FlowSystem(field, Clock.LogRisk), point);
            var outcome = StepOutcome.Advanced;
            var worst = 0.0;
            while (outcome == StepOutcome.Advanced && point.Steps < 20_000)
            {
                var (angle, v) = EngineProblems.Angle(field.Product, EngineProblems.PlanarDirection);
                if (angle < 1e-10) worst = Math.Max(worst, Math.Abs(v / residual - 1));
                var before = point.W.ToArray();
                outcome = stepper.Step(point);
                if (outcome != StepOutcome.Advanced) Assert.Equal(before, point.W.ToArray());
            }
            Assert.Equal(StepOutcome.Float64Exhausted, outcome);
            Assert.True(EngineProblems.Angle(field.Product, EngineProblems.PlanarDirection).OneMinusCosine < 1e-24);
            Assert.InRange(worst, 0, accuracy == StiffAccuracy.Accurate ? 0.01 : 0.05);
        }
    }

    [Theory]
    [InlineData(StiffAccuracy.Accurate, 1e-3)]
    [InlineData(StiffAccuracy.Fast, 1e-2)]
    public void TenSupportVectorsInTenDimensions(StiffAccuracy accuracy, double tolerance)
    {
        var (z, direction, residual) = EngineProblems.TenSupportVectors();
        var shape = NetworkShape.Uniform(10, 3, 32);
        var field = new FusedField(shape, z, MarginLoss.Logistic);
        var start = EngineProblems.Gaussian(shape, 5);
        var point = EngineProblems.Point(field, start);
        var stepper = new Seulex(accuracy);
        stepper.Start(new FlowSystem(field, Clock.LogRisk), point);
        while (EngineProblems.Angle(field.Product, direction).OneMinusCosine > 1e-13)
            Assert.Equal(StepOutcome.Advanced, stepper.Step(point));
        Assert.InRange(EngineProblems.Angle(field.Product, direction).Residual / residual, 1 - tolerance, 1 + tolerance);
        Assert.InRange(
            EngineProblems.Drift(shape, start, point.W.ToArray()), 0, accuracy == StiffAccuracy.Accurate ? 1e-9 : 1e-5);
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
            var stepper = new Seulex();
            stepper.Start(new FlowSystem(field, Clock.LogRisk), point);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 60; i++) stepper.Step(point);
            if (run == 1) Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void EvaluationsInBetweenDoNotDisturbIt()
    {
        var (z, _) = EngineProblems.Planar();
        var shape = NetworkShape.Uniform(2, 3, 4);
        var results = new (double[] State, long Evaluations)[2];
        for (var disturbed = 0; disturbed < 2; disturbed++)
        {
            var field = new FusedField(shape, z, MarginLoss.Logistic);
            var point = EngineProblems.Point(field, EngineProblems.Gaussian(shape, 1));
            var elsewhere = EngineProblems.Point(field, EngineProblems.Gaussian(shape, 2)).W;
            var stepper = new Seulex();
            stepper.Start(new FlowSystem(field, Clock.LogRisk), point);
            for (var i = 0; i < 30; i++)
            {
                if (disturbed == 1) field.Evaluate(elsewhere, field.NewState());
                stepper.Step(point);
            }
            results[disturbed] = (point.W.ToArray(), point.Evaluations);
        }
        Assert.Equal(results[0].State, results[1].State);
        // What it found at the point is its own: it need not look there again.
        Assert.Equal(results[0].Evaluations, results[1].Evaluations);
    }

    [Fact]
    public void TwoStepsOnOneFieldGoAsEachByItself()
    {
        var (z, _) = EngineProblems.Planar();
        var shape = NetworkShape.Uniform(2, 3, 4);
        FusedField Field() => new(shape, z, MarginLoss.Exponential);
        var shared = Field();
        FusedField[] fields = [shared, shared, Field(), Field()];
        var runs = fields.Select((field, i) =>
        {
            var (stepper, point) = (new Seulex(), EngineProblems.Point(field, EngineProblems.Gaussian(shape, 1 + i % 2)));
            stepper.Start(new FlowSystem(field, Clock.LogRisk), point);
            return (stepper, point);
        }).ToArray();
        for (var step = 0; step < 30; step++)
            foreach (var (stepper, point) in runs) Assert.Equal(StepOutcome.Advanced, stepper.Step(point));
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(runs[i + 2].point.W.ToArray(), runs[i].point.W.ToArray());
            Assert.Equal(runs[i + 2].point.Evaluations, runs[i].point.Evaluations);
        }
    }

    [Fact]
    public void NeedsTheClosedForm()
    {
        var field = new PlainField(1, (_, f) => f[0] = 0);
        var error = Assert.Throws<ArgumentException>(
            () => new Seulex().Start(new FlowSystem(field, Clock.LogRisk), EngineProblems.Point(field, [1])));
        Assert.Contains("DormandPrince54", error.Message);
    }

    private static double Distance(double[] x, double[] y) => Math.Sqrt(x.Zip(y, (a, b) => (a - b) * (a - b)).Sum());
}
