using System.Globalization;
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
            Facts = [.. Setup(model)],
            Tables = [.. Facts(model), Networks(model), .. Reference(model)],
            Charts = charts,
            ChartNote = model.Method switch
            {
                { IsForward: true } => "The charts run along the steps of descent, counted along the flow.",
                { IsDescent: true } => "The charts run along the steps of descent. Step 0 lies left of their logarithmic axes.",
                _ => "Most charts run along the decades by which the risk has fallen from R(0), the greatest initial risk of the networks.",
            },
            Figure = Figure(model.Title, charts),
            Configuration = RecordJson.ToNode(model.Configuration),
        };
    }

    private static IEnumerable<(string, string)> Setup(ReportModel model)
    {
        yield return ("method", model.Method.Text);
        yield return ("loss", model.Method.Loss);
        if (model.Data is { } data) yield return ("data", DataText(model, data));
        yield return ("seed", model.Seed.ToString(CultureInfo.InvariantCulture));
    }

    private static string DataText(ReportModel model, DataReport data) =>
        $"{data.Name}, n = {Numbers.Count(data.X.Count)}"
        + (model.Networks.Count > 0 ? $", d = {model.Networks[0].Shape.Inputs}" : "");

    /// <summary>As figure 1 of [JT]: the plane beside the rank and the direction; without a plane, rank and alignment.</summary>
    private static Chart? Figure(string title, IReadOnlyList<Chart> charts)
    {
        Chart[] Named(params string[] names) =>
            [.. names.SelectMany(n => charts.Where(c => c.Name == n && c.NotDrawn is null && !c.IsWide))];
        var left = Named(PlaneChart.Name) is { Length: > 0 } plane ? plane : Named("spectral-ratio", "alignment");
        if (left.Length == 0) return null;
        var right = left[0].Name == PlaneChart.Name ? Named("direction-error", "spectral-ratio") : Named("direction-error", "margin-gap");
        return Charts.Panel("figure", title, "", 400, 172, left, right);
    }

    /// <summary>Every chart of the page in order; null where a run is of a kind that has none.</summary>
    private static IEnumerable<Chart?> Draw(ReportModel model)
    {
        var (networks, method) = (model.Networks, model.Method);
        var along = method.IsDescent ? Abscissa.OfSteps(method.IsForward) : Abscissa.OfRisk(networks);
        yield return PlaneChart.Draw(model);
        if (method.IsDescent) yield return FlowCharts.Risk(networks, along);
        // Runs that are laid over each other may have a direction each.
        if (model.Reference is not null || networks.Any(n => n.Observations.Any(o => double.IsFinite(o.OneMinusCosine))))
        {
            var predicted = model.Reference?.PredictedResidualNorm ?? double.NaN;
            yield return DirectionCharts.Error(networks, along, predicted);
            yield return DirectionCharts.AngleTimesNorm(networks, along, predicted);
        }
        else
        {
            yield return Chart.Absent("direction-error", "Distance from the maximum-margin direction",
                "the data are not separable, so there is no maximum-margin direction.");
        }
        if (method.IsDescent) yield return FlowCharts.StepSizes(networks, along);
        yield return AlignmentCharts.SpectralRatio(networks, along);
        yield return AlignmentCharts.SpectralGap(networks, along);
        yield return AlignmentCharts.Adjacent(networks, along);
        yield return AlignmentCharts.AdjacentGap(networks, along);
        var gamma = model.Reference?.Gamma ?? double.NaN;
        yield return MarginCharts.Margins(networks, along, gamma);
        if (model.Reference is not null)
        {
            yield return MarginCharts.Gap(networks, along, gamma);
            yield return MarginCharts.DualWeights(networks, along);
            yield return MarginCharts.Smoothed(networks, along, gamma);
        }
        yield return FlowCharts.LayerNorms(networks, along);
        yield return FlowCharts.Balancedness(networks, along, method);
        if (!method.IsDescent) yield return FlowCharts.RiskInTime(networks);
    }

    private static IEnumerable<ReportTable> Facts(ReportModel model) => model.Facts.Count == 0 ? [] :
        [new ReportTable("To know first", [], [.. model.Facts.Select(fact => (string[])[fact.Name, fact.Value])])];

    private static ReportTable Networks(ReportModel model)
    {
        // No-break spaces keep formulas whole in narrow heads.
        string[] heads =
        [
            "", "widths", "result", "risk R", "1\u00a0−\u00a0cos\u00a0(w_prod,\u00a0ū)",
            "sin\u00a0(w_prod,\u00a0ū) ·\u00a0‖w_prod‖", "its limit", "least spectral ratio",
            "least adjacent alignment", "balancedness drift", "gradient evaluations", "seconds",
        ];
        var rows = model.Networks.Select(Row).ToList();
        // Without a maximum-margin direction there is nothing to hold against it.
        bool Kept(int column) => rows.Any(row => row[4] != "–") || column is < 4 or > 6;
        return new ReportTable("Networks", [.. heads.Where((_, i) => Kept(i))],
            [.. rows.Select(row => (IReadOnlyList<string>)[.. row.Where((_, i) => Kept(i))])]);
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
            network.Seconds.ToString("0.00", CultureInfo.InvariantCulture),
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
        yield return new ReportTable("Maximum-margin reference", [], rows);
    }

    private static string Certificate(ReferenceReport r) =>
        $"{Numbers.Exact(r.Lower)} ≤ γ ≤ {Numbers.Exact(r.Upper)}, relative gap {Numbers.Short(r.RelativeGap)}";

    private static string Rows(IReadOnlyList<int> rows) =>
        "rows " + string.Join(", ", rows.Take(12)) + (rows.Count > 12 ? ", …" : "");

    private static string Entries(IReadOnlyList<double> entries) =>
        "(" + string.Join(", ", entries.Take(6).Select(Numbers.Short)) + (entries.Count > 6 ? $", … {entries.Count} entries" : "") + ")";
}
