using System.Text.Json;
using System.Text.Json.Nodes;
using TorchAlign.Alignment;
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

    /// <summary>It is whole, and what it was to show did not come out, or it could not go on to it: exit status 1 with a summary.</summary>
    Missed,

    /// <summary>
    /// It is whole, and a limit ended it after 1 - cos had fallen to what was asked for without a reason to stay there: no result to be
    /// pooled with others.
    /// </summary>
    Crossed,

    /// <summary>It is whole, and its numbers left float64, or its steps the resolution of the clock.</summary>
    Diverged,

    /// <summary>It came to an end that says something of its settings: its target, or a limit.</summary>
    Done,
}

/// <summary>Reads and writes what a run's folder says of its state.</summary>
internal static class RunStates
{
    private const string FailureFile = "failure.json";

    /// <summary>Ends of a run, of one network or of all, that has no result to be pooled with others.</summary>
    private static readonly string[] Divergent = [RunEnd.NonFinite.Name, RunEnd.StepTooSmall.Name, RunEnd.Diverged.Name];

    /// <summary>The end of an experiment whose prediction did not come true.</summary>
    private const string NotAsPredicted = "not-all-as-predicted";

    /// <summary>The states of a run whose files are whole, whatever they say.</summary>
    public static bool IsWhole(this RunState state) => state >= RunState.Missed;

    public static RunState Of(string folder)
    {
        if (RunFolder.IsFinished(folder) && EndsOf(folder) is { } ends && !ends.Contains(RunEnd.Interrupted.Name))
            return ends.Any(Divergent.Contains) ? RunState.Diverged
                : ends.Any(IsMiss) || ReadFailure(folder) is { Whole: true } ? RunState.Missed
                : ends.Contains(DirectionVerdict.Crossed) ? RunState.Crossed
                : RunState.Done;
        if (File.Exists(Path.Combine(folder, FailureFile))) return RunState.Failed;
        return File.Exists(Path.Combine(folder, RunFolder.DescriptionFile)) ? RunState.Unfinished : RunState.Waiting;
    }

    /// <summary>Why a run failed, diverged or missed; null where it did not.</summary>
    public static string? CauseOf(string folder, RunState state) => state switch
    {
        RunState.Diverged => CauseOf(folder, Divergent.Contains),
        RunState.Missed => CauseOf(folder, IsMiss) ?? ReadFailure(folder)?.Cause,
        RunState.Failed => ReadFailure(folder)?.Cause,
        _ => null,
    };

    /// <summary>
    /// Says that a run did not end well: that it failed or, where its files are whole, that it missed what it was to show.
    /// </summary>
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
        AtomicFile.Write(Path.Combine(folder, FailureFile),
            RecordJson.Serialize(new Failure(cause, RunFolder.IsFinished(folder), DateTimeOffset.UtcNow)));
    }

    private static bool IsMiss(string end) => end == NotAsPredicted || RunEnd.IsFailure(end);

    private static string? CauseOf(string folder, Func<string, bool> isCause) =>
        (EndsOf(folder) ?? []).Where(isCause).Distinct().ToArray() is { Length: > 0 } ends
            ? $"It ended as {string.Join(", ", ends)}."
            : null;

    public static void Forgive(string folder) => File.Delete(Path.Combine(folder, FailureFile));

    private sealed record Failure(string? Cause, bool Whole, DateTimeOffset At);

    /// <summary>Null where there is none, or none that can be read.</summary>
    private static Failure? ReadFailure(string folder)
    {
        var file = Path.Combine(folder, FailureFile);
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<Failure>(File.ReadAllText(file), RecordJson.Options) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The named ends of a run and of its networks; null where what it wrote is not the end of all of them.</summary>
    private static IReadOnlyList<string>? EndsOf(string folder)
    {
        try
        {
            var summary = Read(RunFolder.SummaryFile);
            var networks = summary?["networks"] as JsonArray ?? [];
            // A network whose turn did not come is not in the summary.
            return networks.Count < ((Read(RunFolder.DescriptionFile)?["networks"] as JsonArray)?.Count ?? 0) ? null
                : [.. networks.Prepend(summary).Select(part => (part as JsonObject)?["result"]).OfType<JsonValue>()
                    .Select(end => end.ToString())];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return null;
        }

        JsonNode? Read(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, file)));
    }
}
