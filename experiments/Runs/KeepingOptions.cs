using System.CommandLine;
using System.CommandLine.Parsing;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Settings;

namespace TorchAlign.Experiments.Runs;

/// <summary>The options of runs that can be kept and taken up again.</summary>
internal sealed class KeepingOptions(RunOptions run)
{
    private const double DefaultSeconds = 60;

    private readonly Option<string?> _resume = Opt.Maybe<string>(
        "--resume", "Go on with the unfinished run in DIR, as its run.json says, from its newest checkpoint; with --replace from its start.",
        "DIR");

    private readonly Option<double> _every = Opt.Default(
        "--checkpoint-every", DefaultSeconds, "Keep the run every so many seconds; 0: only when it is interrupted.", "SECONDS",
        NumberRange.Between(0, 40 * 24 * 3600));

    public void AddTo(Command command)
    {
        command.Add(_resume);
        command.Add(_every);
    }

    /// <summary>Runs the experiment of the command line, or the one of --resume where that has not ended yet.</summary>
    /// <inheritdoc cref="Experiment"/>
    /// <param name="cancellation">Ends the run in good order.</param>
    /// <returns>The exit code.</returns>
    public int Run(
        ParseResult parsed, string command, Func<RunSettings> settings, Func<RunSettings, Output, Keeping, IExperiment> experiment,
        CancellationToken cancellation) =>
        Experiment(parsed, command, settings, experiment, out var earlier)?.Run(cancellation) ?? earlier!.Tell(parsed.GetValue(run.Json));

    /// <summary>The experiment of the command line, or the one of --resume; null where that is finished.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="command">The name under which run.json knows the command.</param>
    /// <param name="settings">Of a new run.</param>
    /// <param name="experiment">The experiment of given settings.</param>
    /// <param name="earlier">The run of --resume; null for a new one.</param>
    public IExperiment? Experiment(
        ParseResult parsed, string command, Func<RunSettings> settings, Func<RunSettings, Output, Keeping, IExperiment> experiment,
        out EarlierRun? earlier)
    {
        var keeping = Read(parsed, command);
        earlier = keeping.Earlier;
        if (earlier is null) return experiment(settings(), Output.From(parsed, run, command), keeping);
        var taken = earlier.Settings();
        return IsDone(parsed, earlier) ? null : experiment(taken, new Output(parsed, run, earlier.Folder), keeping);
    }

    /// <summary>How the run of a command line is kept, and the run that --resume names.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="command">The name under which run.json knows the command.</param>
    /// <exception cref="CommandException">An option is out of range, or there is no run of the command to go on with.</exception>
    public Keeping Read(ParseResult parsed, string command)
    {
        var every = TimeSpan.FromSeconds(parsed.GetValue(_every));
        if (parsed.GetValue(_resume) is not { } folder) return new Keeping(every, null);
        RefuseOthers(parsed);
        var earlier = EarlierRun.Read(folder, command);
        return new Keeping(parsed.IsGiven(_every) ? every : EveryOf(earlier) ?? every, earlier);
    }

    /// <summary>How often the run was kept where its command line says so, which is no part of its configuration.</summary>
    private TimeSpan? EveryOf(EarlierRun earlier)
    {
        string[] words = [.. earlier.Record.CommandLine];
        var at = Array.FindLastIndex(words, word => word.Split('=')[0] == _every.Name);
        if (at < 0) return null;
        var text = words[at].Contains('=') ? words[at].Split('=')[1] : words.ElementAtOrDefault(at + 1);
        var again = new Command("resume") { _every }.Parse([$"{_every.Name}={text}"]);
        return again.Errors.Count > 0 ? null : TimeSpan.FromSeconds(again.GetValue(_every));
    }

    /// <summary>Whether a run has ended and is not to be made again.</summary>
    public bool IsDone(ParseResult parsed, EarlierRun earlier) => earlier.IsFinished && !parsed.GetValue(run.Replace);

    /// <summary>run.json says everything else, so that the run ends in the bits that it would have had.</summary>
    private void RefuseOthers(ParseResult parsed)
    {
        var others = parsed.CommandResult.Children.OfType<OptionResult>()
            .Where(given => !given.Implicit && given.Option != _resume && given.Option != _every
                && given.Option != run.Replace && given.Option != run.Json)
            .Select(given => given.Option.Name).ToArray();
        if (others.Length > 0)
            throw new CommandException($"--resume takes the configuration of its run; it cannot be given with {string.Join(", ", others)}.");
    }
}
