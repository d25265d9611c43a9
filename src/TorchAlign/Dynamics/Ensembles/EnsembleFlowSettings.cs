namespace TorchAlign.Dynamics;

/// <summary>The gradient flow of many networks at once, each integrated as <see cref="DormandPrince54"/> does for one.</summary>
/// <param name="clock">One of <see cref="Clock.All"/>.</param>
/// <param name="tolerance">rtol: the local error allowed relative to ||W||.</param>
/// <exception cref="ArgumentOutOfRangeException">A tolerance outside (1e-15, 1).</exception>
public sealed class EnsembleFlowSettings(Clock clock, double tolerance = DormandPrince54.DefaultTolerance)
{
    public Clock Clock { get; } = clock;

    public double Tolerance { get; } = DormandPrince54.Checked(tolerance);
}
