using System.CommandLine;
using System.Reflection;
using System.Text.Json.Nodes;
using TorchAlign.Data;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Runs;
using TorchAlign.Experiments.Settings;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>A few settings that several experiments share, declared as fields.</summary>
internal abstract class SettingGroup;

/// <summary>
/// An experiment of a paper. An instance is one run of it: its settings are its fields, which stand on the command line and in run.json
/// in the order of their declaration, those of the base classes last.
/// </summary>
internal abstract class PaperExperiment
{
    private readonly RunOptions _run;
    private readonly KeepingOptions _keeping;
    private readonly Setting[] _settings;

    /// <param name="command">As the user calls it: <c>paper nrt starts</c>.</param>
    /// <param name="help">A sentence, and an example.</param>
    /// <param name="run">The options that every run has; seed, threads and device are settings.</param>
    protected PaperExperiment(string command, string help, RunOptions run)
    {
        (CommandName, Help, _run, _keeping) = (command, help, run, new KeepingOptions(run));
        (Seed, Threads) = (new(run.Seed), new(run.Threads, ThreadCount.Refuse));
        Device = new(run.Device!);
        _settings = [.. SettingsOf(this), Seed, Threads, Device];
    }

    public string CommandName { get; }

    /// <summary>The last of its words.</summary>
    protected string Name => CommandName.Split(' ')[^1];

    protected Setting<int> Seed { get; }

    protected Setting<int> Threads { get; }

    protected Setting<string> Device { get; }

    /// <summary>Where gradients are computed; known after the settings are.</summary>
    public GradientSource Gradients { get; set; } = GradientSource.Managed;

    /// <summary>The folder's name unless the user gives one, without the seed: paper and experiment.</summary>
    protected virtual string FolderName => string.Join('-', CommandName.Split(' ')[1..]);

    /// <summary>Whether the jobs run side by side on the cores, each with one thread of torch; else one by one.</summary>
    protected abstract bool SideBySide { get; }

    private string Help { get; }

    /// <summary>The command line of an experiment.</summary>
    public static Command Build<TExperiment>() where TExperiment : PaperExperiment, new()
    {
        var declared = new TExperiment();
        var command = new Command(declared.Name, declared.Help);
        foreach (var setting in declared._settings.SkipLast(3)) command.Add(setting.Option);
        declared._run.AddTo(command);
        declared._keeping.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(declared.Run(new TExperiment(), parsed, cancellation)));
        return command;
    }

    /// <summary>An experiment with the settings of a command line that <see cref="Build"/> made, ready to be run.</summary>
    public static TExperiment Prepared<TExperiment>(string options) where TExperiment : PaperExperiment, new()
    {
        var (declared, experiment) = (new TExperiment(), new TExperiment());
        var command = new Command(declared.Name);
        foreach (var setting in declared._settings) command.Add(setting.Option);
        experiment.Take(command.Parse(options), declared);
        experiment.Prepare();
        return experiment;
    }

    /// <summary>Finds everything that can be wrong with the settings, and loads or makes the data, before anything is written.</summary>
    /// <exception cref="CommandException">Settings do not go together.</exception>
    /// <exception cref="DataException">The data cannot be read.</exception>
    protected abstract DataIdentity Prepare();

    protected abstract IReadOnlyList<TableDescription> DescribeTables();

    protected abstract PaperResult Work(PaperRun run, CancellationToken cancellation);

    /// <summary>Runs an experiment as a command line says that was parsed by this one's command.</summary>
    private int Run(PaperExperiment experiment, ParseResult parsed, CancellationToken cancellation)
    {
        var keeping = _keeping.Read(parsed, CommandName);
        if (keeping.Earlier is { } earlier)
        {
            earlier.Configured(experiment.TakeAll);
            if (_keeping.IsDone(parsed, earlier)) return earlier.Tell(parsed.GetValue(_run.Json));
        }
        else
        {
            experiment.Take(parsed, this);
        }
        var data = experiment.Prepare();
        keeping.Earlier?.RequireSame(data);
        var output = keeping.Earlier is { } resumed
            ? new Output(parsed, _run, resumed.Folder)
            : Output.From(parsed, _run, experiment.FolderName);
        var configuration = new JsonObject(experiment._settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Json)));
        var plan = new PaperPlan(CommandName, configuration, experiment.Seed, experiment.SideBySide ? 1 : experiment.Threads,
            experiment.Gradients.Device, data, experiment.DescribeTables());
        return PaperRun.Execute(plan, output, keeping, cancellation, experiment.Work);
    }

    private void Take(ParseResult parsed, PaperExperiment declared)
    {
        foreach (var (mine, theirs) in _settings.Zip(declared._settings)) mine.Take(parsed, theirs);
        Gradients = GradientSource.On(Device);
    }

    private bool TakeAll(JsonObject configuration)
    {
        foreach (var setting in _settings) setting.Take(configuration);
        var unknown = configuration.Select(entry => entry.Key).Except(_settings.Select(setting => setting.Key)).FirstOrDefault();
        if (unknown is not null) throw new CommandException($"there is no setting '{unknown}'");
        Gradients = GradientSource.On(Device);
        return true;
    }

    private static IEnumerable<Setting> SettingsOf(object owner)
    {
        for (var type = owner.GetType(); type is not null && type != typeof(PaperExperiment); type = type.BaseType)
            foreach (var field in type.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .OrderBy(field => field.MetadataToken))
            {
                if (field.GetValue(owner) is Setting setting) yield return setting;
                else if (field.GetValue(owner) is SettingGroup group)
                    foreach (var inner in SettingsOf(group)) yield return inner;
            }
    }
}
