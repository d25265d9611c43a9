using TorchAlign.Alignment;
using TorchAlign.Experiments.Settings;

namespace TorchAlign.Experiments.Tasks;

/// <summary>The results in summary.json: the data, and each network at its last point.</summary>
internal static class TaskSummary
{
    /// <summary>A rate is one of the end where the excess is no greater share than this.</summary>
    private const double AtEnd = 1e-4;

    /// <summary>Below this share the integrator's error, or rounding, is what is left of the excess.</summary>
    private const double Floor = 1e-13;

    public static object Of(
        RunSettings settings, TaskProblem problem, DataAlignment alignment, IReadOnlyList<TaskPath> paths, string found) => new
        {
            Found = found,
            Task = settings.Task!.Name,
            Data = new
            {
                problem.Name,
                Points = problem.Data.Count,
                Dimension = problem.Data.Inputs,
                problem.Moments.Rank,
                problem.Outputs,
                problem.Preprocessing,
                problem.Scale,
                AlignmentCanBeKept = alignment.Holds,
                alignment.Obstruction,
                alignment.LeastObstruction,
            },
            Networks = paths.Select(path => Network(settings, path)),
        };

    private static object Network(RunSettings settings, TaskPath path)
    {
        var (network, seen) = (path.Network, path.Last.Seen);
        return new
        {
            network.Name,
            network.Shape.Depth,
            network.Shape.Widths,
            Result = path.JobEnd.Name,
            path.End.Message,
            Steps = seen.Step,
            seen.Evaluations,
            seen.Clock,
            seen.LogTime,
            seen.Log10Risk,
            Log10GradientNorm = seen.LogGradientNorm / Math.Log(10),
            Classes = path.Last.Classes is { } classes ? Classes(path, classes) : null,
            Landscape = path.Last.Distance is null ? null : Landscape(settings, path),
            seen.ProductNorm,
            seen.ProductSingularValues,
            SpectralRatio = seen.SpectralRatios,
            AdjacentAlignment = seen.AdjacentAlignments,
            AdjacentScore = seen.AdjacentScores,
            seen.OffDiagonal,
            seen.LeftScores,
            seen.RightScores,
            seen.DataOffDiagonal,
            seen.InputAlignment,
            seen.OutputAlignment,
            seen.BalancednessDrift,
            seen.BalancednessDefect,
            StepSize = network.IsDescent ? network.Step : (double?)null,
            network.StepNote,
            StartNote = network.Note,
            Guarantee = network.Constants is null ? null : Guarantee(path),
            path.Seconds,
        };
    }

    private static object Classes(TaskPath path, ClassScores last) => new
    {
        last.Accuracy,
        last.TrainingError,
        last.Margin,
        last.DirectionMargin,
        last.NormalizedMargin,
        last.SmoothedMargin,
        SeparatedAtStep = path.Samples.FirstOrDefault(sample => sample.Classes is { Margin: > 0 })?.Seen.Step,
    };

    private static object Landscape(RunSettings settings, TaskPath path)
    {
        var (last, distances) = (path.Last.Distance!, path.Network.Distances!);
        return new
        {
            Loss = Math.Exp(path.Last.Seen.LogRisk),
            LeastLoss = distances.LeastLosses[^1],
            LeastSquares = path.Network.Problem.NewSquaredLoss(settings).Least,
            last.Excess,
            last.ExcessShare,
            DistanceToLeast = last.ToLeast,
            last.NearestRank,
            distances.LargestRank,
            DistanceToNearest = last.ToNearest,
            Kind = TaskSentences.Kind(path),
            LeastCurvature = path.Curvature?.Least,
            LargestCurvature = path.Curvature?.Largest,
            path.Curvature?.SlowestRate,
            MeasuredRate = MeasuredRate(path),
            LeastLosses = distances.LeastLosses,
            Modes = distances.Modes,
            Saddles = Saddles(path).Select(saddle => new { saddle.Rank, saddle.LeastDistance, saddle.LeftAtStep, saddle.LeftAtClock }),
        };
    }

    /// <summary>
    /// The best products of each rank that the run came by: the sample from which on another one was nearer, and how near it had come.
    /// </summary>
    public static IEnumerable<(int Rank, double LeastDistance, long LeftAtStep, double LeftAtClock)> Saddles(TaskPath path)
    {
        for (var i = 1; i < path.Samples.Count; i++)
        {
            var rank = path.Samples[i - 1].Distance!.NearestRank;
            if (path.Samples[i].Distance!.NearestRank == rank) continue;
            var near = path.Samples.Take(i).Reverse().TakeWhile(sample => sample.Distance!.NearestRank == rank);
            yield return (rank, near.Min(sample => sample.Distance!.ToNearest), path.Samples[i].Seen.Step, path.Samples[i].Seen.Clock);
        }
    }

    /// <summary>
    /// Half of the rate at which the log of the excess falls with t at the end, over its last two decades: near a minimum the excess falls
    /// like exp(-2 r t), r the slowest rate. NaN where the run was not that long.
    /// </summary>
    public static double MeasuredRate(TaskPath path)
    {
        const double decades = 100;
        var last = path.Samples.LastOrDefault(sample => sample.Distance!.ExcessShare >= Floor);
        var first = last is null ? null : path.Samples.LastOrDefault(sample => sample.Distance!.Excess >= decades * last.Distance!.Excess);
        return first is null || last!.Distance!.ExcessShare > AtEnd ? double.NaN
            : Math.Log(first.Distance!.Excess / last.Distance.Excess) / (last.Seen.Clock - first.Seen.Clock) / 2;
    }

    private static object Guarantee(TaskPath path)
    {
        var constants = path.Network.Constants!;
        var layers = path.Samples.Max(sample => sample.Seen.LargestLayerNorm);
        return new
        {
            constants.StepBound,
            constants.Sigma,
            constants.Delta,
            constants.A,
            constants.M,
            constants.K,
            constants.B,
            LargestRise = path.Watched!.LargestRise,
            LeastShareOfDecrease = path.Watched.LeastShare,
            LargestLayersOverK = layers * layers / constants.K,
            LargestProductOverM = path.Samples.Max(sample => sample.Seen.ProductSingularValues[0]) / constants.M,
            LargestDefectOverDelta = path.Samples.Max(sample => sample.Seen.BalancednessDefect) / constants.Delta,
        };
    }
}
