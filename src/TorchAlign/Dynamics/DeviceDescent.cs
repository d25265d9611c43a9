using TorchAlign.Checkpoints;

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
    private (long Steps, long Rejected) _before;

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
        ChunkSteps = (long)Math.Clamp(ChunkWork / ((double)core.Count * core.Shape.Inputs + 4.0 * core.Shape.Length), 1, LongestChunk);
        _descent?.Dispose();
        // A point that has come some way goes on from there.
        _before = (point.Steps, point.Rejected);
        point.ClockIsTime = Rule.EtaIsFactor;
        _descent = new EnsembleDescent(core, _field.Row(point.W), [Rule], clock: point.Clock, logTime: point.LogTime);
        _system.Evaluations++;
        Arrive(point, _descent.Members[0]);
    }

    public StepOutcome Step(TrajectoryPoint point, double clockLimit = double.PositiveInfinity) => Advance(point, 1, clockLimit);

    public StepOutcome Advance(
        TrajectoryPoint point, long steps, double clockLimit = double.PositiveInfinity, double logRiskBound = double.NegativeInfinity)
    {
        var (before, attempts) = (point.Steps, _descent!.Attempts);
        // Chunks end at multiples of their length, so that a run taken up again is looked at where it would have been.
        var chunk = Math.Clamp(steps, 1, ChunkSteps - point.Steps % ChunkSteps);
        var member = _descent.Advance(chunk, clockLimit, logRiskBound, CancellationToken.None)[0];
        _system.Evaluations += _descent.Attempts - attempts;
        Arrive(point, member);
        return point.Steps > before || member.End is null ? StepOutcome.Advanced
            : member.End == RunEnd.StepTooSmall ? StepOutcome.StepTooSmall
            : StepOutcome.NonFinite;
    }

    /// <summary>What the rule remembers, as <see cref="GradientDescent"/> keeps it: either goes on from the other's checkpoint.</summary>
    public void Save(Snapshot memory) => _descent!.Rule.Save(memory.Part("rule"));

    public void Restore(Snapshot memory) => _descent!.Rule.Restore(memory.Part("rule"));

    public void Dispose() => _descent?.Dispose();

    private void Arrive(TrajectoryPoint point, EnsembleMember member)
    {
        point.SetValue(new FieldValue(member.LogRisk, member.LogRisk), member.GradientNorm);
        point.Steps = _before.Steps + member.Steps;
        point.Rejected = _before.Rejected + member.Rejected;
        point.Clock = member.Clock;
        point.Evaluations = _system.Evaluations;
        if (!point.ClockIsTime) point.SetLogTime(member.LogTime);
    }
}
