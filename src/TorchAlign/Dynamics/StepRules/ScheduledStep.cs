using TorchAlign.Checkpoints;

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
    public StepSize Next(TrajectoryPoint point)
    {
        var k = point.Steps - _first;
        var size = eta(k);
        if (!(size > 0 && double.IsFinite(size)))
            throw new InvalidOperationException($"The step rule '{Name}' gave {size} at step {k}; it must be positive and finite.");
        return new StepSize(size);
    }
}
