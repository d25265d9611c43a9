using System.Text.Json;
using System.Text.Json.Nodes;
using TorchAlign.Dynamics;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Sweeps;

/// <summary>How far a run of a sweep is, as its folder tells.</summary>
internal enum RunState
{
    /// <summary>Not begun.</summary>
    Waiting,

    /// <summary>Begun and not ended: under way, stopped, or killed together with its sweep.</summary>
    Unfinished,

    /// <summary>It ended without a result; failure.json says why.</summary>
    Failed,

    Done,
}

/// <summary>Reads and writes what a run's folder says of its state.</summary>
internal static class RunStates
{
    private const string FailureFile = "failure.json";

    public static RunState Of(string folder)
    {
        if (RunFolder.IsFinished(folder) && !WasInterrupted(folder)) return RunState.Done;
        if (File.Exists(Path.Combine(folder, FailureFile))) return RunState.Failed;
        return File.Exists(Path.Combine(folder, RunFolder.DescriptionFile)) ? RunState.Unfinished : RunState.Waiting;
    }

    /// <summary>Why a run failed; null where it did not.</summary>
    public static string? CauseOf(string folder)
    {
        try
        {
            return (string?)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, FailureFile)))?["cause"];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <exception cref="RecordingException">The disk refused.</exception>
    public static void Fail(string folder, string cause)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RecordingException($"Cannot make the folder '{folder}': {error.Message}", error);
        }
        AtomicFile.Write(Path.Combine(folder, FailureFile), RecordJson.Serialize(new { cause, at = DateTimeOffset.UtcNow }));
    }

    public static void Forgive(string folder) => File.Delete(Path.Combine(folder, FailureFile));

    /// <summary>Whether the run was told to stop; what it wrote then is whole, but not its end.</summary>
    private static bool WasInterrupted(string folder)
    {
        try
        {
            var summary = Read(RunFolder.SummaryFile);
            var networks = summary?["networks"] as JsonArray ?? [];
            // A network whose turn did not come is not in the summary.
            return networks.Prepend(summary)
                    .Any(part => part?["result"] is JsonValue result && result.ToString() == RunEnd.Interrupted.Name)
                || networks.Count < ((Read(RunFolder.DescriptionFile)?["networks"] as JsonArray)?.Count ?? 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return true;
        }

        JsonNode? Read(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, file)));
    }
}
