using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TorchAlign.Experiments.Sweeps.Studies;
using TorchAlign.Numerics;

namespace TorchAlign.Experiments.Sweeps.Planning;

/// <summary>
/// Turns a study into runs. Each run's command is asked to describe it, which parses its options, reads its data and prepares all
/// that a run prepares: what would go wrong at run 731 goes wrong here, by line and column.
/// </summary>
internal static partial class Planner
{
    /// <summary>One unless the study says otherwise: the cores have runs to do, and runs should not depend on the machine.</summary>
    private const string Threads = "threads";

    /// <summary>The runs of a study, each once, in its order.</summary>
    /// <param name="most">More runs than this are refused.</param>
    /// <exception cref="CommandException">Everything wrong, by line and column.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IReadOnlyList<PlannedRun> Plan(
        Study study, Command root, CancellationToken cancellation, int most = StudyLimits.Runs)
    {
        if (study.Count > most)
            throw new CommandException(
                FormattableString.Invariant($"{study.File}: this study makes {study.Count:G6} runs, more than {most:N0}. Split it."));
        var points = study.Points().ToArray();
        var hashes = new string?[points.Length];
        var complaints = new Complaints(study.File);
        ParallelLoop.For(points.Length, Environment.ProcessorCount, i => hashes[i] = Hash(study, points[i], root, complaints, cancellation));
        complaints.Throw();
        return [.. points.Zip(hashes, (point, hash) => new PlannedRun(
                hash!, point.ToDictionary(setting => setting.Option, setting => setting.Text), Arguments(study, point)))
            .DistinctBy(run => run.Hash)];
    }

    private static string[] Arguments(Study study, IReadOnlyList<StudySetting> point)
    {
        // In one piece: a value may begin with a dash.
        var given = point.Select(setting => $"--{setting.Option}={setting.Text}");
        return [.. study.Command, .. given, .. point.Any(setting => setting.Option == Threads) ? (string[])[] : [$"--{Threads}=1"]];
    }

    private static string? Hash(
        Study study, IReadOnlyList<StudySetting> point, Command root, Complaints complaints, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var parsed = root.Parse([.. Arguments(study, point), "--describe"]);
        foreach (var error in parsed.Errors)
            Complain(((error.SymbolResult as OptionResult) ?? error.SymbolResult?.Parent as OptionResult)?.Option.Name, error.Message);
        if (parsed.Errors.Count > 0) return null;
        var output = new StringWriter();
        try
        {
            CommandLine.Invoke(parsed, cancellation, output).GetAwaiter().GetResult();
            return RunHash.Of(study.Command, (JsonObject)JsonNode.Parse(output.ToString())!);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // Whatever stops the description would stop the run.
            Complain(OptionMeant(error.Message, point), error.Message);
            return null;
        }

        void Complain(string? option, string message)
        {
            var place = point.Where(setting => "--" + setting.Option == option).Select(setting => setting.Place)
                .DefaultIfEmpty(study.CommandPlace).First();
            lock (complaints) complaints.Add(place, message.ReplaceLineEndings(" "));
        }
    }

    /// <summary>The setting that a message is about: it names the option, or a value that is no common word, or the quantity.</summary>
    private static string? OptionMeant(string message, IReadOnlyList<StudySetting> point)
    {
        string[] named = [.. OptionName().Matches(message).Select(match => match.Value)];
        // A message may begin with what it is about, and name more.
        var setting = point.FirstOrDefault(setting => message.StartsWith($"--{setting.Option} ", StringComparison.Ordinal))
            ?? point.FirstOrDefault(setting => named.Contains("--" + setting.Option))
            ?? point.FirstOrDefault(setting => setting.Text.Length > 2 && message.Contains(setting.Text, StringComparison.Ordinal))
            ?? point.FirstOrDefault(setting => Regex.IsMatch(message, $@"\b{Regex.Escape(setting.Option)}\b", RegexOptions.IgnoreCase));
        return setting is null ? null : "--" + setting.Option;
    }

    [GeneratedRegex("--[a-z][a-z0-9-]*")]
    private static partial Regex OptionName();
}
