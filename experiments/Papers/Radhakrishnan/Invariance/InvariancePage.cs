using System.Globalization;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Networks;

namespace TorchAlign.Experiments.Papers;

/// <summary>The report of an experiment.</summary>
internal static class InvariancePage
{
    public static ReportPage Of(InvarianceSetup setup, IReadOnlyList<NetworkDescent> runs, string found) => new()
    {
        Title = setup.Title,
        Claim = $"{setup.Statement} Found: {found}",
        Tables =
        [
            new ReportTable("Networks",
                ["", "layers", "trained numbers", "result", "steps", "loss", "off-diagonal mass", "in inner bases", "authors’ score",
                    "adjacent alignment", "seconds"],
                [.. runs.Select(Row)])
            {
                Note = "Off-diagonal mass: ‖offdiag(U(0)ᵀ W V(0))‖_F / ‖W‖_F, the greatest over layers and samples; it is 0, up to "
                    + "rounding, if and only if the layers keep the bases they started in. In inner bases: with V₁ and the last U "
                    + "free. Authors’ score: the mean over the inner singular vectors of their best |cosine| with those at the start, 1 if "
                    + "they are kept. Adjacent alignment: the same between neighbouring layers, the least. The last two at the end.",
            },
            new ReportTable("Data and steps", [], [.. setup.Facts.Select(fact => (IReadOnlyList<string>)[fact.Name, fact.Value])]),
        ],
        Charts = InvarianceCharts.Of(runs),
        ChartNote = "All charts run along the steps of descent.",
    };

    /// <summary>Widths, or how many layers of one size.</summary>
    private static string Layers(NetworkShape shape) =>
        shape.Depth > 4 && shape.Widths.Distinct().Count() == 1 ? $"{shape.Depth} of {shape.Inputs}x{shape.Inputs}" : shape.ToString();

    private static IReadOnlyList<string> Row(NetworkDescent run) =>
    [
        run.Network.Name,
        Layers(run.Network.Shape),
        Numbers.Count(run.Network.Parameters),
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
