using System.Globalization;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Reporting.Charting;

namespace TorchAlign.Experiments.Papers;

/// <summary>The report of <c>paper jt nonlinear</c>.</summary>
internal static class NonlinearPage
{
    /// <summary>How far back the charts' logarithmic axis of steps reaches; before, nothing moves.</summary>
    private const double ShownRange = 300;

    public static ReportPage Of(IReadOnlyList<TrainingRun> runs, string found) => new()
    {
        Title = "The dense layers of a ReLU classifier turn towards rank one",
        Claim = found,
        Tables = [Ratios(runs), Training(runs)],
        Charts = [.. Charts(runs).OfType<Chart>()],
        ChartNote = "A random matrix has a ratio well above the least possible one, 1/√rank; a matrix of rank one has the ratio 1.",
    };

    private static ReportTable Ratios(IReadOnlyList<TrainingRun> runs) => new(
        "Spectral ratios of the dense layers",
        ["layer", .. runs.SelectMany(run => new[] { $"{run.Start}: at the start", "at the end", "rise" })],
        [
            .. ConvolutionalClassifier.Dense.Select((layer, k) => (IReadOnlyList<string>)
            [
                layer, .. runs.Select(run => run.Changes()[k]).SelectMany(c => new[]
                {
                    Numbers.Short(c.First), Numbers.Short(c.Last), "×" + (c.Last / c.First).ToString("0.00", CultureInfo.InvariantCulture),
                }),
            ]),
        ])
    {
        Note = string.Join(" ", runs.Select(run => $"{Capitalised(run.Start)}: {Verdict(run.Changes())}")),
    };

    private static string Verdict((string Name, double First, double Last)[] changes)
    {
        string[] fell = [.. changes.Where(c => !(c.Last > c.First)).Select(c => c.Name)];
        var rise = Math.Exp(changes.Average(c => Math.Log(c.Last / c.First)));
        return $"{(fell.Length == 0 ? "every ratio rose" : $"no rise of {string.Join(", ", fell)}")}, by a factor of "
            + $"{rise.ToString("0.00", CultureInfo.InvariantCulture)} in geometric mean.";
    }

    private static ReportTable Training(IReadOnlyList<TrainingRun> runs) => new(
        "Training", ["start", "end", "steps", "epochs", "loss", "accuracy on these images"],
        [
            .. runs.Select(run => (IReadOnlyList<string>)
            [
                run.Start, run.End.Name, Numbers.Count(run.Last.Step), Numbers.Short(run.Last.Epoch),
                Numbers.Short(run.Last.Loss), run.Last.Accuracy.ToString("P2", CultureInfo.InvariantCulture),
            ]),
        ])
    {
        Note = string.Join(" ", runs.Select(run => $"{Capitalised(run.Start)}: {run.End.Message}")),
    };

    private static IEnumerable<Chart?> Charts(IReadOnlyList<TrainingRun> runs)
    {
        yield return Line(runs, "ratios", "Spectral ratios of the dense layers",
            "‖W‖₂/‖W‖_F of each dense layer; 1 is rank one. Where a curve rises, the largest singular value outgrows the others.",
            new Axis("spectral ratio"), s => s.Seen.Layers.Select(l => (l.Name, l.SpectralRatio)));
        yield return Line(runs, "alignment", "Alignment of adjacent dense layers",
            "A dense layer's leading input direction against the leading output direction of the one below, with a ReLU between.",
            new Axis("|⟨vₖ₊₁, uₖ⟩|"), s => s.Seen.Pairs.Select(p => ($"{p.Below}–{p.Above}", p.Alignment)));
        yield return Line(runs, "norms", "Norms of the dense layers",
            "‖W‖_F; the start of equal norms begins at one point.",
            new Axis("Frobenius norm"), s => s.Seen.Layers.Select(l => (l.Name, l.FrobeniusNorm)));
        yield return Line(runs, "loss", "Loss", "Mean cross-entropy over all images.",
            new Axis("loss", ScaleKind.Log), s => [("", s.Loss)]);
        yield return Line(runs, "accuracy", "Accuracy", "Share of the training images that are classified rightly.",
            new Axis("accuracy"), s => [("", s.Accuracy)]);
    }

    /// <summary>A curve for each run and each quantity that <paramref name="read"/> names.</summary>
    private static Chart? Line(
        IReadOnlyList<TrainingRun> runs, string name, string title, string caption, Axis y,
        Func<TrainingSample, IEnumerable<(string Name, double Value)>> read)
    {
        return Reporting.Charting.Charts.Line(new LinePlot
        {
            Name = name,
            Title = title,
            Caption = caption,
            X = new Axis("step", ScaleKind.Log) { Floor = runs.Max(run => run.Last.Step) / ShownRange, Tight = true },
            Y = y,
            Series = runs.SelectMany((run, r) => Curves(run, r)),
        });

        IEnumerable<Series> Curves(TrainingRun run, int index)
        {
            string[] names = [.. read(run.Samples[0]).Select(q => q.Name)];
            return names.Select((quantity, k) => new Series(
                quantity.Length == 0 ? run.Start : $"{run.Start}, {quantity}", Palette.Layer(index, k, names.Length),
                run.Samples.Select(s => new Sample(s.Step, read(s).ElementAt(k).Value, s.Step)))
            { Dash = Palette.Dash(k) });
        }
    }

    private static string Capitalised(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
