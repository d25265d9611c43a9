using TorchAlign.Experiments.Reporting.Charting;
using TorchAlign.Networks;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Reporting;

/// <summary>The page of networks that run towards the maximum-margin direction.</summary>
public static class MaxMarginPage
{
    public static ReportPage From(ReportModel model)
    {
        IReadOnlyList<Chart> charts = [.. Draw(model).OfType<Chart>()];
        return new ReportPage
        {
            Title = model.Title,
            Claim = model.Claim,
            Tables = [.. Facts(model), Networks(model), .. Reference(model)],
            Charts = charts,
            ChartNote = "Most charts run along the decades by which the risk has fallen from R(0), the greatest initial risk of the "
                        + "networks.",
            Figure = Figure(model.Title, charts),
            Configuration = RecordJson.ToNode(model.Configuration),
        };
    }

    /// <summary>As figure 1 of [JT]: the plane beside the rank and the direction; without a plane, rank and alignment.</summary>
    private static Chart? Figure(string title, IReadOnlyList<Chart> charts)
    {
        Chart[] Named(params string[] names) => [.. names.SelectMany(n => charts.Where(c => c.Name == n))];
        var left = Named(PlaneChart.Name) is { Length: > 0 } plane ? plane : Named("spectral-ratio", "alignment");
        if (left.Length == 0) return null;
        var right = left[0].Name == PlaneChart.Name ? Named("direction-error", "spectral-ratio") : Named("direction-error", "margin-gap");
        return Charts.Panel("figure", title, "", 400, 172, left, right);
    }

    /// <summary>Every chart of the page in order; null where a run has nothing to show in it.</summary>
    private static IEnumerable<Chart?> Draw(ReportModel model)
    {
        var networks = model.Networks;
        yield return PlaneChart.Draw(model);
        if (model.Reference is { } reference)
        {
            yield return DirectionCharts.Error(networks, reference.PredictedResidualNorm);
            yield return DirectionCharts.AngleTimesNorm(networks, reference.PredictedResidualNorm);
        }
        yield return AlignmentCharts.SpectralRatio(networks);
        yield return AlignmentCharts.SpectralGap(networks);
        yield return AlignmentCharts.Adjacent(networks);
        yield return AlignmentCharts.AdjacentGap(networks);
        var gamma = model.Reference?.Gamma ?? double.NaN;
        yield return MarginCharts.Margins(networks, gamma);
        yield return MarginCharts.Gap(networks, gamma);
        yield return MarginCharts.DualWeights(networks);
        yield return MarginCharts.Smoothed(networks, gamma);
        yield return FlowCharts.LayerNorms(networks);
        yield return FlowCharts.Balancedness(networks);
        yield return FlowCharts.RiskInTime(networks);
    }

    private static IEnumerable<ReportTable> Facts(ReportModel model) => model.Facts.Count == 0 ? [] :
        [new ReportTable("To know first", [], [.. model.Facts.Select(fact => (string[])[fact.Name, fact.Value])])];

    private static ReportTable Networks(ReportModel model)
    {
        // No-break spaces keep formulas whole in narrow heads.
        return new ReportTable("Networks",
            ["", "widths", "result", "risk R", "1\u00a0−\u00a0cos\u00a0(w_prod,\u00a0ū)",
                "sin\u00a0(w_prod,\u00a0ū) ·\u00a0‖w_prod‖", "its limit", "least spectral ratio",
                "least adjacent alignment", "balancedness drift", "gradient evaluations", "seconds"],
            [.. model.Networks.Select(Row)]);
    }

    private static IReadOnlyList<string> Row(NetworkReport network)
    {
        if (network.Observations.Count == 0)
            return [network.Label, network.Shape.ToString(), network.Result, .. Enumerable.Repeat("–", 9)];
        var last = network.Observations[^1];
        return
        [
            network.Label,
            network.Shape.ToString(),
            network.Result,
            Numbers.Risk(last.Log10Risk),
            Numbers.Short(last.OneMinusCosine),
            Numbers.Short(last.AngleTimesNorm),
            Numbers.Short(network.PredictedNorm),
            Numbers.NearOne(last.SpectralRatios.Min()),
            last.AdjacentAlignments.Length == 0 ? "–" : Numbers.NearOne(last.AdjacentAlignments.Min()),
            Numbers.Short(last.BalancednessDrift),
            Numbers.Count(network.Evaluations),
            network.Seconds.ToString("0.00", System.Globalization.CultureInfo.InvariantCulture),
        ];
    }

    private static IEnumerable<ReportTable> Reference(ReportModel model)
    {
        if (model.Reference is not { } reference) yield break;
        var rows = new List<IReadOnlyList<string>>
        {
            new[] { "margin γ", Numbers.Short(reference.Gamma) },
            new[] { "certificate", Certificate(reference) },
            new[] { "support vectors", $"{reference.SupportVectors.Count}: {Rows(reference.SupportVectors)}" },
            new[] { "direction ū", Entries(reference.Direction) },
        };
        if (reference.Libsvm is { } libsvm) rows.Add(["libsvm", libsvm]);
        if (model.Data is { } data) rows.Add(["data", $"{data.Name}, n = {data.X.Count}, d = {reference.Direction.Count}"]);
        rows.Add(["seed", model.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        yield return new ReportTable("Maximum-margin reference", [], rows);
    }

    private static string Certificate(ReferenceReport r) =>
        $"{Exact(r.Lower)} ≤ γ ≤ {Exact(r.Upper)}, relative gap {Numbers.Short(r.RelativeGap)}";

    private static string Exact(double value) => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);

    private static string Rows(IReadOnlyList<int> rows) =>
        "rows " + string.Join(", ", rows.Take(12)) + (rows.Count > 12 ? ", …" : "");

    private static string Entries(IReadOnlyList<double> entries) =>
        "(" + string.Join(", ", entries.Take(6).Select(Numbers.Short)) + (entries.Count > 6 ? $", … {entries.Count} entries" : "") + ")";
}
