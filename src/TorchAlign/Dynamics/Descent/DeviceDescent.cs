using TorchAlign.Checkpoints;
using TorchAlign.Fields;
using TorchAlign.Networks;

namespace TorchAlign.Dynamics;

/// <summary>
/// Gradient descent on a <see cref="TorchMarginField"/> that stays on the device: <see cref="GradientDescent"/>'s steps, queued without
/// a look from the host until somebody is due to look. The host waits once a chunk. (TorchSharp has no CUDA graphs: each step is
/// queued kernel by kernel, about fifty of them for four layers.)
/// </summary>
/// <param name="rule">Constant, loss-scaled or Assumption 5.</param>
public sealed class DeviceDescent(IStepRule rule) : IChunkStepper, IResumable, IDisposable
{
    /// <summary>Multiplications of a chunk: some milliseconds on a GPU, in which a wait of microseconds is lost.</summary>
    private const double ChunkWork = 1e9;

    private const long LongestChunk = 1000;

    private FlowSystem _system = null!;
    private TorchMarginField _field = null!;
    private EnsembleDescent? _descent;

    public string Name => $"gradient descent, {Rule.Name}";

    public IStepRule Rule { get; } = rule;

    /// <summary>Depends on the problem alone, so that a run ends at the same step wherever it runs.</summary>
    public long ChunkSteps { get; private set; }

    /// <exception cref="ArgumentException">The field is not a <see cref="TorchMarginField"/>, or the rule decides on the host.</exception>
    public void Start(FlowSystem system, TrajectoryPoint point)
    {
        _system = system;
        _field = system.Field as TorchMarginField ?? throw new ArgumentException(
            $"DeviceDescent works on a TorchMarginField, not on a {system.Field.GetType().Name}; use GradientDescent.", nameof(system));
        var core = _field.Core;
        ChunkSteps = ChunkOf(core.Shape, core.Count);
        _descent?.Dispose();
        point.ClockIsTime = Rule.EtaIsFactor;
        _descent = new EnsembleDescent(core, _field.Row(point.W), [Rule], from: [EnsembleMember.At(point)]);
        _system.Evaluations++;
        Arrive(point, _descent.Members[0]);
    }

    public StepOutcome Step(TrajectoryPoint point, double clockLimit = double.PositiveInfinity) => Advance(point, 1, clockLimit);

    public StepOutcome Advance(
        TrajectoryPoint point, long steps, double clockLimit = double.PositiveInfinity, double logRiskBound = double.NegativeInfinity)
    {
        var (before, attempts) = (point.Steps, _descent!.Attempts);
        var member = _descent.Advance(StepsInChunk(steps, point.Steps, ChunkSteps), clockLimit, logRiskBound, CancellationToken.None)[0];
        _system.Evaluations += _descent.Attempts - attempts;
        Arrive(point, member);
        return point.Steps > before ? StepOutcome.Advanced : member.Outcome;
    }

    /// <summary>What the rule remembers, as <see cref="GradientDescent"/> keeps it: either goes on from the other's checkpoint.</summary>
    public void Save(Snapshot memory) => _descent!.Rule.Save(_descent.Members[0].RuleMemory!.Value, memory.Part("rule"));

    public void Restore(Snapshot memory) => _descent!.Rule.Restore(0, memory.Part("rule"));

    public void Dispose() => _descent?.Dispose();

    /// <summary>Steps of a chunk for so many networks of the shape on n points.</summary>
    internal static long ChunkOf(NetworkShape shape, int count, int members = 1) =>
        (long)Math.Clamp(ChunkWork / (members * ((double)count * shape.Inputs + 4.0 * shape.Length)), 1, LongestChunk);

    /// <summary>
    /// How many of the steps to make before the next look. Chunks end at multiples of their length, so that a run taken up again is
    /// looked at where it would have been.
    /// </summary>
    internal static long StepsInChunk(long steps, long made, long chunk) => Math.Clamp(steps, 1, chunk - made % chunk);

    private void Arrive(TrajectoryPoint point, EnsembleMember member)
    {
        member.Move(point);
        point.Evaluations = _system.Evaluations;
    }
}
