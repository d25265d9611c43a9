using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using TorchAlign.Data;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Settings;

/// <summary>How a network of an earlier run ended, as summary.json says.</summary>
internal sealed record RecordedEnd(string Result, string Message, double Seconds);

/// <summary>A run that a folder tells of.</summary>
/// <param name="Folder">Where it lies.</param>
/// <param name="Record">What run.json says.</param>
internal sealed record EarlierRun(string Folder, RunRecord Record)
{
    private static readonly JsonSerializerOptions Strict = new(RecordJson.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <exception cref="CommandException">The folder holds no run of this command.</exception>
    /// <exception cref="RecordingException">There is no run, or it is damaged.</exception>
    public static EarlierRun Read(string folder, string command)
    {
        var record = RunFolder.Read(folder);
        if (record.Command is null) throw new CommandException($"The run in '{folder}' is of a kind that cannot be taken up again.");
        if (record.Command != command)
            throw new CommandException(
                $"The run in '{folder}' is one of '{record.Command}': torchalign {record.Command} --resume {folder}");
        return new EarlierRun(folder, record);
    }

    /// <summary>The configuration of a run of networks.</summary>
    /// <exception cref="CommandException">It is none.</exception>
    public RunSettings Settings() => Configured(configuration =>
    {
        var settings = configuration.Deserialize<RunSettings>(Strict) ?? throw new JsonException("it is empty");
        SettingsCheck.Require(settings);
        return settings;
    });

    /// <summary>What a command reads from the run's configuration.</summary>
    /// <exception cref="CommandException">It is none of the command's.</exception>
    public T Configured<T>(Func<JsonObject, T> read)
    {
        try
        {
            return read(Record.Configuration);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or CommandException)
        {
            throw new CommandException(
                $"The configuration in '{Path.Combine(Folder, RunFolder.DescriptionFile)}' "
                + $"is none of '{Record.Command}': {error.Message.TrimEnd('.')}.");
        }
    }

    /// <summary>How its networks ended; empty for a run that has no summary yet.</summary>
    public IReadOnlyList<RecordedEnd> Ends()
    {
        try
        {
            return !File.Exists(SummaryPath) ? [] : [.. JsonNode.Parse(File.ReadAllText(SummaryPath))!["networks"]!.AsArray()
                .Select(network => new RecordedEnd((string)network!["result"]!, (string?)network["message"] ?? "",
                    (double?)network["seconds"] ?? double.NaN))];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new DataException($"'{SummaryPath}' is damaged ({error.Message.TrimEnd('.')}).", error);
        }
    }

    /// <summary>What summary.json tells a reader to know first; empty where there is none.</summary>
    public IReadOnlyList<Fact> Facts() => !File.Exists(SummaryPath) ? []
        : JsonNode.Parse(File.ReadAllText(SummaryPath))?["facts"].Deserialize<Fact[]>(RecordJson.Options) ?? [];

    /// <summary>Whether there is nothing left to do: the run was brought to its end, and nobody interrupted it.</summary>
    public bool IsFinished => RunFolder.IsFinished(Folder) && !WasInterrupted();

    /// <summary>Says that the run is finished; its summary stays as it is.</summary>
    /// <returns>The exit code that the run ended with.</returns>
    public int Tell(bool json)
    {
        if (json) Console.Out.Write(File.ReadAllText(SummaryPath));
        else Console.Out.WriteLine($"The run in {Folder} is finished; nothing to do. --replace with --resume runs it again.");
        return Summarized(ExitStatus);
    }

    /// <exception cref="CommandException">The data are not those of the run any more.</exception>
    public void RequireSame(DataIdentity now)
    {
        if (now.Sha256 == Record.Data.Sha256) return;
        throw new CommandException(
            $"The data of the run in '{Folder}' have changed: the SHA-256 of {now.Name} is {now.Sha256}, that of the run's "
            + $"{Record.Data.Name} was {Record.Data.Sha256}. Bring the data back, or start a new run.");
    }

    /// <summary>What has changed under the run; null for nothing.</summary>
    public string? OtherVersions(RunVersions now)
    {
        var then = Record.Versions;
        // A run of an earlier version may not tell all.
        now = now with { Os = then.Os, TorchSharp = then.TorchSharp is null ? null : now.TorchSharp };
        return (then.Build is null ? now with { Build = null } : now) == then ? null
            : $"The run began with {Text(then)} and goes on with {Text(now)}: its numbers may differ in their last digits from there on.";

        static string Text(RunVersions versions) => $"TorchAlign {versions.TorchAlign}"
            + $"{(versions.GitCommit is { } commit ? $" ({commit[..Math.Min(7, commit.Length)]})" : "")}"
            + $"{(versions.Build is { } build ? $", build {build}" : "")}, torch {versions.Torch}, .NET {versions.DotNet}";
    }

    private string SummaryPath => Path.Combine(Folder, RunFolder.SummaryFile);

    private bool WasInterrupted()
    {
        var results = Summarized(Results);
        return results.Contains(Dynamics.RunEnd.Interrupted.Name)
            // The summary of a task has one result, which is that of all its networks.
            || (Record.Configuration.ContainsKey("networks") && !Record.Configuration.ContainsKey("task")
                && results.Count < Settings().Networks.Count);
    }

    /// <summary>That of an experiment is told; networks tell their ends, and summaries of earlier versions do nothing else.</summary>
    private static int ExitStatus(JsonNode summary) => (int?)summary["exitStatus"]
        ?? (Results(summary).Any(result => result is not null && Dynamics.RunEnd.IsFailure(result))
            ? CommandLine.Failure
            : CommandLine.Success);

    /// <summary>How the experiment ended, or the networks, that the summary tells of.</summary>
    private static IReadOnlyList<string?> Results(JsonNode summary)
    {
        if (summary["result"] is { } result) return [(string?)result];
        var networks = summary["networks"]?.AsArray() ?? throw new InvalidOperationException("it names no networks");
        return [.. networks.Select(network => (string?)network?["result"])];
    }

    private T Summarized<T>(Func<JsonNode, T> read)
    {
        try
        {
            return read(JsonNode.Parse(File.ReadAllText(SummaryPath)) ?? throw new InvalidOperationException("it is empty"));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new DataException(
                $"'{SummaryPath}' is damaged ({error.Message.TrimEnd('.')}). Run it again from its start: --resume with --replace.", error);
        }
    }
}
