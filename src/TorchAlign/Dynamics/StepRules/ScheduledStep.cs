using TorchAlign.Checkpoints;
using TorchAlign.Fields;
using static TorchSharp.torch;

namespace TorchAlign.Dynamics;

/// <summary>eta_k = a function of the step number k = 0, 1, 2, ... of this run: a user's own rule.</summary>
/// <param name="name">How the rule is called in records.</param>
/// <param name="eta">Positive and finite for every k.</param>
public sealed class ScheduledStep(string name, Func<long, double> eta) : IStepRule, IResumable
{
    private long _first;

    public string Name { get; } = name;

    /// <summary>
    /// eta_k = first / (1 + k / scale): decreasing with sum eta_k = infinity, never above the first. With scale 1 it is first / (k + 1),
    /// whose sum of a million steps is 14.4 first; a larger scale keeps the first steps long.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A number that is not positive and finite.</exception>
    public static ScheduledStep Harmonic(double first, double scale = 1)
    {
        if (!(first > 0 && double.IsFinite(first)))
            throw new ArgumentOutOfRangeException(nameof(first), first, "A step size must be positive and finite.");
        if (!(scale > 0 && double.IsFinite(scale)))
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "The scale of a schedule must be positive and finite.");
        return new ScheduledStep($"{first:R} / (1 + k / {scale:R})", k => first / (1 + k / scale));
    }

    public void Start(TrajectoryPoint point) => _first = point.Steps;

    public void Save(Snapshot memory) => memory.Write("first", _first);

    public void Restore(Snapshot memory) => _first = memory.ReadInt64("first");

    /// <exception cref="InvalidOperationException">The function returned a number that is not positive and finite.</exception>
    public StepSize Next(TrajectoryPoint point) => new(Eta(point.Steps - _first));

    TorchStepRule IStepRule.OnTensors(RulesOnTensors rules) => new OnTensors(rules);

    private double Eta(long k)
    {
        var size = eta(k);
        if (!(size > 0 && double.IsFinite(size)))
            throw new InvalidOperationException($"The step rule '{Name}' gave {size} at step {k}; it must be positive and finite.");
        return size;
    }

    /// <summary>Sizes are known before the steps are made, and lie on the device for the next of those that are queued.</summary>
    private sealed class OnTensors(RulesOnTensors rules) : TorchStepRule(rules.Steps, "first")
    {
        private const int Most = 1000;

        private readonly ScheduledStep[] _rules = rules.Of<ScheduledStep>();
        private Tensor? _etas;
        private long[] _k = [];
        private long _steps, _next;

        internal override void Plan(IEnsembleStepper stepper, long steps)
        {
            _k = [.. stepper.Members.Select(member => member.Steps - (long)member.RuleState!.Value)];
            (_steps, _next) = (steps, 0);
        }

        /// <inheritdoc/>
        /// <remarks>A member that stands still does so until all steps of the plan are made: the others know their numbers.</remarks>
        internal override (Tensor Factor, Tensor? LogUnit) Next(Tensor w, Tensor logRisk)
        {
            if (_next % Most == 0) Load((int)Math.Min(Most, _steps - _next));
            return (_etas!.select(0, _next++ % Most), null);
        }

        public override void Dispose()
        {
            base.Dispose();
            _etas?.Dispose();
        }

        private void Load(int count)
        {
            using var scope = NewDisposeScope();
            double[] etas =
            [
                .. from step in Enumerable.Range(0, count)
                   from s in Enumerable.Range(0, _k.Length)
                   select _rules[s].Eta(_k[s] + _next + step),
            ];
            TorchLayers.Keep(ref _etas, tensor(etas, [count, _k.Length], dtype: float64, device: Numbers.device));
        }

        private protected override void Write(Snapshot memory, string entry, double number) => memory.Write(entry, (long)number);

        private protected override double Read(Snapshot memory, string entry) => memory.ReadInt64(entry);
    }
}
