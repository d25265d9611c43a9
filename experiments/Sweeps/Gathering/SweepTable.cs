using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TorchAlign.Experiments.Sweeps.Planning;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Sweeps.Gathering;

/// <summary>A row of the table: a run, how far it is, and the cells of its summary by column.</summary>
internal sealed record SweepRow(
    PlannedRun Run, RunState State, string? Build, string? Cause, IReadOnlyDictionary<string, JsonValue> Results);

/// <summary>
/// What a sweep found, one row a run: its settings, then <c>state</c>, then the results, then the build of the program
/// that made it and the folder. Settings and results of one
/// name (a depth asked for and a depth found) are told apart by a prefix <c>result_</c>.
/// </summary>
internal sealed class SweepTable
{
    private const string State = "state";
    private const string Build = "build";
    private const string Folder = "folder";
    private const string Cause = "cause";

    private readonly HashSet<string> _numeric;

    private SweepTable(IReadOnlyList<SweepRow> rows)
    {
        Rows = rows;
        Settings = [.. rows.SelectMany(row => row.Run.Settings.Keys).Distinct()];
        Results = [.. rows.SelectMany(row => row.Results.Keys).Distinct()];
        _numeric = [.. Settings.Where(name => rows.All(row =>
            !row.Run.Settings.TryGetValue(name, out var text) || Number(text) is not null))];
    }

    public IReadOnlyList<SweepRow> Rows { get; }

    /// <summary>Options that the study sets.</summary>
    public IReadOnlyList<string> Settings { get; }

    public IReadOnlyList<string> Results { get; }

    /// <summary>Reads every run's folder.</summary>
    public static SweepTable Read(SweepFolder folder, SweepPlan plan) => new([.. plan.All.AsParallel().AsOrdered().Select(run =>
    {
        var path = folder.RunFolder(run);
        var state = RunStates.Of(path);
        var results = state.IsWhole() ? FlatSummary.Read(path) : [];
        return new SweepRow(run, state, RunBuilds.Of(path), RunStates.CauseOf(path, state),
            results.DistinctBy(cell => cell.Column).ToDictionary(cell => cell.Column, cell => cell.Value));
    })]);

    /// <summary>
    /// A run's value of a setting for a chart: a number where every run of the table has one, else a text. A list, as in depth 1,4, is no
    /// number but a category.
    /// </summary>
    public JsonNode? Setting(SweepRow row, string name) => !row.Run.Settings.TryGetValue(name, out var text) ? null
        : _numeric.Contains(name) ? Number(text)
        : text;

    /// <summary>Writes sweep.csv.</summary>
    /// <exception cref="RecordingException">The disk refused; an earlier table stays.</exception>
    public void Write(string path) => AtomicFile.Write(path, temporary =>
    {
        string[] results = [.. Results.Select(ResultColumn)];
        using var table = new TableWriter(temporary,
            [.. ((string[])[.. Settings, State, .. results, Build, Folder, Cause]).Select(name => new Column(name, ""))]);
        foreach (var row in Rows)
            table.Append([
                .. Settings.Select(name => row.Run.Settings.GetValueOrDefault(name, "")),
                StateName(row.State),
                .. Results.Select(name => row.Results.TryGetValue(name, out var value) ? Text(value) : ""),
                row.Build ?? "",
                "runs/" + row.Run.Hash,
                row.Cause ?? "",
            ]);
    });

    public static string StateName(RunState state) => state.ToString().ToLowerInvariant();

    /// <summary>The name of a result's column.</summary>
    public string ResultColumn(string name) => Settings.Contains(name) || name is State or Build or Folder or Cause ? "result_" + name : name;

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static string Text(JsonValue value) =>
        value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();
}
