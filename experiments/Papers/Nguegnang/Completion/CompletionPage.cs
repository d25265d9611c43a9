using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Reporting.Charting;

namespace TorchAlign.Experiments.Papers;

/// <summary>The report of <c>paper nrt completion</c>.</summary>
internal static class CompletionPage
{
    public static ReportPage Of(IReadOnlyList<CompletedMatrix> all, CompletionSample original, string found)
    {
        var least = all.SingleOrDefault(one => one.Certificate is not null);
        return new ReportPage
        {
            Title = "Completing a matrix by deep factorisation",
            Claim = found,
            Tables =
            [
                new ReportTable("Completions", ["by", "loss", "relative error", "effective rank", "nuclear norm", "η", "steps", "end"],
                [
                    .. all.Select(one => one.Certificate is { } certificate
                        ? Row("least nuclear norm", one.Last, "", Numbers.Count(certificate.Iterations),
                            $"gap {Numbers.Short(certificate.RelativeGap)}")
                        : Row($"N = {one.Depth}", one.Last, Numbers.Short(one.Eta), Numbers.Count(one.Last.Step), one.Outcome.Name)),
                    Row("the matrix itself", original, "", "", ""),
                ])
                {
                    Note = "Relative error over all entries, Frobenius. Effective rank: exp of the entropy of the singular values over "
                        + "their sum. The least nuclear norm is certified by a feasible point of the dual: the gap bounds how far it can "
                        + "lie above the minimum.",
                },
            ],
            Charts =
            [
                .. ((Chart?[])
                [
                    Line("error", "Reconstruction error", "‖P − T‖_F / ‖T‖_F over all entries, seen or not.",
                        new Axis("relative error", ScaleKind.Log), s => s.Error, least?.Last.Error),
                    Line("loss", "Loss on the seen entries", "What descent minimises; it says nothing about the entries that are not seen.",
                        new Axis("loss", ScaleKind.Log) { Floor = 1e-20 }, s => s.Loss, null),
                    Line("effective-rank", "Effective rank", "exp of the entropy of the singular values over their sum.",
                        new Axis("effective rank", ScaleKind.Log), s => s.EffectiveRank, least?.Last.EffectiveRank),
                    Line("nuclear-norm", "Nuclear norm", "Sum of the singular values.",
                        new Axis("‖P‖ nuclear"), s => s.NuclearNorm, least?.Last.NuclearNorm),
                ]).OfType<Chart>(),
            ],
            ChartNote = "Level line: the completion of least nuclear norm.",
        };

        Chart? Line(string name, string title, string caption, Axis y, Func<CompletionSample, double> value, double? level) =>
            Charts.Line(new LinePlot
            {
                Name = name,
                Title = title,
                Caption = caption,
                X = new Axis("step", ScaleKind.Log) { Tight = true },
                Y = y,
                Series = all.Where(one => one.Certificate is null).Select((one, i) => new Series($"N = {one.Depth}", Palette.Network(i),
                    one.Samples.Select(s => new Sample(s.Step, value(s), s.Step)))),
                Rules = level is { } at ? [new Rule(at, "least nuclear norm", Palette.Ink) { Below = name == "nuclear-norm" }] : [],
            });
    }

    private static IReadOnlyList<string> Row(string by, CompletionSample at, string eta, string steps, string end) =>
    [
        by, Numbers.Short(at.Loss), Numbers.Short(at.Error), Numbers.Short(at.EffectiveRank), Numbers.Short(at.NuclearNorm), eta, steps,
        end,
    ];
}
