using TorchAlign.Checkpoints;
using TorchAlign.Fields;

namespace TorchAlign.Dynamics;

/// <summary>
/// Gradient descent on a field on tensors that stays on the device: <see cref="GradientDescent"/>'s steps, queued without a look from the
/// host until somebody is due to look. The host waits once a chunk. (TorchSharp has no CUDA graphs: each step is queued kernel by
/// kernel, about fifty of them for four layers.)
/// </summary>
/// <param name="rule">Constant, scheduled, loss-scaled or Assumption 5; one that takes no step back on a <see cref="TorchField"/>.</param>
public sealed class QueuedDescent(IStepRule rule) : IChunkStepper, IResumable, IDisposable
{
    /// <summary>
    /// Multiplications of a chunk: on a GPU a good part of a millisecond, in which a wait of microseconds is lost; on a CPU
    /// below a second, as late as a stop that does not count steps may act.
    /// </summary>
    private const double ChunkWork = 1e10;

    private const long LongestChunk = 1000;

    private FlowSystem _system = null!;
    private QueuedGradient? _gradient;
    private EnsembleDescent? _descent;

    public string Name => $"gradient descent, {Rule.Name}";

    public IStepRule Rule { get; } = rule;

    /// <summary>Depends on the problem alone, so that a run ends at the same step wherever it runs.</summary>
    public long ChunkSteps { get; private set; }

    /// <exception cref="ArgumentException">The field is not on tensors, or the rule decides on the host.</exception>
    public void Start(FlowSystem system, TrajectoryPoint point)
    {
        var field = system.Field as IQueuedField ?? throw new ArgumentException(
            $"QueuedDescent works on a TorchField or a TorchMarginField, not on a {system.Field.GetType().Name}; use GradientDescent.",
            nameof(system));
        Dispose();
        _system = system;
        _gradient = field.Queue();
        ChunkSteps = ChunkOf(_gradient.Work);
        point.ClockIsTime = Rule.EtaIsFactor;
        _descent = new EnsembleDescent(_gradient, field.RowOf(point.W), [Rule], from: [EnsembleMember.At(point)]);
        _system.Evaluations += _descent.Evaluations;
        Arrive(point, _descent.Members[0]);
    }

    public StepOutcome Step(TrajectoryPoint point, double clockLimit = double.PositiveInfinity) => Advance(point, 1, clockLimit);

    public StepOutcome Advance(
        TrajectoryPoint point, long steps, double clockLimit = double.PositiveInfinity, double logRiskBound = double.NegativeInfinity)
    {
        var (before, evaluations) = (point.Steps, _descent!.Evaluations);
        var member = _descent.Advance(StepsInChunk(steps, point.Steps, ChunkSteps), clockLimit, logRiskBound)[0];
        _system.Evaluations += _descent.Evaluations - evaluations;
        Arrive(point, member);
        return point.Steps > before ? StepOutcome.Advanced : member.Outcome;
    }

    /// <summary>What the rule remembers, as <see cref="GradientDescent"/> keeps it: either goes on from the other's checkpoint.</summary>
    public void Save(Snapshot memory) => ((IEnsembleStepper)_descent!).Save(_descent.Members[0], memory);

    public void Restore(Snapshot memory) => ((IEnsembleStepper)_descent!).Restore(0, _descent.Members[0], memory);

    public void Dispose() => _descent?.Dispose();

    /// <summary>Steps of a chunk, each of so much work.</summary>
    internal static long ChunkOf(double work) => (long)Math.Clamp(ChunkWork / work, 1, LongestChunk);

    /// <summary>
    /// How many of the steps to make before the next look. Chunks end at multiples of their length, so that a run taken up again is
    /// looked at where it would have been.
    /// </summary>
    internal static long StepsInChunk(long steps, long made, long chunk) => Math.Clamp(steps, 1, chunk - made % chunk);

    private void Arrive(TrajectoryPoint point, EnsembleMember member)
    {
        member.Move(point, _gradient!.IsOfLogRisk ? member.LogRisk : 0);
        point.Evaluations = _system.Evaluations;
    }
}
