namespace TorchAlign.Experiments.Compare;

/// <summary>How much two computations of the same numbers may differ, and why.</summary>
/// <param name="Reason">In words.</param>
/// <param name="At">The bound at a step, or at the clock of a flow.</param>
internal sealed record Tolerance(string Reason, Func<double, double> At)
{
    private const double PerStep = 1e-15;
    private const int LeastSteps = 100;

    public static Tolerance Bits { get; } = new(
        "same libtorch, same operations in the same order, same number of threads: the same bits at every step",
        _ => 0);

    /// <summary>1e-12 after 1,000 steps.</summary>
    public static Tolerance Rounding { get; } = new(
        "the sums are taken in another order: each step may add a few roundings of 1e-16 of the size of the weights, and "
        + "later steps carry them on: 1e-15 a step, 1e-13 at least", step => PerStep * Math.Max(step, LeastSteps));

    /// <summary>Of the field alone, where no trajectory can be compared.</summary>
    public static Tolerance AtTwinStates { get; } = new(
        "the loss-scaled rule takes steps back and so rides the edge of stability, where any rounding grows to another "
        + "trajectory in some hundred steps; what must agree is the field, here at the twin's own states", _ => 1e-12);

    /// <summary>Of the flow: what the two integrators' own tolerances let through.</summary>
    public static Tolerance Integrators { get; } = new(
        "two integrators of different kinds, at relative tolerances of 1e-9 (ours) and 1e-11 a step: their errors add along "
        + "the curve, 1e-7 a unit of the clock, 1e-7 at least", clock => 1e-7 * Math.Max(clock, 1));

    public static Tolerance Diagnostics { get; } = new(
        "computed from the same states: a few roundings, times the conditioning of singular vectors", _ => 1e-12);
}
