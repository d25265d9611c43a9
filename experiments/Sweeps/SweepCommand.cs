using System.CommandLine;
using TorchAlign.Experiments.Machines;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Settings;
using TorchAlign.Experiments.Sweeps.Gathering;
using TorchAlign.Experiments.Sweeps.Planning;
using TorchAlign.Experiments.Sweeps.Slurm;
using TorchAlign.Experiments.Sweeps.Studies;

namespace TorchAlign.Experiments.Sweeps;

/// <summary><c>sweep STUDY.yaml</c>, and <c>sweep status|resume|cancel|gather DIR</c> for what it began.</summary>
internal sealed class SweepCommand
{
    private const string Local = "local";
    private const string Slurm = "slurm";

    private readonly Argument<string> _study = Opt.Argument("study", "The study, a YAML file.", "STUDY.yaml");
    private readonly Argument<string> _folder = Opt.Argument("folder", "The folder of a sweep.", "DIR");

    private readonly Option<string?> _out = Opt.Maybe<string>(
        "--out", "The sweep's folder; runs that it holds are not made again. [runs/NAME]", "DIR");

    private readonly Option<string> _on = Opt.Choice("--on", "Where the runs are made.", Local, Slurm);

    private readonly Option<int> _jobs = Opt.Default(
        "--jobs", Environment.ProcessorCount, "On this machine: runs at a time, each with one thread unless the study says otherwise.",
        range: NumberRange.Threads);

    private readonly Option<string?> _device = Opt.Maybe<string>(
        "--device", "Where every run is computed: cpu, cuda or cuda:i, for a study that does not say. Networks of one shape on tensors "
        + "(--field torch, which a GPU takes), by descent or dopri5, are computed together.", "DEVICE");

    private readonly Option<string> _reports = Opt.Choice(
        "--reports", "Which runs get a report.html, most of what a run leaves on the disk; torchalign report DIR makes one later. "
        + "Kept in the sweep's plan.", [.. ReportChoice.Words]);

    private readonly Option<bool> _dryRun = Opt.Flag("--dry-run", "List the runs and their folders; start nothing, write nothing.");
    private readonly Option<bool> _retry = Opt.Flag("--retry", "Make failed runs again.");
    private readonly Option<bool> _json = Opt.Flag("--json", "Print JSON.");

    public Command Build()
    {
        var command = new Command("sweep", """
            Make all runs of a study, each once: an option's values in lists and ranges, their products, and seeds.

            Example: torchalign sweep experiments/studies/figure1.yaml --dry-run
            """) { _study, _out, _on, _jobs, _device, _reports, _dryRun, _retry, _json };
        command.SetAction((parsed, cancellation) => Task.FromResult(Sweep(parsed, cancellation)));
        command.Add(Resume());
        command.Add(OnFolder("status", "How far a sweep is, from its folder and from Slurm's queue.", "status runs/figure1",
            (folder, json, _) => SweepStatus.Print(folder, json)));
        command.Add(OnFolder("cancel", "Take a sweep out of Slurm's queue; what runs checkpoints, and resume goes on.",
            "cancel runs/figure1", (folder, json, _) => SweepRunner.Cancel(folder, json)));
        command.Add(OnFolder("gather", "Write sweep.csv and sweep.html anew from what the runs' folders hold.", "gather runs/figure1",
            (folder, json, _) => SweepGathering.Run(folder, json)));
        return command;
    }

    private Command Resume()
    {
        var command = new Command("resume", """
            Go on with a sweep: the runs that are neither done, failed nor under way.

            Example: torchalign sweep resume runs/figure1 --retry
            """) { _folder, _on, _jobs, _reports, _retry, _json };
        command.SetAction((parsed, cancellation) =>
        {
            var folder = SweepFolder.Open(parsed.GetRequiredValue(_folder));
            var plan = folder.ReadPlan();
            return Task.FromResult(
                Go(parsed, folder, folder.PathOf(SweepFolder.StudyFile), plan.StudyFolder, plan.Device, cancellation));
        });
        return command;
    }

    private Command OnFolder(string name, string what, string example, Func<SweepFolder, bool, CancellationToken, int> action)
    {
        var command = new Command(name, $"{what}\n\nExample: torchalign sweep {example}") { _folder, _json };
        command.SetAction((parsed, cancellation) => Task.FromResult(
            action(SweepFolder.Open(parsed.GetRequiredValue(_folder)), parsed.GetValue(_json), cancellation)));
        return command;
    }

    private int Sweep(ParseResult parsed, CancellationToken cancellation)
    {
        var file = parsed.GetRequiredValue(_study);
        return Go(parsed, null, file, Path.GetDirectoryName(Path.GetFullPath(file))!, parsed.GetValue(_device), cancellation);
    }

    private int Go(
        ParseResult parsed, SweepFolder? folder, string studyFile, string studyFolder, string? device, CancellationToken cancellation)
    {
        var jobs = parsed.GetValue(_jobs);
        var root = CommandLine.Root();
        var study = StudyReader.ReadFile(studyFile, root);
        if (device is not null) study = study.On(device, StudyOptions.Of(study.Command, root));
        folder ??= SweepFolder.At(parsed.GetValue(_out) ?? Path.Combine("runs", study.Name), study.Command);
        var text = File.ReadAllText(studyFile);
        // Paths in a study begin where the study lies, from whatever shell it is continued.
        Environment.CurrentDirectory = studyFolder;
        // What went to Slurm goes on there, unless it is told otherwise.
        var onSlurm = parsed.GetValue(_on) == Slurm || (!parsed.IsGiven(_on) && SlurmSweep.Began(folder));
        Scratch.Require();
        parsed.RefuseIdle((_jobs, !onSlurm, "where the runs are made here, and not on Slurm"));
        var plan = new SweepPlan
        {
            Name = study.Name,
            Command = study.Command,
            StudyFolder = studyFolder,
            Device = device,
            Reports = parsed.GetResult(_reports) is null or { Implicit: true } && folder.HasPlan
                ? folder.ReadPlan().Reports : parsed.GetValue(_reports)!,
            Build = ProgramVersions.Current.Build,
            // The node that submits may have no GPU.
            Runs = onSlurm ? DeviceChoice.ForAnotherMachine(Plan) : Plan(),
        };
        var sweep = new SweepRunner(folder, plan, (int)study.Count, parsed.GetValue(_json));
        if (parsed.GetResult(_dryRun) is not null && parsed.GetValue(_dryRun)) return sweep.List();
        return onSlurm
            ? sweep.Submit(text, study.Slurm, parsed.GetValue(_retry))
            : sweep.RunHere(text, jobs, parsed.GetValue(_retry), cancellation);

        IReadOnlyList<PlannedRun> Plan() => Planner.Plan(study, root, cancellation);
    }
}
