using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Landscape;

/// <summary>
/// Descent from a start to the critical point it finds. The step is constant and practical, not the guaranteed one, which is many times
/// shorter: one over the largest curvature at the start and at a balanced global minimum, whichever is larger, and half of
/// that as often as descent diverges.
/// </summary>
public sealed class CriticalPointSearch
{
    private const int MostHalvings = 20;

    /// <summary>The curvature need not be known better.</summary>
    private const double CurvatureTolerance = 1e-3;

    private const int CurvatureProducts = 100;

    private readonly RankLandscape _landscape;
    private readonly NetworkShape _shape;
    private readonly IVectorField _field;
    private readonly double _curvatureAtMinimum;

    /// <param name="landscape">Of the loss.</param>
    /// <param name="shape">Of the network.</param>
    /// <param name="field">The gradient of the landscape's loss where another is to compute it, as on a device; not freed.</param>
    public CriticalPointSearch(RankLandscape landscape, NetworkShape shape, IVectorField? field = null)
    {
        (_landscape, _shape) = (landscape, shape);
        _field = field ?? new ProductField(shape, landscape.Loss);
        _curvatureAtMinimum = LargestCurvature(landscape.BalancedMinimizer(shape, shape.Widths.Min()));
    }

    /// <summary>The first step size that <see cref="Run"/> tries.</summary>
    public double PracticalStep(ReadOnlySpan<double> start) => 1 / Math.Max(_curvatureAtMinimum, LargestCurvature(start));

    /// <summary>
    /// Descends until the gradient meets the criteria; a run that does not within the steps ends as <c>step-limit</c> and is reported
    /// as it stands.
    /// </summary>
    public FoundPoint Run(
        ReadOnlySpan<double> start, CriticalPointCriteria criteria, long maxSteps, CancellationToken cancellation)
    {
        var step = PracticalStep(start);
        for (var halvings = 0; ; halvings++, step /= 2)
        {
            using var w = _field.NewState();
            w.CopyFrom(start);
            var point = new TrajectoryPoint(w);
            using var descent = new GradientDescent(new ConstantStep(step));
            var end = Trajectory.Follow(new FlowSystem(_field, Clock.Time), descent, point, new RunPlan
            {
                Stops = [Stops.GradientBelow(criteria.GradientNorm), Stops.StepLimit(maxSteps)],
                Schedule = SampleSchedule.EveryStep,
                Cancellation = cancellation,
            });
            if (end == RunEnd.NonFinite && halvings < MostHalvings) continue;
            var state = point.W.ToArray();
            return new FoundPoint(end, step, point.Steps, state, CriticalPointReport.Of(_landscape, _shape, state, criteria));
        }
    }

    private double LargestCurvature(ReadOnlySpan<double> state)
    {
        var hessian = new ProductHessian(_shape, _landscape.Loss, state);
        var ends = Lanczos.Ends(hessian.Size, v => hessian.Times(v), CurvatureTolerance, CurvatureProducts, new RandomStream(0));
        return ends.Largest + ends.LargestResidual;
    }
}

/// <param name="End">How the run ended: <c>gradient-below</c> where it found a critical point.</param>
/// <param name="Step">The constant step size of the run.</param>
/// <param name="Steps">How many it took.</param>
/// <param name="State">Where it ended (P).</param>
/// <param name="Report">What that is.</param>
public sealed record FoundPoint(RunEnd End, double Step, long Steps, double[] State, CriticalPointReport Report);
