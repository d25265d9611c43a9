using TorchAlign.Checkpoints;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.States;

namespace TorchAlign.Dynamics;

/// <summary>
/// Where the descent of [JT, Assumption 5] stands after k steps, for k beyond every computer: with tiny steps descent follows the
/// flow, and the flow knows the step count, dk = dt / eta(R), eta(R) = min{1 / beta(R), 1}, R the largest max_k ||W_k||_F + 1 so far.
/// (derived)
/// </summary>
/// <remarks>
/// Assumed, and checked as far as it can be: the steps are small against the curvature of the path (they are eta &lt;= 1 / beta by the
/// rule). A true run of <see cref="FastForwardResult.ComparedSteps"/> steps from the same start measures the error. On planar data it
/// was 4e-3 in log R for L = 1 after 100 steps and 6e-7 after 1e7; for L = 4 5e-6 at most, where the run leaves the saddle at 0, and 4e-7
/// after 1e7.
/// </remarks>
public static class FastForward
{
    /// <summary>Integrates the flow to <paramref name="steps"/> steps of descent and compares a true run on the way.</summary>
    /// <param name="field">The field of a smooth, Lipschitz margin loss.</param>
    /// <param name="rule">Assumption 5 with the smallest radius.</param>
    /// <param name="start">W(0) (P).</param>
    /// <param name="steps">k &gt;= 1, a real number: 1e40 is as good as 1e8.</param>
    /// <param name="comparedSteps">Steps of the true run, no more than k; 0 for none.</param>
    /// <param name="rtol">Tolerance of the integration.</param>
    /// <param name="plan">Stops, samples and cancellation of the flow; its clock is the step count.</param>
    /// <exception cref="ArgumentException">The rule raises its radius in another way.</exception>
    /// <exception cref="ArithmeticException">The true run, or the flow beside it, could not go on.</exception>
    public static FastForwardResult Run(
        IVectorField field, AssumptionFiveStep rule, ReadOnlySpan<double> start,
        double steps, long comparedSteps, double rtol, RunPlan plan)
    {
        if (rule.Growth != RadiusGrowth.Smallest)
            throw new ArgumentException(
                "Only the smallest admissible radius is a function of the path; the flow cannot know the others.", nameof(rule));
        if (!(steps >= 1 && double.IsFinite(steps)))
            throw new ArgumentOutOfRangeException(nameof(steps), steps, "The number of steps must be finite and at least 1.");
        ArgumentOutOfRangeException.ThrowIfNegative(comparedSteps);
        comparedSteps = (long)Math.Min(comparedSteps, steps);
        var deviation = plan.Resume?.ReadDouble(DeviationEntry)
            ?? Deviation(field, rule, start, comparedSteps, rtol, plan.Cancellation);
        var clock = new StepCountClock(rule, plan.Resume?.ReadDouble(RadiusEntry) ?? 1);
        var point = new TrajectoryPoint(Load(field, start));
        using var stepper = new RaisingFlow(clock, rtol);
        var end = Trajectory.Follow(new FlowSystem(field, clock), stepper, point, plan with
        {
            ClockLimit = steps,
            OnCheckpoint = plan.OnCheckpoint is { } keep ? Keep : null,
        });
        return new FastForwardResult(point, end, comparedSteps, double.IsNaN(deviation) ? null : deviation);

        void Keep(Snapshot memory, RunEnd? here)
        {
            memory.Write(DeviationEntry, deviation);
            memory.Write(RadiusEntry, clock.Radius);
            plan.OnCheckpoint!(memory, here);
        }
    }

    /// <summary>What the true run measured, in a checkpoint: it is not made twice.</summary>
    private const string DeviationEntry = "forward_deviation";

    /// <summary>The largest radius so far: a flow that is taken up goes on with it.</summary>
    private const string RadiusEntry = "forward_radius";

    /// <summary>
    /// The largest |log R(true run) - log R(flow)| after 10, 100, ... and finally all of the compared steps; NaN where there are none.
    /// </summary>
    private static double Deviation(
        IVectorField field, AssumptionFiveStep rule, ReadOnlySpan<double> start,
        long steps, double rtol, CancellationToken cancellation)
    {
        if (steps == 0) return double.NaN;
        using StateVector first = Load(field, start), second = Load(field, start);
        var (descent, flow) = (new TrajectoryPoint(first), new TrajectoryPoint(second));
        var clock = new StepCountClock(rule, 1);
        using var walker = new GradientDescent(rule);
        using var integrator = new RaisingFlow(clock, rtol);
        walker.Start(new FlowSystem(field, Clock.Time), descent);
        integrator.Start(new FlowSystem(field, clock), flow);
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

    /// <summary>
    /// The clock that counts the steps of descent: dk = dt / eta. The rule keeps the largest radius that it came by, and so does this.
    /// </summary>
    private sealed class StepCountClock(AssumptionFiveStep rule, double radius) : Clock
    {
        public override string Name => "steps";

        /// <summary>The largest at the points of the path; 1, that of W = 0, before the first.</summary>
        public double Radius { get; private set; } = radius;

        public override double LogSpeed(in FieldValue value, double directionNorm, StateVector w) =>
            value.LogScale + Math.Log(rule.StepAt(At(w)));

        public void Raise(StateVector w) => Radius = At(w);

        private double At(StateVector w) => Math.Max(Radius, w.MaxBlockNorm() + 1);
    }

    /// <summary>The flow, which tells its clock of the points that it comes to.</summary>
    private sealed class RaisingFlow(StepCountClock clock, double rtol) : IStepper, IResumable, IDisposable
    {
        private readonly DormandPrince54 _flow = new(rtol);

        public string Name => _flow.Name;

        public void Start(FlowSystem system, TrajectoryPoint point)
        {
            _flow.Start(system, point);
            clock.Raise(point.W);
        }

        public StepOutcome Step(TrajectoryPoint point, double clockLimit = double.PositiveInfinity)
        {
            var outcome = _flow.Step(point, clockLimit);
            if (outcome == StepOutcome.Advanced) clock.Raise(point.W);
            return outcome;
        }

        public void Save(Snapshot memory) => _flow.Save(memory);

        public void Restore(Snapshot memory) => _flow.Restore(memory);

        public void Dispose() => _flow.Dispose();
    }
}

/// <param name="Point">The state after k steps; its clock is the step count, its LogTime log t.</param>
/// <param name="End">How the integration ended.</param>
/// <param name="ComparedSteps">Steps of the true run.</param>
/// <param name="LogRiskDeviation">
/// Largest |log R(true run) - log R(flow)| after 10, 100, ... of those steps: the relative error of the risk. Null where none were made.
/// </param>
public sealed record FastForwardResult(TrajectoryPoint Point, RunEnd End, long ComparedSteps, double? LogRiskDeviation);
