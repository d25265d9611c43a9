using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TorchAlign.Recording;

/// <summary>What run.json says that it takes to go on with a run.</summary>
/// <param name="Command">The command that made it: "train".</param>
/// <param name="Configuration">As in <see cref="RunDescription.Configuration"/>.</param>
/// <param name="Data">Which data it saw.</param>
/// <param name="Versions">What it ran on first.</param>
/// <param name="CommandLine">What it was started with, program name first.</param>
public sealed record RunRecord(
    string? Command, JsonObject Configuration, DataIdentity Data, RunVersions Versions, IReadOnlyList<string> CommandLine);

/// <summary>A process that went on with a run; run.json lists them under "resumed".</summary>
/// <param name="CommandLine">Program name first.</param>
/// <param name="Versions">What it ran on.</param>
/// <param name="Device">As torch names it.</param>
/// <param name="Network">The network that was under way; null where one was about to start.</param>
/// <param name="Step">Its accepted steps at the checkpoint.</param>
public sealed record RunSession(IReadOnlyList<string> CommandLine, RunVersions Versions, string Device, string? Network, long Step)
{
    public DateTimeOffset StartedAt { get; init; } = DateTimeOffset.UtcNow;
}

/// <summary>run.json: <see cref="RunDescription"/> as JSON, and what can be read back from it.</summary>
internal static class RunFile
{
    private const string Schema = "torchalign/run/1";
    private const string TablesKey = "tables";
    private const string ResumedKey = "resumed";

    public static string Describe(RunDescription run, TrajectoryTable? trajectory)
    {
        var json = new JsonObject
        {
            ["schema"] = Schema,
            ["startedAt"] = Time(run.StartedAt),
            ["commandLine"] = RecordJson.ToNode(run.CommandLine),
            ["seed"] = run.Seed,
            ["configuration"] = RecordJson.ToNode(run.Configuration),
            ["versions"] = RecordJson.ToNode(run.Versions),
            ["device"] = run.Device,
            ["dtype"] = run.Dtype,
            ["data"] = RecordJson.ToNode(run.Data),
            ["networks"] = new JsonArray([.. run.Networks.Select(Describe)]),
        };
        if (run.Command is not null) json.Insert(2, "command", run.Command);
        if (trajectory is not null) json["columns"] = Describe(trajectory.Columns);
        if (run.Tables.Count > 0)
            json[TablesKey] = new JsonObject(run.Tables.Select(t => KeyValuePair.Create(t.File, (JsonNode?)Describe(t.Columns))));
        return RecordJson.Serialize(json);
    }

    /// <summary>The text with one more session in it.</summary>
    public static string AddSession(string text, RunSession session)
    {
        var json = JsonNode.Parse(text)!.AsObject();
        if (json[ResumedKey] is not JsonArray sessions) json[ResumedKey] = sessions = [];
        sessions.Add((JsonNode)new JsonObject
        {
            ["startedAt"] = Time(session.StartedAt),
            ["commandLine"] = RecordJson.ToNode(session.CommandLine),
            ["versions"] = RecordJson.ToNode(session.Versions),
            ["device"] = session.Device,
            ["network"] = session.Network,
            ["step"] = session.Step,
        });
        return RecordJson.Serialize(json);
    }

    /// <exception cref="RecordingException">The file is not a run's, or is damaged.</exception>
    public static RunRecord Read(string path)
    {
        if (!File.Exists(path))
            throw new RecordingException(
                $"There is no run in '{System.IO.Path.GetDirectoryName(path)}': it has no {RunFolder.DescriptionFile}. "
                + "Start one with its options and --out.");
        return RecordingException.Guard(path, () =>
        {
            try
            {
                var json = JsonNode.Parse(File.ReadAllText(path)) as JsonObject;
                if (!IsOurs(json)) throw new RecordingException($"'{path}' was not written by a run of TorchAlign ({Schema}).");
                return new RunRecord(
                    (string?)json!["command"],
                    json["configuration"]?.AsObject() ?? throw new JsonException("there is no configuration"),
                    json["data"].Deserialize<DataIdentity>(RecordJson.Options) ?? throw new JsonException("no data are named"),
                    json["versions"].Deserialize<RunVersions>(RecordJson.Options) ?? throw new JsonException("no versions are named"),
                    json["commandLine"].Deserialize<string[]>(RecordJson.Options) ?? throw new JsonException("no command line is named"));
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or ArgumentException)
            {
                throw new RecordingException(
                    $"'{path}' is damaged ({error.Message.TrimEnd('.')}). Start the run again with its options and --replace.", error);
            }
        });
    }

    /// <summary>SHA-256 of what decides a run's numbers: its configuration and its data.</summary>
    public static string Identity(string text)
    {
        var json = JsonNode.Parse(text)!;
        var deciding = new[] { "configuration", "data", "seed" }.Select(key => json[key]?.ToJsonString());
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', deciding))));
    }

    /// <summary>The files of the run's own tables; none where the text is no run's.</summary>
    public static IEnumerable<string> TablesOf(string text)
    {
        try
        {
            // A name from a file is not to lead out of the folder.
            return [.. (JsonNode.Parse(text)?[TablesKey] as JsonObject ?? []).Select(table => System.IO.Path.GetFileName(table.Key))];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            return [];
        }
    }

    public static bool IsOurs(string path) => File.Exists(path) && RecordingException.Guard(path, () =>
    {
        try
        {
            return IsOurs(JsonNode.Parse(File.ReadAllText(path)) as JsonObject);
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            return false;
        }
    });

    private static bool IsOurs(JsonObject? json) =>
        json?["schema"] is JsonValue schema && schema.GetValueKind() == JsonValueKind.String
        && schema.GetValue<string>().StartsWith("torchalign/run/", StringComparison.Ordinal);

    private static JsonNode Describe(NetworkIdentity network)
    {
        var node = RecordJson.ToNode(new { network.Name, network.Shape.Depth, network.Shape.Widths })!;
        if (network.StartNote is { } note) node["start"] = note;
        return node;
    }

    private static JsonObject Describe(IReadOnlyList<Column> columns) =>
        new(columns.Select(column => KeyValuePair.Create(column.Name, (JsonNode?)column.Meaning)));

    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
}
