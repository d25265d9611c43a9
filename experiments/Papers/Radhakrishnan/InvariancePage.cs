using System.Globalization;
using TorchAlign.Experiments.Reporting;

namespace TorchAlign.Experiments.Papers.Radhakrishnan;

/// <summary>The report of an experiment.</summary>
internal static class InvariancePage
{
    public static ReportPage Of(InvarianceSetup setup, IReadOnlyList<SubjectRun> runs, string found) => new()
    {
        Title = setup.Title,
        Claim = $"{setup.Statement} Found: {found}",
        Tables =
        [
            new ReportTable("Networks",
                ["", "widths", "trained numbers", "result", "steps", "loss", "off-diagonal mass", "in inner bases", "authors’ score",
                    "adjacent alignment", "seconds"],
                [.. runs.Select(Row)])
            {
                Note = "Off-diagonal mass: ‖offdiag(U(0)ᵀ W V(0))‖_F / ‖W‖_F, the greatest over layers and samples; it is 0, up to "
                    + "rounding, if and only if the layers keep the bases they started in. In inner bases: with V₁ and the last U free. Authors' score: the "
                    + "mean over the inner singular vectors of their best |cosine| with those at the start, 1 if they are kept.",
            },
            new ReportTable("Data and steps", [], [.. setup.Facts.Select(fact => (IReadOnlyList<string>)[fact.Name, fact.Value])]),
        ],
        Charts = InvarianceCharts.Of(runs),
        ChartNote = "All charts run along the steps of descent.",
    };

    private static IReadOnlyList<string> Row(SubjectRun run) =>
    [
        run.Subject.Name,
        run.Subject.Shape.ToString(),
        Numbers.Count(run.Subject.Parameters),
        run.End.Name,
        Numbers.Count(run.Last.Step),
        Numbers.Short(run.Last.Loss),
        Numbers.Short(run.Worst(sample => sample.OffDiagonal)),
        Numbers.Short(run.Worst(sample => sample.InnerOffDiagonal)),
        Numbers.NearOne(run.Last.Score),
        Numbers.NearOne(run.Last.Adjacent),
        run.Seconds.ToString("0.0", CultureInfo.InvariantCulture),
    ];
}
