using TorchAlign.Alignment;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Runs;
using TorchAlign.Experiments.Settings;
using TorchAlign.Fields;

namespace TorchAlign.Experiments.Compare;

/// <summary>Our trajectories, recorded.</summary>
internal static class OurSide
{
    /// <summary>Descent by the network's method with one of the fields, every so many steps and the last.</summary>
    /// <param name="network">Start, loss and step rule.</param>
    /// <param name="field">fused | autograd | sequential.</param>
    /// <param name="steps">How many.</param>
    /// <param name="every">Recorded are the multiples of this and the last.</param>
    /// <param name="observe">Told of every recorded point; null for nothing.</param>
    /// <param name="cancellation">Ends it by an exception.</param>
    public static RecordedPoints Descend(
        ComparedNetwork network, string field, long steps, long every, Action<Observation>? observe,
        CancellationToken cancellation)
    {
        var settings = network.Settings.Method with { Method = "descent", Field = field, FastForward = false };
        var method = Methods.Build(settings, network.Shape, network.Points, network.Loss);
        return Record(network, method.System, method.Stepper, Stops.StepLimit(steps),
            point => point.Steps % every == 0 || point.Steps == steps, point => point.Steps, double.PositiveInfinity,
            observe, cancellation);
    }

    /// <summary>
    /// Our fused field at the twin's own states, as far as the risk is above e^-100: below, the rounding of a margin m,
    /// which is 1e-16 m, moves the weight e^-m by more than the comparison is about.
    /// </summary>
    public static (RecordedPoints Ours, RecordedPoints Theirs) At(ComparedNetwork network, RecordedPoints theirs)
    {
        var count = theirs.LogRisk.TakeWhile(risk => risk > -100).Count();
        var length = network.Shape.Length;
        var field = new FusedField(network.Shape, network.Points.Z, network.Loss);
        using var w = field.NewState();
        using var direction = field.NewState();
        var (risks, directions) = (new double[count], new double[count * length]);
        for (var i = 0; i < count; i++)
        {
            w.CopyFrom(theirs.StateAt(i));
            risks[i] = field.Evaluate(w, direction).LogRisk;
            direction.CopyTo(directions.AsSpan(i * length, length));
        }
        var cut = new RecordedPoints(
            theirs.At[..count], theirs.W[..(count * length)],
            theirs.LogRisk[..count], theirs.Direction[..(count * length)]);
        return (cut with { LogRisk = risks, Direction = directions }, cut);
    }

    /// <summary>The flow by SEULEX in the clock log-risk, every step of the integrator up to a clock value.</summary>
    public static RecordedPoints Flow(
        ComparedNetwork network, double clockLimit, Action<Observation> observe, CancellationToken cancellation)
    {
        var settings = network.Settings.Method with
        {
            Method = "flow",
            Stepper = SettingsCheck.Steppers[0],
            Clock = "log-risk",
            Rtol = Methods.DefaultTolerance(SettingsCheck.Steppers[0]),
            Field = "fused",
        };
        var method = Methods.Build(settings, network.Shape, network.Points, network.Loss);
        return Record(network, method.System, method.Stepper, Stops.StepLimit(1_000_000),
            point => point.Clock > 0, point => point.Clock, clockLimit, observe, cancellation);
    }

    private static RecordedPoints Record(
        ComparedNetwork network, FlowSystem system, IStepper stepper, IStop stop, Func<TrajectoryPoint, bool> wanted,
        Func<TrajectoryPoint, double> at, double clockLimit, Action<Observation>? observe,
        CancellationToken cancellation)
    {
        List<double> when = [], states = [], risks = [], directions = [];
        var diagnostics = new AlignmentDiagnostics(
            network.Shape, network.Points, network.Loss, network.Reference, network.Start);
        var w = system.Field.NewState();
        using var direction = system.Field.NewState();
        w.CopyFrom(network.Start);
        var end = Trajectory.Follow(system, stepper, new TrajectoryPoint(w), new RunPlan
        {
            Stops = [stop],
            Schedule = SampleSchedule.EveryStep,
            ClockLimit = clockLimit,
            Cancellation = cancellation,
            OnSample = point =>
            {
                if (!wanted(point)) return null;
                // Evaluated once more, at the same point, so to the same bits: the stepper keeps its own to itself.
                system.Field.Evaluate(point.W, direction);
                when.Add(at(point));
                states.AddRange(point.W.ToArray());
                risks.Add(point.Value.LogRisk);
                directions.AddRange(direction.ToArray());
                observe?.Invoke(diagnostics.Observe(point));
                return null;
            },
        });
        cancellation.ThrowIfCancellationRequested();
        if (!end.Reached && end.Name != "step-limit")
            throw new CommandException(
                $"Our run of {network.Name} ended as {end.Name}: {end.Message} Take fewer --steps.");
        return new RecordedPoints([.. when], [.. states], [.. risks], [.. directions]);
    }
}
