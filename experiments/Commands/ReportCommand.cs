using System.CommandLine;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Papers;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Runs;
using TorchAlign.Experiments.Settings;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Commands;

/// <summary><c>report</c>: the page of a run, made again from its folder; of several runs, one page.</summary>
internal sealed class ReportCommand
{
    private readonly Argument<string[]> _folders = new("folders")
    {
        Description = "The folder of a run; several are laid over each other in one page.",
        HelpName = "DIR",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _out = Opt.Maybe<string>("--out", "Where the page goes. [the folder of the run]", "DIR");

    public Command Build()
    {
        var command = new Command("report", """
            Make the page of a run again from what its folder holds; of several runs of train or figure1, one page with all of them.

            Example: torchalign report runs/a runs/b --out runs/a-and-b
            """) { _folders, _out };
        command.SetAction((parsed, cancellation) => Task.FromResult(
            Run(parsed.GetRequiredValue(_folders), parsed.GetValue(_out), cancellation)));
        return command;
    }

    private static int Run(string[] folders, string? target, CancellationToken cancellation)
    {
        if (folders.Length > 1 && target is null)
            throw new CommandException("Runs that are laid over each other need a folder for their page: --out DIR.");
        var page = folders.Length == 1 && HasPage(folders[0])
            ? PageFile.Read(folders[0])
            : MaxMarginPage.From(Model(folders, cancellation));
        if (target is not null) Take(target);
        var files = Report.Write(target ?? folders[0], page);
        foreach (var warning in files.Warnings) Console.Error.WriteLine($"torchalign: {warning}");
        Console.Out.WriteLine($"Written to {files.Page}");
        return CommandLine.Success;
    }

    private static bool HasPage(string folder) => RunFolder.Read(folder) is not null && File.Exists(Path.Combine(folder, PageFile.Name));

    private static ReportModel Model(string[] folders, CancellationToken cancellation)
    {
        var whole = folders.Select(Path.GetFullPath).Select(Path.TrimEndingDirectorySeparator).ToArray();
        if (whole.Distinct().Count() < whole.Length) throw new CommandException("A run is named twice; each can be laid over others once.");
        // Those of two sweeps may have one name.
        var named = whole.Select(Path.GetFileName).Distinct().Count() == whole.Length;
        var runs = folders.Zip(whole, (folder, path) =>
            (Name: named ? Path.GetFileName(path) : folder, Model: ModelOf(folder, Recall(folder, cancellation)))).ToArray();
        return runs.Length == 1 ? runs[0].Model : Overlay.Of(runs);
    }

    /// <summary>What the run found out on its way, such as how far a fast-forward was off, stands in its summary alone.</summary>
    private static ReportModel ModelOf(string folder, ExperimentOutcome run) => run.ReportModel(
        interrupted: run.Networks.Count < run.Settings.Networks.Count || run.Networks.Any(network => !network.Run.HasEnded)) with
    {
        Facts = new EarlierRun(folder, RunFolder.Read(folder)).Facts(),
    };

    private static ExperimentOutcome Recall(string folder, CancellationToken cancellation)
    {
        var run = new EarlierRun(folder, RunFolder.Read(folder));
        if (HasPage(folder) || !run.Record.Configuration.ContainsKey("networks"))
            throw new CommandException(HasPage(folder)
                ? $"The run in '{folder}' is one of '{run.Record.Command}'; only runs of train and figure1 are laid over each other."
                : $"The page of '{folder}' cannot be made: it has no {PageFile.Name}, with which runs of "
                    + $"'{run.Record.Command ?? run.Record.CommandLine.ElementAtOrDefault(1)}' keep their words and tables.");
        var settings = run.Settings();
        if (settings.Task is not null)
            throw new CommandException($"The run in '{folder}' is one of --task {settings.Task.Name}, whose page is not there; only runs of "
                + "one output are made again and laid over each other.");
        Func<RunSettings, Output, Keeping, LinearExperiment> experiment = run.Record.Command == Figure1.Name
            ? Figure1.Experiment : TrainCommand.OfOneOutput;
        return experiment(settings, new Output(folder, replace: false, json: false), new Keeping(TimeSpan.Zero, run))
            .Recall(cancellation);
    }

    /// <summary>Makes the folder of a page, unless it is somebody else's.</summary>
    private static void Take(string target)
    {
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()
            && (!File.Exists(Path.Combine(target, RunFolder.ReportFile)) || File.Exists(Path.Combine(target, RunFolder.DescriptionFile)))))
            throw new CommandException($"'{target}' is there already and holds no page alone. Choose another folder with --out.");
        try
        {
            Directory.CreateDirectory(target);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"Cannot make the folder '{target}': {error.Message}");
        }
    }
}
