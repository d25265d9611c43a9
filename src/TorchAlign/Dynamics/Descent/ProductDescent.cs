using TorchAlign.Checkpoints;
using TorchAlign.Fields;

namespace TorchAlign.Dynamics;

/// <summary>
/// Gradient descent on a <see cref="TorchField"/> that stays on the device: <see cref="GradientDescent"/>'s steps, queued without a
/// look from the host until somebody is due to look. The host waits once a chunk.
/// </summary>
public sealed class ProductDescent : IChunkStepper, IResumable, IDisposable
{
    /// <summary>
    /// Multiplications of a chunk: on a GPU a good part of a millisecond, in which a wait of microseconds is lost; on a CPU
    /// below a second, as late as a stop that does not count steps may act.
    /// </summary>
    private const double ChunkWork = 1e10;

    private const long LongestChunk = 1000;

    private FlowSystem _system = null!;
    private TorchField _field = null!;
    private TensorDescent? _descent;

    /// <param name="rule">Constant or scheduled: the device does not wait for a rule that looks at the run.</param>
    /// <exception cref="ArgumentException">The rule is another.</exception>
    public ProductDescent(IStepRule rule)
    {
        if (rule is not (ConstantStep or ScheduledStep))
            throw new ArgumentException($"The rule '{rule.Name}' decides on the host; ProductDescent knows constant and scheduled steps. "
                + "Use GradientDescent.", nameof(rule));
        Rule = rule;
    }

    public string Name => $"gradient descent, {Rule.Name}";

    public IStepRule Rule { get; }

    /// <summary>Depends on the problem alone, so that a run ends at the same step wherever it runs.</summary>
    public long ChunkSteps { get; private set; }

    /// <exception cref="ArgumentException">The field is not a <see cref="TorchField"/>.</exception>
    public void Start(FlowSystem system, TrajectoryPoint point)
    {
        _field = system.Field as TorchField ?? throw new ArgumentException(
            $"ProductDescent works on a TorchField, not on a {system.Field.GetType().Name}; use GradientDescent.", nameof(system));
        _system = system;
        ChunkSteps = (long)Math.Clamp(ChunkWork / _field.Work, 1, LongestChunk);
        _descent?.Dispose();
        _descent = new TensorDescent(_field, _field.ValuesOf(point.W));
        _system.Evaluations++;
        point.ClockIsTime = true;
        Look(point);
        Rule.Start(point);
    }

    public StepOutcome Step(TrajectoryPoint point, double clockLimit = double.PositiveInfinity) => Advance(point, 1, clockLimit);

    public StepOutcome Advance(
        TrajectoryPoint point, long steps, double clockLimit = double.PositiveInfinity, double logRiskBound = double.NegativeInfinity)
    {
        if (point.Value.LogRisk <= logRiskBound || point.Clock >= clockLimit) return StepOutcome.Advanced;
        var (etas, clocks) = Plan(point, DeviceDescent.StepsInChunk(steps, point.Steps, ChunkSteps), clockLimit);
        var queued = _descent!.Queue(etas, logRiskBound);
        _system.Evaluations += queued;
        var taken = Look(point);
        if (taken < queued && !(point.Value.LogRisk <= logRiskBound))
        {
            // The step after the last one taken left floating point.
            _descent.Evaluate();
            _system.Evaluations++;
            Look(point);
        }
        point.Steps += taken;
        if (taken > 0) point.Clock = clocks[(int)taken - 1];
        return taken > 0 ? StepOutcome.Advanced : StepOutcome.NonFinite;
    }

    /// <summary>What the rule remembers, as <see cref="GradientDescent"/> keeps it: either goes on from the other's checkpoint.</summary>
    public void Save(Snapshot memory) => ((IResumable)Rule).Save(memory.Part("rule"));

    public void Restore(Snapshot memory) => ((IResumable)Rule).Restore(memory.Part("rule"));

    public void Dispose() => _descent?.Dispose();

    /// <summary>The sizes of the steps that follow, up to the limit of the clock, and the clock after each of them.</summary>
    private (List<double> Etas, List<double> Clocks) Plan(TrajectoryPoint point, long steps, double clockLimit)
    {
        var (etas, clocks) = (new List<double>(), new List<double>());
        // The rule reads no more of a point than the number of its step.
        var ahead = new TrajectoryPoint(point.W) { Steps = point.Steps };
        for (var clock = point.Clock; etas.Count < steps && clock < clockLimit; ahead.Steps++)
        {
            var eta = Rule.Next(ahead).Factor;
            if (clock + eta > clockLimit) eta = clockLimit - clock;
            etas.Add(eta);
            clocks.Add(clock += eta);
        }
        return (etas, clocks);
    }

    /// <summary>Gives the point the value at its state; returns how many of the steps queued last were taken.</summary>
    private long Look(TrajectoryPoint point)
    {
        var (taken, logRisk, norm) = _descent!.Look();
        point.SetValue(new FieldValue(logRisk, 0), norm);
        point.Evaluations = _system.Evaluations;
        return taken;
    }
}
