using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;

namespace TorchAlign.Tests.Engine;

/// <summary>Exact solutions of the flow, and what must not depend on the stepper or the clock.</summary>
public class FlowTests
{
    public static TheoryData<string> Steppers => ["dopri5", "seulex"];

    private static IStepper Make(string name, double tolerance) =>
        name == "seulex" ? new Seulex(tolerance) : new DormandPrince54(tolerance);

    [Theory]
    [MemberData(nameof(Steppers))]
    public void OnePointOneLayerHasALogarithmicMargin(string name)
    {
        // dm/dt = ||z||^2 e^{-m}: m(t) = log(e^{m0} + t ||z||^2).
        double[] z = [0.6, -0.3, 0.2], start = [0.4, 0.1, -0.5];
        var square = z.Sum(x => x * x);
        foreach (var clock in Clock.All)
        {
            var field = new FusedField(new NetworkShape(3, 1), z, MarginLoss.Exponential);
            var point = EngineProblems.Point(field, start);
            var first = start.Zip(z, (w, x) => w * x).Sum();
            EngineProblems.Run(Make(name, 1e-10), field, clock, point, 20);
            var margin = point.W.ToArray().Zip(z, (w, x) => w * x).Sum();
            var logTime = Math.Log((Math.Exp(margin) - Math.Exp(first)) / square);
            Assert.Equal(logTime, point.LogTime, 5e-6);
            if (clock == Clock.Time)
            {
                Assert.Equal(Math.Log(20), point.LogTime, 1e-10);
                Assert.Equal(Math.Log(Math.Exp(first) + 20 * square), margin, 1e-8);
            }
            // The component orthogonal to z never moves.
            var w = point.W.ToArray();
            var moved = w.Zip(start, (a, b) => a - b).ToArray();
            Assert.Equal(0, moved[0] * z[1] - moved[1] * z[0], 1e-12);
        }
    }

    [Theory]
    [MemberData(nameof(Steppers))]
    public void ThreeEqualScalarLayers(string name)
    {
        // m = w^3, dw/dt = w^2 e^{-w^3}: t = integral of e^{w^3} / w^2 dw.
        var field = new FusedField(NetworkShape.Uniform(1, 3, 1), new[] { 1.0 }, MarginLoss.Exponential);
        var point = EngineProblems.Point(field, [0.5, 0.5, 0.5]);
        EngineProblems.Run(Make(name, 1e-10), field, Clock.LogRisk, point, 14);
        var w = point.W.ToArray();
        Assert.Equal(w[0], w[1], 1e-9);
        Assert.Equal(w[1], w[2], 1e-9);
        const int panels = 20_000;
        var (sum, width) = (0.0, (w[0] - 0.5) / panels);
        for (var i = 0; i <= panels; i++)
        {
            var x = 0.5 + i * width;
            sum += (i == 0 || i == panels ? 1 : i % 2 == 1 ? 4 : 2) * Math.Exp(x * x * x) / (x * x);
        }
        Assert.Equal(Math.Log(sum * width / 3), point.LogTime, 1e-6);
        Assert.Equal(-point.Value.LogRisk, w[0] * w[1] * w[2], 1e-12 * w[0]);
    }

    [Fact]
    public void BothSteppersFollowTheSameCurve()
    {
        var (z, _) = EngineProblems.Planar();
        foreach (var loss in MarginLoss.All)
            foreach (var (depth, scale) in new[] { (1, 1.0), (2, 1e-3), (4, 1.0), (4, 1e-3) })
            {
                var shape = NetworkShape.Uniform(2, depth, 4);
                var field = new FusedField(shape, z, loss);
                var start = EngineProblems.Gaussian(shape, 7, scale);
                foreach (var s in new[] { 0.5, 5, 60 })
                {
                    var (explicitPoint, stiff) = (EngineProblems.Point(field, start), EngineProblems.Point(field, start));
                    EngineProblems.Run(new DormandPrince54(1e-10), field, Clock.LogRisk, explicitPoint, s);
                    EngineProblems.Run(new Seulex(1e-10), field, Clock.LogRisk, stiff, s);
                    var distance = stiff.W.NewLike();
                    distance.CopyFrom(stiff.W);
                    distance.AddScaled(-1, explicitPoint.W);
                    Assert.InRange(distance.Norm() / stiff.W.Norm(), 0, 2e-7);
                    Assert.Equal(explicitPoint.Value.LogRisk, stiff.Value.LogRisk, 1e-6 * (1 + s));
                    Assert.Equal(explicitPoint.LogTime, stiff.LogTime, 1e-5);
                    Assert.InRange(EngineProblems.Drift(shape, start, explicitPoint.W.ToArray()), 0, 1e-9);
                }
            }
    }

    [Fact]
    public void TheTimeAtAGivenRiskDoesNotDependOnTheClock()
    {
        var (z, _) = EngineProblems.Planar();
        var shape = NetworkShape.Uniform(2, 3, 4);
        foreach (var loss in MarginLoss.All)
        {
            var field = new FusedField(shape, z, loss);
            var start = EngineProblems.Gaussian(shape, 2);
            foreach (var name in new[] { "dopri5", "seulex" })
                foreach (var clock in new[] { Clock.LogRisk, Clock.ArcLength })
                {
                    var point = EngineProblems.Point(field, start);
                    EngineProblems.Run(Make(name, 1e-10), field, clock, point, clock == Clock.LogRisk ? 4 : 2);
                    var timed = EngineProblems.Point(field, start);
                    EngineProblems.Run(new DormandPrince54(1e-11), field, Clock.Time, timed, Math.Exp(point.LogTime));
                    Assert.Equal(timed.Value.LogRisk, point.Value.LogRisk, 2e-6);
                    Assert.Equal(timed.LogTime, point.LogTime, 1e-10);
                }
        }
    }

    [Fact]
    public void AStartAtZeroMovesWhereItIsNoSaddle()
    {
        var (z, _) = EngineProblems.Planar();
        var field = new FusedField(new NetworkShape(2, 1), z, MarginLoss.Logistic);
        foreach (var stepper in new IStepper[] { new DormandPrince54(), new Seulex() })
        {
            var point = EngineProblems.Point(field, [0, 0]);
            EngineProblems.Run(stepper, field, Clock.LogRisk, point, 10);
            Assert.True(point.Value.LogRisk < -5);
        }
    }

    [Theory]
    [MemberData(nameof(Steppers))]
    public void TheTimeClockEndsWhereTimeOverflows(string name)
    {
        // m(t) = log(1 + t), up to t = 1e308.
        var field = new FusedField(new NetworkShape(1, 1), new[] { 1.0 }, MarginLoss.Exponential);
        var point = EngineProblems.Point(field, [0]);
        var stepper = Make(name, 1e-8);
        stepper.Start(new FlowSystem(field, Clock.Time), point);
        while (point.Clock < 1e290) Assert.Equal(StepOutcome.Advanced, stepper.Step(point, 1e290));
        Assert.Equal(290 * Math.Log(10), point.W.ToArray()[0], 1e-3);
        Assert.Equal(290 * Math.Log(10), point.LogTime, 1e-9);
        var outcome = StepOutcome.Advanced;
        while (outcome == StepOutcome.Advanced) outcome = stepper.Step(point);
        Assert.Equal(StepOutcome.Float64Exhausted, outcome);
        // The field is left at the point.
        Assert.Equal(point.W.ToArray()[0], field.Margins[0]);
    }

    [Fact]
    public void AStartOnTheSaddleIsReported()
    {
        var (z, _) = EngineProblems.Planar();
        var field = new FusedField(new NetworkShape(2, 2, 1), z, MarginLoss.Logistic);
        foreach (var stepper in new IStepper[] { new DormandPrince54(), new Seulex() })
        {
            var point = EngineProblems.Point(field, new double[6]);
            stepper.Start(new FlowSystem(field, Clock.LogRisk), point);
            Assert.Equal(StepOutcome.NonFinite, stepper.Step(point));
            Assert.All(point.W.ToArray(), entry => Assert.Equal(0, entry));
        }
    }
}
