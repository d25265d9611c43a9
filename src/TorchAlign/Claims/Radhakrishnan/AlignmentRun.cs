using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;

namespace TorchAlign.Claims;

/// <summary>Descends and keeps what the claims of <see cref="RadhakrishnanClaims"/> need to see.</summary>
internal static class AlignmentRun
{
    private const int SamplesPerDecade = 16;

    /// <summary>A fully connected network under 1/(2n) ||Y - P X||_F^2.</summary>
    /// <param name="name">Of the evidence.</param>
    /// <param name="data">The samples.</param>
    /// <param name="bases">In which the start is aligned.</param>
    /// <param name="start">W(0) (P).</param>
    /// <param name="eta">The step.</param>
    /// <param name="steps">How many.</param>
    /// <param name="cancellation">Ends the run early.</param>
    /// <param name="until">Asked at every step, if given: then every step is a sample.</param>
    public static AlignmentEvidence Free(string name, RegressionSet data, AlignedBases bases, double[] start, double eta, int steps,
        CancellationToken cancellation, Func<double[], RunEnd?>? until = null)
    {
        var moments = SecondMoments.Of(data);
        var loss = SquaredLoss.Mean(moments);
        var record = new Record(until);
        var end = record.Follow(new ProductField(bases.Shape, loss), start, eta, steps, state => state, cancellation);
        return Evidence(name, bases.Shape, loss.Name, data.X, eta, record, end) with { Moments = moments, Bases = bases };
    }

    /// <summary>One output under a margin loss.</summary>
    public static AlignmentEvidence Margin(string name, LabelledSet data, MarginLoss loss, AlignedBases bases, double[] start, double eta,
        int steps, CancellationToken cancellation)
    {
        var points = data.ToSignedPoints();
        var record = new Record(null);
        var end = record.Follow(new FusedField(bases.Shape, points.Z, loss, threads: 1), start, eta, steps, state => state, cancellation);
        var x = new Matrix(points.Count, points.Dimension, points.Z.ToArray());
        return Evidence(name, bases.Shape, loss.Name, x, eta, record, end) with { Bases = bases };
    }

    /// <summary>Constrained layers, from coefficients; <paramref name="eta"/> is the step of the coordinates.</summary>
    public static AlignmentEvidence Constrained(string name, RegressionSet data, ConstrainedLayers layers, double[] coefficients,
        Coordinates coordinates, double eta, int steps, CancellationToken cancellation)
    {
        var moments = SecondMoments.Of(data);
        var loss = SquaredLoss.Mean(moments);
        var record = new Record(null);
        var start = coordinates == Coordinates.Kernel ? layers.ToKernels(coefficients) : coefficients;
        var end = record.Follow(new PulledBackField(loss, new ConstraintMap(layers, coordinates)), start, eta, steps,
            state => layers.Expand(state, coordinates), cancellation);
        return Evidence(name, layers.Shape, loss.Name, data.X, eta, record, end) with
        {
            Moments = moments,
            Constraint = layers,
            Coordinates = coordinates,
        };
    }

    /// <summary>The same by projected descent on the operators, at the same samples, with a step of its own.</summary>
    public static AlignmentEvidence BesideProjected(AlignmentEvidence run, double eta, CancellationToken cancellation)
    {
        var record = new Record(null);
        var field = new PulledBackField(SquaredLoss.Mean(run.Moments!), new ProjectionMap(run.Constraint!));
        record.Follow(field, run.States[0], eta, (int)run.Steps[^1], state => state, cancellation);
        return run with { Projected = record.States };
    }

    private static AlignmentEvidence Evidence(
        string name, NetworkShape shape, string loss, Matrix inputs, double eta, Record record, RunEnd end) => new()
        {
            Name = name,
            Shape = shape,
            Loss = loss,
            Inputs = inputs,
            Eta = eta,
            Steps = record.Steps,
            States = record.States,
            LogRisks = record.LogRisks,
            End = end,
        };

    private sealed class Record(Func<double[], RunEnd?>? until)
    {
        public List<long> Steps { get; } = [];

        public List<double[]> States { get; } = [];

        public List<double> LogRisks { get; } = [];

        public RunEnd Follow(IVectorField field, double[] start, double eta, int steps, Func<double[], double[]> operators,
            CancellationToken cancellation)
        {
            var state = field.NewState();
            state.CopyFrom(start);
            var end = Trajectory.Follow(new FlowSystem(field, Clock.Time), new GradientDescent(new ConstantStep(eta)),
                new TrajectoryPoint(state), new RunPlan
                {
                    Stops = [Stops.StepLimit(steps)],
                    Schedule = until is null ? SampleSchedule.LogSpacedSteps(SamplesPerDecade) : SampleSchedule.EveryStep,
                    OnSample = point =>
                    {
                        Steps.Add(point.Steps);
                        States.Add(operators(point.W.ToArray()));
                        LogRisks.Add(point.Value.LogRisk);
                        return until?.Invoke(States[^1]);
                    },
                    Cancellation = cancellation,
                });
            cancellation.ThrowIfCancellationRequested();
            // The runs of the suite are made for a number of steps: to have taken them is what they were for.
            return end.Name == "step-limit" ? new RunEnd("steps-done", true, $"All {steps} steps were taken.") : end;
        }
    }
}
