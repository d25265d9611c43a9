using TorchAlign.Alignment;
using TorchAlign.Experiments.Papers;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Settings;

namespace TorchAlign.Experiments.Tasks;

/// <summary>The report of a run of a task.</summary>
internal static class TaskPage
{
    public static ReportPage Of(
        RunSettings settings, TaskProblem problem, DataAlignment alignment, IReadOnlyList<TaskPath> paths, string found) => new()
        {
            Title = $"Linear networks {(problem.Classes is null ? "fit the targets" : "classify the points")} of {problem.Name}",
            Claim = found,
            Tables =
            [
                Results(paths),
                new ReportTable("What was run", [], [.. TaskSentences.Facts(settings, problem, alignment, paths)
                    .Select(fact => (string[])[fact.Name, fact.Value])]),
                .. problem.Classes is null ? (ReportTable[])[Saddles(paths)] : [],
                .. paths.Any(path => path.Network.Constants is not null) ? (ReportTable[])[Bounds(paths), Constants(paths)] : [],
            ],
            Charts = TaskCharts.Of(settings, paths),
            ChartNote = settings.Method.Method == "descent"
                ? "Against the steps of descent, on a logarithmic axis beyond the first."
                : $"Against the clock of the flow, {(settings.Method.Clock == "time" ? "its time t" : settings.Method.Clock)}; the start "
                    + "lies left of the logarithmic axis.",
        };

    private static ReportTable Results(IReadOnlyList<TaskPath> paths)
    {
        List<IReadOnlyList<string>> rows = [];
        Row("widths", path => path.Network.Shape.ToString());
        Row("risk", path => Numbers.Risk(path.Last.Seen.Log10Risk));
        Row("norm of the gradient", path => Numbers.Risk(path.Last.Seen.LogGradientNorm / Math.Log(10)));
        if (paths[0].Last.Classes is not null)
        {
            Row("accuracy", path => Numbers.NearOne(path.Last.Classes!.Accuracy));
            Row("training error", path => Numbers.Short(path.Last.Classes!.TrainingError));
            Row("margin of the direction", path => Numbers.Short(path.Last.Classes!.DirectionMargin));
            Row("margin over ∏‖Wₖ‖_F", path => Numbers.Short(path.Last.Classes!.NormalizedMargin));
        }
        else
        {
            Row("least loss of such a network", path => Numbers.Short(path.Network.Distances!.LeastLosses[^1]));
            Row("excess, as a share", path => Numbers.Short(path.Last.Distance!.ExcessShare));
            Row("distance to the least, ‖(P − Pᵣ)X‖_F", path => Numbers.Short(path.Last.Distance!.ToLeast));
            Row("nearest best product, of rank", path => $"{path.Last.Distance!.NearestRank} of {path.Network.Distances!.LargestRank}");
            Row("least eigenvalue of the Hessian", path => Numbers.Short(path.Curvature?.Least ?? double.NaN));
            Row("rate of the slowest mode, from the Hessian", path => Numbers.Short(path.Curvature?.SlowestRate ?? double.NaN));
            Row("  measured, half of −d log(excess)/dt", path => Numbers.Short(TaskSummary.MeasuredRate(path)));
        }
        Row("least adjacent alignment |⟨vₖ₊₁, uₖ⟩|", path => Least(path.Last.Seen.AdjacentAlignments));
        Row("least adjacent score", path => Least(path.Last.Seen.AdjacentScores));
        Row("most off the bases of the start", path => Numbers.Short(path.Last.Seen.OffDiagonal.Max()));
        Row("product off the bases of the data", path => Numbers.Short(path.Last.Seen.DataOffDiagonal));
        Row("balancedness drift / ‖W‖²", path => Numbers.Short(path.Last.Seen.BalancednessDrift));
        Row("steps", path => Numbers.Count(path.Last.Seen.Step));
        Row("seconds", path => Numbers.Short(path.Seconds));
        Row("result", path => path.JobEnd.Name);
        return new ReportTable("Results", ["", .. paths.Select(path => path.Network.Label)], rows);

        void Row(string name, Func<TaskPath, string> value) => rows.Add([name, .. paths.Select(value)]);
    }

    private static string Least(double[] values) => values.Length == 0 ? "–" : Numbers.NearOne(values.Min());

    private static ReportTable Saddles(IReadOnlyList<TaskPath> paths) => new("Best products of each rank that were passed",
        ["network", "rank", "came as near as", "left at step", "left at clock"],
        [
            .. paths.SelectMany(path => TaskSummary.Saddles(path).Select(saddle => (string[])
            [
                path.Network.Label, $"{saddle.Rank}", Numbers.Short(saddle.LeastDistance), Numbers.Count(saddle.LeftAtStep),
                Numbers.Short(saddle.LeftAtClock),
            ])).DefaultIfEmpty(["none", "–", "–", "–", "–"]),
        ])
    {
        Note = "The best product of a rank below the greatest is a strict saddle of the network [NRT]. Left is the first sample to which "
            + "another rank's is nearer; distances are those of the predictions, ‖(P − Pₖ)X‖_F.",
    };

    private static ReportTable Bounds(IReadOnlyList<TaskPath> paths)
    {
        TaskPath[] bounded = [.. paths.Where(path => path.Network.Constants is not null)];
        return new ReportTable("What the theorem of [NRT] bounds",
            ["network", "η", "max ‖Wₖ‖²/K", "max ‖product‖/M", "max defect/δ", "least decrease/(η‖∇L‖²)", "σ", "largest rise"],
            [
                .. bounded.Select(path =>
                {
                    var (constants, layers) = (path.Network.Constants!, path.Samples.Max(sample => sample.Seen.LargestLayerNorm));
                    return (string[])
                    [
                        path.Network.Label, Numbers.Short(path.Network.Step), Numbers.Short(layers * layers / constants.K),
                        Numbers.Short(path.Samples.Max(sample => sample.Seen.ProductSingularValues[0]) / constants.M),
                        Numbers.Short(path.Samples.Max(sample => sample.Seen.BalancednessDefect) / constants.Delta),
                        Numbers.Short(path.Watched!.LeastShare), Numbers.Short(constants.Sigma), Numbers.Short(path.Watched.LargestRise),
                    ];
                }),
            ])
        {
            Note = "It promises ratios of at most 1, a decrease of at least σ η‖∇L‖² and no rise, for a step up to its bound. A rise of "
                + "some 10^−16 is rounding.",
        };
    }

    private static ReportTable Constants(IReadOnlyList<TaskPath> paths) => ConstantsTable.Show("Constants of the theorem",
        [.. paths.Where(path => path.Network.Constants is not null).Select(path => (path.Network.Label, path.Network.Constants!))]);
}
