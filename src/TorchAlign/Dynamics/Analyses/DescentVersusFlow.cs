using TorchAlign.Fields;
using TorchAlign.States;

namespace TorchAlign.Dynamics;

/// <summary>Descent and the flow at the same time t = sum eta_k.</summary>
/// <param name="Step">k.</param>
/// <param name="Time">t.</param>
/// <param name="Distance">||W_descent - W_flow||.</param>
/// <param name="StateNorm">||W_flow||.</param>
/// <param name="DescentLogRisk">log R of descent.</param>
/// <param name="FlowLogRisk">log R of the flow.</param>
public readonly record struct FlowDifference(
    long Step, double Time, double Distance, double StateNorm, double DescentLogRisk, double FlowLogRisk);

/// <summary>
/// How far descent is from the flow dW/dt = -grad R it discretises, from the same start at equal times: O(eta) on a bounded
/// interval, as Euler's method is of order 1.
/// </summary>
public static class DescentVersusFlow
{
    /// <param name="field">The gradient, for both.</param>
    /// <param name="rule">Of descent; a rule that takes no step back and measures in t.</param>
    /// <param name="start">W(0) (P).</param>
    /// <param name="steps">Of descent.</param>
    /// <param name="schedule">When the two are compared, besides the last step.</param>
    /// <param name="rtol">Tolerance of the flow (<see cref="DormandPrince54"/>), to be chosen well below the difference.</param>
    /// <param name="cancellation">Ends it with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">The rule's steps are not times.</exception>
    /// <exception cref="ArithmeticException">Descent or the flow left float64.</exception>
    public static IReadOnlyList<FlowDifference> Compare(
        IVectorField field, IStepRule rule, ReadOnlySpan<double> start, long steps, SampleSchedule schedule, double rtol,
        CancellationToken cancellation)
    {
        if (!rule.EtaIsFactor)
            throw new ArgumentException(
                $"The steps of the rule '{rule.Name}' are not times, so the flow cannot be stopped at their sum.", nameof(rule));
        using StateVector first = field.NewState(), second = field.NewState();
        first.CopyFrom(start);
        second.CopyFrom(start);
        var (descent, flow) = (new TrajectoryPoint(first), new TrajectoryPoint(second));
        using var walker = new GradientDescent(rule);
        using var integrator = new DormandPrince54(rtol);
        walker.Start(new FlowSystem(field, Clock.Time), descent);
        integrator.Start(new FlowSystem(field, Clock.Time), flow);
        schedule.Start();
        var differences = new List<FlowDifference>();
        using var difference = field.NewState();
        while (descent.Steps < steps)
        {
            Advance(walker, descent, double.PositiveInfinity);
            if (!schedule.IsDue(descent) && descent.Steps < steps) continue;
            while (flow.Clock < descent.Clock) Advance(integrator, flow, descent.Clock);
            difference.SetSum(descent.W, -1, flow.W);
            differences.Add(new FlowDifference(descent.Steps, descent.Clock, difference.Norm(), flow.W.Norm(),
                descent.Value.LogRisk, flow.Value.LogRisk));
        }
        return differences;

        void Advance(IStepper stepper, TrajectoryPoint point, double limit)
        {
            cancellation.ThrowIfCancellationRequested();
            var outcome = stepper.Step(point, limit);
            if (outcome != StepOutcome.Advanced)
                throw new ArithmeticException($"{stepper.Name} at step {point.Steps}: {RunEnd.Of(outcome).Message}");
        }
    }
}
