using System.Text.Json.Serialization;
using TorchAlign.Alignment;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Papers;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Runs;
using TorchAlign.Experiments.Settings;
using TorchAlign.Landscape;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Experiments.Tasks;

/// <summary>A network of a task at a point of its run.</summary>
/// <param name="Seen">What every network of several outputs shows.</param>
/// <param name="Classes">Of classes; else null.</param>
/// <param name="Distance">Of targets; else null.</param>
internal sealed record TaskSample(ProductObservation Seen, ClassScores? Classes, RankDistance? Distance);

/// <summary>What every step of a descent at the step of [NRT] showed; see <see cref="DescentWatch"/>.</summary>
internal sealed record WatchedSteps(double LargestRise, double LeastShare);

/// <summary>The spectrum of the Hessian at the last point; NaN where it was too large to look at.</summary>
/// <param name="Least">Its least eigenvalue.</param>
/// <param name="Largest">Its largest one.</param>
/// <param name="SlowestRate">The least above rounding: how fast the flow near a minimum approaches it at last.</param>
internal sealed record LastCurvature(double Least, double Largest, double SlowestRate);

/// <summary>A network's run from its start to a named end.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Samples">In order; first and last point included.</param>
/// <param name="Final">W_1, ..., W_L (P) at the end.</param>
/// <param name="Watched">Where the step of [NRT] was taken.</param>
/// <param name="Curvature">Of targets.</param>
/// <param name="Seconds">Wall time, samples included.</param>
internal sealed record TaskPath(
    RunEnd End, IReadOnlyList<TaskSample> Samples, double[] Final, WatchedSteps? Watched, LastCurvature? Curvature, double Seconds)
{
    /// <summary>Parameters up to which the Hessian is looked at: its Krylov space then takes a few hundred megabytes at most.</summary>
    private const int MostParameters = 100_000;

    private const int HessianProducts = 300;

    /// <summary>Parameters up to which all eigenvalues are computed.</summary>
    private const int FewParameters = 500;

    /// <summary>Eigenvalues below this share of the largest belong to directions that do not change the product.</summary>
    private const double ZeroCurvature = 1e-5;

    /// <summary>Eigenvalues to this share of the largest.</summary>
    private const double CurvatureTolerance = 1e-8;

    [JsonIgnore]
    public TaskNetwork Network { get; init; } = null!;

    public TaskSample Last => Samples[^1];

    /// <summary>How the run ended; a descent that ends above its start has diverged.</summary>
    public JobEnd JobEnd => Network.IsDescent
        ? JobEnd.OfDescent(End, Samples[0].Seen.LogRisk, Last.Seen.LogRisk)
        : JobEnd.Of(End);

    /// <summary>Follows a network to its end, or until it is interrupted.</summary>
    public static TaskPath Follow(TaskNetwork network, RunSettings settings, DataAlignment data, JobRun at)
    {
        var diagnostics = network.Diagnostics(data);
        var watch = network.Constants is null ? null : new DescentWatch();
        List<IStop> stops = [.. watch is null ? [] : new IStop[] { watch }];
        if (settings.Task!.Excess is { } excess && network.Distances is { } distances) stops.Add(new ExcessWithin(distances, excess));
        stops.AddRange(RunStops.AtSteps(settings));
        var path = at.Follow(network.Field(), network.Start, network.Stepper(), new RunPlan
        {
            Stops = stops,
            Schedule = network.IsDescent
                ? SampleSchedule.LogSpacedSteps(settings.SamplesPerDecade)
                : SampleSchedule.LogSpacedClock(settings.SamplesPerDecade),
        }, Look, clock: network.Clock, stop: settings.Stop.Separated ? Separated : null);
        return new TaskPath(path.End, path.Samples, path.Final,
            watch is null ? null : new WatchedSteps(watch.LargestRise, watch.LeastShare),
            network.Problem.Classes is null && path.End != RunEnd.Interrupted && !path.End.Failed
                ? CurvatureAt(network, settings, path.Final)
                : null,
            at.Seconds)
        { Network = network };

        TaskSample Look(TrajectoryPoint point)
        {
            var seen = diagnostics.Observe(point);
            var state = point.W.ToArray();
            at.Tell($"{network.Label}: step {seen.Step}, risk {Numbers.Risk(seen.Log10Risk)}", (double)seen.Step / settings.Stop.Steps);
            return new TaskSample(seen,
                network.Problem.Classes is { } classes ? ClassScores.Of(classes, network.Shape, state, seen.LogRisk) : null,
                network.Distances?.Of(LinearProduct.Matrix(network.Shape, state)));
        }

        static RunEnd? Separated(TaskSample sample) => sample.Classes is { Margin: > 0 }
            ? new RunEnd("separated", true, "Every point has its largest score in its own class.")
            : null;
    }

    private static LastCurvature CurvatureAt(TaskNetwork network, RunSettings settings, double[] state)
    {
        if (network.Shape.Length > MostParameters || state.Any(value => !double.IsFinite(value)))
            return new LastCurvature(double.NaN, double.NaN, double.NaN);
        var hessian = new ProductHessian(network.Shape, network.Problem.NewSquaredLoss(settings), state);
        if (hessian.Size <= FewParameters)
        {
            var dense = new Matrix(hessian.Size, hessian.Size);
            for (var i = 0; i < hessian.Size; i++)
            {
                var unit = new double[hessian.Size];
                unit[i] = 1;
                hessian.Times(unit).CopyTo(dense.Row(i));
            }
            // A descent that diverges to its last step has squares that are no float64.
            if (!dense.Values.ToArray().All(double.IsFinite)) return new LastCurvature(double.NaN, double.NaN, double.NaN);
            var values = SymmetricEigen.Of(dense).Values;
            return new LastCurvature(values[0], values[^1],
                values.FirstOrDefault(value => value > ZeroCurvature * values[^1], double.NaN));
        }
        var ends = Lanczos.Ends(hessian.Size, v => hessian.Times(v), CurvatureTolerance, Math.Min(hessian.Size, HessianProducts),
            new RandomStream(0));
        return new LastCurvature(ends.Least, ends.Largest, double.NaN);
    }

    /// <summary>R - R_r at most a share of R_0 - R_r.</summary>
    private sealed class ExcessWithin : IStop
    {
        private readonly double _logRisk;
        private readonly RunEnd _end;

        public ExcessWithin(RankDistances distances, double share)
        {
            var (zero, least) = (distances.LeastLosses[0], distances.LeastLosses[^1]);
            // R itself is rounded: where the least is the greater part of it, that is as near as it can be seen to come.
            _logRisk = Math.Log(least * (1 + 1e-15) + share * (zero - least));
            _end = new RunEnd("least-loss", true, $"The loss is above its least by a share of {Numbers.Short(share)}.");
        }

        public double LogRiskBound => _logRisk;

        public RunEnd? Check(TrajectoryPoint point) => point.Value.LogRisk <= _logRisk ? _end : null;
    }
}
