using TorchAlign.Fields;

namespace TorchAlign.Dynamics;

/// <summary>
/// How far above a bound a constant step may go: the largest found with which the risk falls at every step, and the largest with which
/// it does not diverge. Found by bisection, so each is an edge of the set of such steps; that set need not be an interval.
/// </summary>
/// <param name="Bound">The step that was measured against.</param>
/// <param name="LargestMonotone">The risk never rises by more than rounding of R(W(0)); NaN where no step was found that does so.</param>
/// <param name="LargestStable">The risk never exceeds <see cref="Divergence"/> times that of the start; NaN likewise.</param>
/// <param name="Steps">Of every run.</param>
public sealed record StepSlack(double Bound, double LargestMonotone, double LargestStable, long Steps)
{
    /// <summary>A risk so many times that of the start counts as diverged.</summary>
    public const double Divergence = 1e3;

    private const double Rounding = 1e-14;
    private const int MostDoublings = 200;

    /// <param name="field">The gradient.</param>
    /// <param name="start">W(0) (P).</param>
    /// <param name="bound">A step size with a guarantee; where it fails itself the search goes below it.</param>
    /// <param name="steps">Of every run: an instability that shows later is not seen.</param>
    /// <param name="resolution">The ratio of neighbouring step sizes at the end, minus 1; such as 0.01.</param>
    /// <param name="cancellation">Ends the search with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArithmeticException">No step is small enough: the field is not the gradient of its risk there, or not finite.
    /// </exception>
    public static StepSlack Measure(
        IVectorField field, ReadOnlySpan<double> start, double bound, long steps, double resolution, CancellationToken cancellation)
    {
        if (!(bound > 0 && double.IsFinite(bound)))
            throw new ArgumentOutOfRangeException(nameof(bound), bound, "The bound must be positive and finite.");
        if (!(resolution > 1e-9 && resolution < 1))
            throw new ArgumentOutOfRangeException(nameof(resolution), resolution, "The resolution must lie between 1e-9 and 1.");
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        var w = start.ToArray();
        var monotone = Edge(bound, resolution, eta => Follow(field, w, eta, steps, cancellation).Monotone);
        var from = double.IsNaN(monotone) ? bound : monotone;
        var stable = Edge(from, resolution, eta => Follow(field, w, eta, steps, cancellation).Stable);
        return new StepSlack(bound, monotone, stable, steps);
    }

    /// <summary>
    /// An eta with which it holds, such that it fails with eta (1 + resolution); NaN where it holds with none that is tried.
    /// </summary>
    private static double Edge(double from, double resolution, Func<double, bool> holds)
    {
        var (low, high) = (from, from);
        if (holds(from))
        {
            for (var i = 0; i < MostDoublings && holds(high *= 2); i++) low = high;
        }
        else
        {
            for (var i = 0; !holds(low /= 2); i++)
            {
                if (i == MostDoublings) return double.NaN;
                high = low;
            }
        }
        while (high > low * (1 + resolution))
        {
            var middle = Math.Sqrt(low) * Math.Sqrt(high);
            if (holds(middle)) low = middle;
            else high = middle;
        }
        return low;
    }

    private static (bool Monotone, bool Stable) Follow(
        IVectorField field, double[] start, double eta, long steps, CancellationToken cancellation)
    {
        using var w = field.NewState();
        w.CopyFrom(start);
        var point = new TrajectoryPoint(w);
        using var descent = new GradientDescent(new ConstantStep(eta));
        descent.Start(new FlowSystem(field, Clock.Time), point);
        var initial = point.Value.LogRisk;
        var risk = 1.0;
        var monotone = true;
        while (point.Steps < steps)
        {
            cancellation.ThrowIfCancellationRequested();
            if (descent.Step(point) != StepOutcome.Advanced) return (false, false);
            var next = Math.Exp(point.Value.LogRisk - initial);
            if (!(next <= Divergence)) return (false, false);
            monotone &= next <= risk + Rounding;
            risk = next;
        }
        return (monotone, true);
    }
}
