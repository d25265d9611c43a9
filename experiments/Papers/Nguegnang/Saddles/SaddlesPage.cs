using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Reporting.Charting;

namespace TorchAlign.Experiments.Papers;

/// <summary>The report of <c>paper nrt saddles</c>.</summary>
internal static class SaddlesPage
{
    public static ReportPage Of(IReadOnlyList<SaddleRun> runs, string found) => new()
    {
        Title = "Singular values learned one after another",
        Claim = found,
        Tables =
        [
            new ReportTable("When each mode is half learned", ["run", "mode q", "law", "descent", "flow", "descent / law", "flow / law"],
            [
                .. runs.SelectMany(one => one.Modes.Select(mode => (IReadOnlyList<string>)
                [
                    one.Network.Label, Numbers.Short(mode.Target), Numbers.Short(mode.Predicted), Numbers.Short(mode.Descent),
                    Numbers.Short(mode.Flow),
                    Numbers.NearOne(mode.Descent / mode.Predicted), Numbers.NearOne(mode.Flow / mode.Predicted),
                ])),
            ])
            {
                Note = "Times t = ηk at which uᵀPv passes q/2, P the product. The law for aligned layers, dp/dt = N p^(2−2/N) (q − p), "
                    + "is exact for the flow; for a Gaussian start and "
                    + "two layers p₀ is what the start holds of each mode orthogonally to the modes before it, exact as the start tends "
                    + "to 0. None is known here for deeper "
                    + "Gaussian starts. Descent departs from the flow by its step.",
            },
            new ReportTable("Runs", ["run", "η", "steps", "end", "loss at the end", "modes in order",
                "largest ‖W_descent − W_flow‖/‖W‖", "largest rise of the loss"],
            [
                .. runs.Select(one => (IReadOnlyList<string>)
                [
                    one.Network.Label, Numbers.Short(one.Network.Step), Numbers.Count(one.Descent.Samples[^1].Step), one.End.Name,
                    Numbers.Short(one.Descent.Samples[^1].Loss), one.InOrder ? "yes" : "no", Numbers.Short(one.LargestDifference),
                    Numbers.Short(one.Descent.LargestRise),
                ]),
            ]),
            ConstantsTable.Show("Constants of the theorem", [.. runs.Select(one => (one.Network.Label, one.Network.Constants))]),
        ],
        Charts = [.. runs.Select(Modes).Append(Losses(runs)).Append(Differences(runs)).OfType<Chart>()],
        ChartNote = "P: the product of the layers; uᵢ, vᵢ: singular vectors of the target.",
    };

    /// <summary>What was found, from all runs.</summary>
    public static string Found(IReadOnlyList<SaddleRun> runs)
    {
        // Those that failed are told, and measure nothing.
        SaddleRun[] sound = [.. runs.Where(one => one.End.Grade < JobGrade.Missed)];
        double Worst(string kind, Func<LearnedMode, double> time) => sound.Where(one => one.Network.Kind == kind)
            .SelectMany(one => one.Modes)
            .Select(mode => Math.Abs(time(mode) / mode.Predicted - 1)).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Max();
        static string Percent(double share) => $"{Numbers.Short(Math.Round(100 * share, 6))} %";
        var (aligned, gaussian) = (Worst("aligned", mode => mode.Flow), Worst("gaussian", mode => mode.Flow));
        return "From a small start descent learns the singular values of the target one after another, the largest first, in "
            + $"{runs.Count(one => one.InOrder)} of {runs.Count} runs"
            + (double.IsNaN(aligned) ? "" : "; from aligned layers the flow does so at the times that the law predicts, within "
            + $"{Percent(aligned)}, and descent within {Percent(Worst("aligned", mode => mode.Descent))}")
            + (double.IsNaN(gaussian) ? "" : $"; from Gaussian layers (N = 2) within {Percent(gaussian)} and "
            + $"{Percent(Worst("gaussian", mode => mode.Descent))}")
            + (sound.Length == 0 ? "." : ". At equal times descent and flow differ by at most "
            + $"{Numbers.Short(sound.Max(one => one.LargestDifference))} relative.")
            + JobEnd.LeftOut(runs.Except(sound).Select(one => (one.Network.Label, one.End)));
    }

    private static Chart? Modes(SaddleRun one) => Charts.Line(new LinePlot
    {
        Name = $"modes-{one.Network.Shape.Depth}-{one.Network.Kind}",
        Title = $"N = {one.Network.Shape.Depth}, {one.Network.Kind} start",
        Caption = "Strength of each mode in the product; coloured: descent, black dashes: the flow, level lines: the singular values of "
            + "the target.",
        X = new Axis("t") { Tight = true },
        Y = new Axis("uᵢᵀ P vᵢ"),
        Series = one.Network.Modes.SelectMany((q, i) => (Series[])
        [
            new($"q = {Numbers.Short(q)}", Palette.Network(i), one.Descent.Samples.Select(
                s => new Sample(s.Time, s.Strengths[i], s.Step))) { Width = 3 },
            new($"q = {Numbers.Short(q)}, flow", Palette.Ink, one.Flow.Samples.Select(s => new Sample(s.Time, s.Strengths[i], s.Step)))
            {
                Dash = Palette.Predicted,
                Width = 1,
            },
        ]),
        Rules = [.. one.Network.Modes.Select((q, i) => new Rule(q, "", Palette.Network(i)))],
    });

    private static Chart? Losses(IReadOnlyList<SaddleRun> runs) => Charts.Line(new LinePlot
    {
        Name = "loss",
        Title = "Loss",
        Caption = "Plateaus at the saddles; time in units of the whole run.",
        X = new Axis("t / end of the run") { Tight = true },
        Y = new Axis("L", ScaleKind.Log) { Floor = 1e-12 },
        Series = runs.Select((one, i) => new Series(one.Network.Label, Palette.Network(i),
            one.Descent.Samples.Select(s => new Sample(s.Time / one.Descent.Samples[^1].Time, s.Loss, s.Step)))),
    });

    private static Chart? Differences(IReadOnlyList<SaddleRun> runs) => Charts.Line(new LinePlot
    {
        Name = "descent-flow",
        Title = "Distance between descent and flow",
        Caption = "At equal times, relative to the state.",
        X = new Axis("t / end of the run") { Tight = true },
        Y = new Axis("‖W_descent − W_flow‖ / ‖W‖", ScaleKind.Log) { Floor = 1e-16 },
        Series = runs.Where(one => one.Differences.Count > 0).Select((one, i) => new Series(one.Network.Label, Palette.Network(i),
            one.Differences.Select(d => new Sample(d.Time / one.Differences[^1].Time, d.Distance / d.StateNorm, d.Step)))),
    });
}
