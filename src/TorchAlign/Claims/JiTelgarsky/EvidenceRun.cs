using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;

namespace TorchAlign.Claims;

/// <summary>A network on data from a start: what a run is of, before it is said how it is run.</summary>
public sealed record ClaimProblem
{
    public required string Name { get; init; }

    public required NetworkShape Shape { get; init; }

    /// <summary>z_i (n, d).</summary>
    public required SignedPoints Points { get; init; }

    public required MarginSolution Margin { get; init; }

    public required MarginLoss Loss { get; init; }

    /// <summary>W(0) (P).</summary>
    public required double[] Start { get; init; }

    /// <summary>The closed-form field, on one thread: these problems are small.</summary>
    internal IVectorField Field() => new FusedField(Shape, Points.Z, Loss, threads: 1);
}

/// <summary>Runs a problem and keeps what the claims need to see.</summary>
public static class EvidenceRun
{
    /// <summary>Observations a decade of the clock, or of the steps of a descent.</summary>
    private const int SamplesPerDecade = 24;

    /// <summary>The gradient flow in the log-risk clock.</summary>
    /// <param name="problem">What to run.</param>
    /// <param name="stepper">The integrator; not shared with another run.</param>
    /// <param name="integrationTolerance">See <see cref="RunEvidence.IntegrationTolerance"/>.</param>
    /// <param name="stops">When to end; one of them must come true.</param>
    /// <param name="cancellation">Ends the run early, as <c>interrupted</c>.</param>
    public static RunEvidence Flow(ClaimProblem problem, IStepper stepper, double integrationTolerance,
        IReadOnlyList<IStop> stops, CancellationToken cancellation)
    {
        var schedule = SampleSchedule.LogSpacedClock(SamplesPerDecade);
        return Follow(problem, stepper, Clock.LogRisk, stops, schedule, integrationTolerance, cancellation);
    }

    /// <summary>Descent with the steps of [JT] Assumption 5, every step on record.</summary>
    public static RunEvidence Descent(ClaimProblem problem, int steps, CancellationToken cancellation)
    {
        var rule = new AssumptionFiveStep(problem.Loss, problem.Shape.Depth);
        var ledger = new DescentLedger(rule);
        // Each step rounds W to half an ulp, in norm.
        var rounding = Math.ScaleB(1.0, -53) * steps;
        var run = Follow(problem, new GradientDescent(rule), Clock.Time, [ledger, Stops.StepLimit(steps)],
            SampleSchedule.LogSpacedSteps(SamplesPerDecade), rounding, cancellation);
        return run with { Descent = ledger.Record };
    }

    private static RunEvidence Follow(ClaimProblem problem, IStepper stepper, Clock clock, IReadOnlyList<IStop> stops,
        SampleSchedule schedule, double integrationTolerance, CancellationToken cancellation)
    {
        var field = problem.Field();
        var state = field.NewState();
        state.CopyFrom(problem.Start);
        var diagnostics = new AlignmentDiagnostics(problem.Shape, problem.Points, problem.Loss, problem.Margin, problem.Start);
        var observations = new List<Observation>();
        var states = new List<double[]>();
        var end = Trajectory.Follow(new FlowSystem(field, clock), stepper, new TrajectoryPoint(state), new RunPlan
        {
            Stops = stops,
            Schedule = schedule,
            OnSample = point =>
            {
                observations.Add(diagnostics.Observe(point));
                states.Add(point.W.ToArray());
                return null;
            },
            Cancellation = cancellation,
        });
        return new RunEvidence
        {
            Name = problem.Name,
            Shape = problem.Shape,
            Points = problem.Points,
            Margin = problem.Margin,
            Loss = problem.Loss,
            AssumptionTwo = AssumptionTwo.Check(problem.Field(), problem.Loss, problem.Start),
            Observations = observations,
            States = states,
            IntegrationTolerance = integrationTolerance,
            End = end,
        };
    }
}
