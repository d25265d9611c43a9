namespace TorchAlign.Landscape;

/// <summary>What descent found from many starts of networks of one depth.</summary>
/// <param name="Depth">N.</param>
/// <param name="Starts">How many.</param>
/// <param name="AsPredicted">Starts that ended at a critical point whose loss is the least of its rank.</param>
/// <param name="LargestGradientNorm">At the ends.</param>
/// <param name="LargestRelativeExcess">In absolute value.</param>
/// <param name="MostSteps">Of a run.</param>
/// <param name="Kinds">How many ends of each kind there are.</param>
/// <param name="Ranks">The ends by the rank of their product, ascending.</param>
public sealed record CriticalPointCensus(
    int Depth, int Starts, int AsPredicted, double LargestGradientNorm, double LargestRelativeExcess, long MostSteps,
    IReadOnlyDictionary<PointKind, int> Kinds, IReadOnlyList<RankCensus> Ranks)
{
    /// <param name="depth">N.</param>
    /// <param name="points">At least one.</param>
    public static CriticalPointCensus Of(int depth, IReadOnlyList<FoundPoint> points) => new(
        depth, points.Count, points.Count(point => point.Report.IsAsPredicted), points.Max(point => point.Report.GradientNorm),
        points.Max(point => Math.Abs(point.Report.RelativeExcess)), points.Max(point => point.Steps),
        points.GroupBy(point => point.Report.Kind).ToDictionary(kind => kind.Key, kind => kind.Count()),
        [.. points.GroupBy(point => point.Report.Rank, point => point.Report).OrderBy(rank => rank.Key).Select(rank => new RankCensus(
            rank.Key, rank.Count(), rank.First().PredictedLoss, rank.Max(report => Math.Abs(report.RelativeExcess)),
            rank.Max(report => report.Distance)))]);
}

/// <summary>The ends whose product has one rank.</summary>
/// <param name="Rank">k.</param>
/// <param name="Runs">That ended there.</param>
/// <param name="PredictedLoss">The least loss of products of that rank.</param>
/// <param name="LargestRelativeExcess">Over it, in absolute value.</param>
/// <param name="LargestDistance">From the nearest minimiser of that rank, Frobenius.</param>
public sealed record RankCensus(int Rank, int Runs, double PredictedLoss, double LargestRelativeExcess, double LargestDistance);
