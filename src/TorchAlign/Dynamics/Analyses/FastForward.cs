using TorchAlign.Checkpoints;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.States;

namespace TorchAlign.Dynamics;

/// <summary>
/// Where the descent of [JT, Assumption 5] stands after k steps, for k beyond every computer: with tiny steps descent follows the
/// flow, and the flow knows the step count, dk = dt / eta(R), eta(R) = min{1 / beta(R), 1}, R = max_k ||W_k||_F + 1. (derived)
/// </summary>
/// <remarks>
/// Assumed, and checked as far as it can be: the steps are small against the curvature of the path (they are eta &lt;= 1 / beta by the
/// rule), and the largest layer norm does not fall, so that the radius R_t of the rule is that of the present state. A true
/// run of <see cref="FastForwardResult.ComparedSteps"/> steps from the same start measures the error. On planar data it was 4e-3 in log R
/// for L = 1 after 100 steps and 6e-7 after 1e7; for L = 4 5e-6 at most, where the run leaves the saddle at 0, and 4e-7 after 1e7.
/// </remarks>
public static class FastForward
{
    /// <summary>Integrates the flow to <paramref name="steps"/> steps of descent and compares a true run on the way.</summary>
    /// <param name="field">The field of a smooth, Lipschitz margin loss.</param>
    /// <param name="rule">Assumption 5 with the smallest radius.</param>
    /// <param name="start">W(0) (P).</param>
    /// <param name="steps">k &gt;= 1, a real number: 1e40 is as good as 1e8.</param>
    /// <param name="comparedSteps">Steps of the true run; no more than k.</param>
    /// <param name="rtol">Tolerance of the integration.</param>
    /// <param name="plan">Stops, samples and cancellation of the flow; its clock is the step count.</param>
    public static FastForwardResult Run(
        IVectorField field, AssumptionFiveStep rule, ReadOnlySpan<double> start,
        double steps, long comparedSteps, double rtol, RunPlan plan)
    {
        if (rule.Growth != RadiusGrowth.Smallest)
            throw new ArgumentException(
                "Only the smallest admissible radius is a function of the state; the flow cannot know the others.", nameof(rule));
        if (!(steps >= 1 && double.IsFinite(steps)))
            throw new ArgumentOutOfRangeException(nameof(steps), steps, "The number of steps must be finite and at least 1.");
        comparedSteps = (long)Math.Min(comparedSteps, steps);
        var deviation = plan.Resume?.ReadDouble(DeviationEntry)
            ?? Deviation(field, rule, start, comparedSteps, rtol, plan.Cancellation);
        var point = new TrajectoryPoint(Load(field, start));
        using var stepper = new DormandPrince54(rtol);
        var end = Trajectory.Follow(System(field, rule), stepper, point, plan with
        {
            ClockLimit = steps,
            OnCheckpoint = plan.OnCheckpoint is { } keep ? Keep : null,
        });
        return new FastForwardResult(point, end, comparedSteps, deviation);

        void Keep(Snapshot memory, RunEnd? here)
        {
            memory.Write(DeviationEntry, deviation);
            plan.OnCheckpoint!(memory, here);
        }
    }

    /// <summary>What the true run measured, in a checkpoint: it is not made twice.</summary>
    private const string DeviationEntry = "forward_deviation";

    private static FlowSystem System(IVectorField field, AssumptionFiveStep rule) => new(field, new StepCountClock(rule));

    /// <summary>The largest |log R(true run) - log R(flow)| after 10, 100, ... and finally all of the compared steps.</summary>
    private static double Deviation(
        IVectorField field, AssumptionFiveStep rule, ReadOnlySpan<double> start,
        long steps, double rtol, CancellationToken cancellation)
    {
        using StateVector first = Load(field, start), second = Load(field, start);
        var (descent, flow) = (new TrajectoryPoint(first), new TrajectoryPoint(second));
        using var walker = new GradientDescent(rule);
        using var integrator = new DormandPrince54(rtol);
        walker.Start(new FlowSystem(field, Clock.Time), descent);
        integrator.Start(System(field, rule), flow);
        var largest = 0.0;
        for (double decade = Math.Min(10, steps); descent.Steps < steps; decade = Math.Min(10 * decade, steps))
        {
            while (descent.Steps < decade) Advance(walker, descent, double.PositiveInfinity);
            while (flow.Clock < decade) Advance(integrator, flow, decade);
            largest = Math.Max(largest, Math.Abs(descent.Value.LogRisk - flow.Value.LogRisk));
        }
        return largest;

        void Advance(IStepper stepper, TrajectoryPoint point, double limit)
        {
            cancellation.ThrowIfCancellationRequested();
            var outcome = stepper.Step(point, limit);
            if (outcome != StepOutcome.Advanced) throw new ArithmeticException(RunEnd.Of(outcome).Message);
        }
    }

    private static StateVector Load(IVectorField field, ReadOnlySpan<double> start)
    {
        var w = field.NewState();
        w.CopyFrom(start);
        return w;
    }

    /// <summary>The clock that counts the steps of descent: dk = dt / eta.</summary>
    private sealed class StepCountClock(AssumptionFiveStep rule) : Clock
    {
        public override string Name => "steps";

        public override double LogSpeed(in FieldValue value, double directionNorm, StateVector w) =>
            value.LogScale + Math.Log(rule.StepAt(w.MaxBlockNorm() + 1));
    }
}

/// <param name="Point">The state after k steps; its clock is the step count, its LogTime log t.</param>
/// <param name="End">How the integration ended.</param>
/// <param name="ComparedSteps">Steps of the true run.</param>
/// <param name="LogRiskDeviation">
/// Largest |log R(true run) - log R(flow)| after 10, 100, ... of those steps: the relative error of the risk.
/// </param>
public sealed record FastForwardResult(TrajectoryPoint Point, RunEnd End, long ComparedSteps, double LogRiskDeviation);
