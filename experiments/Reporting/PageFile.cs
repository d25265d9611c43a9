using System.Text.Json;
using System.Text.Json.Nodes;
using TorchAlign.Experiments.Reporting.Charting;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Reporting;

/// <summary>
/// report.json: the words and tables of a report, from which the page is made again; each chart's specification is its NAME.vl.json.
/// </summary>
public static class PageFile
{
    public const string Name = RunFolder.PageFile;
    private const string Schema = "torchalign/report/1";

    private sealed record Saved(
        string Schema, string Title, string Claim, IReadOnlyList<string[]> Facts, IReadOnlyList<ReportTable> Tables, string? ChartNote,
        IReadOnlyList<SavedChart> Charts, SavedChart? Figure);

    private sealed record SavedChart(string Name, string Title, string Caption, bool Stretches, bool IsWide, string? NotDrawn);

    /// <exception cref="RecordingException">The disk refused.</exception>
    public static void Write(string folder, ReportPage page) => AtomicFile.Write(Path.Combine(folder, Name), RecordJson.Serialize(new Saved(
        Schema, page.Title, page.Claim, [.. page.Facts.Select(fact => (string[])[fact.Name, fact.Value])], page.Tables, page.ChartNote,
        [.. page.Charts.Select(Save)], page.Figure is { } figure ? Save(figure) : null)));

    /// <summary>The page that a folder holds.</summary>
    /// <exception cref="CommandException">Something that it is made of is missing or damaged.</exception>
    public static ReportPage Read(string folder)
    {
        var file = Path.Combine(folder, Name);
        try
        {
            var saved = JsonSerializer.Deserialize<Saved>(File.ReadAllText(file), RecordJson.Options);
            if (saved?.Schema != Schema) throw new CommandException($"'{file}' was not written by this version of TorchAlign.");
            var missing = saved.Charts.Append(saved.Figure).OfType<SavedChart>().Where(chart => chart.NotDrawn is null)
                .Select(chart => chart.Name + ".vl.json").Where(name => !File.Exists(Path.Combine(folder, name))).ToArray();
            if (missing.Length > 0)
                throw new CommandException($"The page of '{folder}' cannot be made: its charts {string.Join(", ", missing)} are missing.");
            return new ReportPage
            {
                Title = saved.Title,
                Claim = saved.Claim,
                Facts = [.. saved.Facts.Select(fact => (fact[0], fact[1]))],
                Tables = saved.Tables,
                Charts = [.. saved.Charts.Select(chart => Load(folder, chart))],
                ChartNote = saved.ChartNote,
                Figure = saved.Figure is { } figure ? Load(folder, figure) : null,
                Configuration = RunFolder.Read(folder).Configuration,
            };
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new CommandException($"The page of '{folder}' cannot be made from its {Name} and charts: {error.Message}");
        }
    }

    private static SavedChart Save(Chart chart) =>
        new(chart.Name, chart.Title, chart.Caption, chart.Stretches, chart.IsWide, chart.NotDrawn);

    // A name from a file is not to lead out of the folder.
    private static Chart Load(string folder, SavedChart saved) => new(saved.Name, saved.Title, saved.Caption,
        saved.NotDrawn is not null ? [] : JsonNode.Parse(File.ReadAllText(Path.Combine(folder, Path.GetFileName(saved.Name) + ".vl.json")))!.AsObject())
    {
        Stretches = saved.Stretches,
        IsWide = saved.IsWide,
        NotDrawn = saved.NotDrawn,
    };
}
