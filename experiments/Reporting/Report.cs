using TorchAlign.Experiments.Reporting.Charting;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Reporting;

/// <summary>Which files a report made, and what is missing from it and why.</summary>
public sealed record ReportFiles(
    string Page, IReadOnlyList<string> Specifications, IReadOnlyList<string> Pictures, IReadOnlyList<string> Warnings);

/// <summary>
/// Writes report.html, NAME.vl.json for each chart and, where node and vega are installed, NAME.svg. Without them the page
/// still has its tables; the warnings say how to get the rest.
/// </summary>
public static class Report
{
    /// <summary>The report of a run, where it is to have one; what is missing from it, and why.</summary>
    /// <param name="folder">Of the run.</param>
    /// <param name="page">Made only where it is wanted.</param>
    /// <param name="failed">The run could not go on, or did not come to what it was to show.</param>
    /// <param name="cancellation">Leaves the pictures away; the page, which draws its charts itself, is written all the same.</param>
    /// <exception cref="RecordingException">The folder cannot be written.</exception>
    public static IReadOnlyList<string> WriteWanted(
        string folder, Func<ReportPage> page, bool failed, CancellationToken cancellation = default) =>
        ReportChoice.Wants(failed) ? Write(folder, page(), cancellation).Warnings : [];

    /// <summary>The report of any experiment.</summary>
    /// <exception cref="RecordingException">The folder cannot be written.</exception>
    /// <remarks>A run of a sweep shares its scripts with the others, and has no files of single charts.</remarks>
    public static ReportFiles Write(string folder, ReportPage page, CancellationToken cancellation = default)
    {
        if (PageScripts.SharedWith(folder) is not { } shared) return Write(folder, page, VegaAssets.Find(), cancellation);
        var html = Path.Combine(folder, RunFolder.ReportFile);
        AtomicFile.Write(html, HtmlPage.Write(page, shared, new Dictionary<string, string>()));
        return new ReportFiles(html, [], [], []);
    }

    /// <inheritdoc cref="Write(string, ReportPage)" path="/summary"/>
    /// <remarks>With scripts other than those that <see cref="VegaAssets.Find"/> finds; null for none.</remarks>
    public static ReportFiles Write(string folder, ReportPage page, VegaAssets? assets, CancellationToken cancellation = default)
    {
        var warnings = new List<string>();
        var specifications = new List<string>();
        Chart[] charts = [.. page.Charts.Append(page.Figure).OfType<Chart>().Where(chart => chart.NotDrawn is null)];
        foreach (var chart in charts)
        {
            var path = Path.Combine(folder, chart.Name + ".vl.json");
            AtomicFile.Write(path, chart.ToJson());
            specifications.Add(path);
        }
        if (assets is null) warnings.Add($"Vega was not found, so the charts are not drawn: {VegaAssets.Remedy}.");
        var drawn = assets is null ? Earlier(folder, charts) : SvgRenderer.Render(charts, assets, warnings, cancellation);
        var pictures = new List<string>();
        foreach (var (name, svg) in drawn)
        {
            var path = Path.Combine(folder, name + ".svg");
            if (assets is not null) AtomicFile.Write(path, svg);
            pictures.Add(path);
        }
        var html = Path.Combine(folder, RunFolder.ReportFile);
        AtomicFile.Write(html, HtmlPage.Write(page, assets is null ? null : PageScripts.Inside(assets), drawn));
        return new ReportFiles(html, specifications, pictures, warnings);
    }

    /// <summary>Pictures that an earlier report of the same run left.</summary>
    private static Dictionary<string, string> Earlier(string folder, IReadOnlyList<Chart> charts) => charts
        .Select(c => (c.Name, Path: Path.Combine(folder, c.Name + ".svg"))).Where(c => File.Exists(c.Path))
        .ToDictionary(c => c.Name, c => File.ReadAllText(c.Path));
}
