using System.Globalization;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Sweeps.Gathering;
using TorchAlign.Experiments.Sweeps.Local;
using TorchAlign.Experiments.Sweeps.Planning;
using TorchAlign.Experiments.Sweeps.Slurm;
using TorchAlign.Experiments.Sweeps.Studies;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Sweeps;

/// <summary>What <c>sweep</c> does with a plan: lists it, or makes its runs on this machine and gathers them.</summary>
/// <param name="points">Points of the study; more than the plan has runs where several have one configuration.</param>
internal sealed class SweepRunner(SweepFolder folder, SweepPlan plan, int points, bool json)
{
    /// <summary>The runs, their folders and their states; nothing is written.</summary>
    public int List()
    {
        var runs = plan.Runs.Select(run => (Run: run, State: RunStates.Of(folder.RunFolder(run)))).ToArray();
        if (json)
        {
            Console.Out.Write(RecordJson.Serialize(new
            {
                plan.Name,
                folder = folder.Path,
                points,
                runs = runs.Select(run => new { run.Run.Settings, run.State, folder = folder.RunFolder(run.Run), run.Run.Arguments }),
            }));
            return CommandLine.Success;
        }
        foreach (var (run, state) in runs)
            Console.Out.WriteLine($"{folder.RunFolder(run)}  {SweepTable.StateName(state),-10}  {string.Join(' ', run.Arguments)}");
        Console.Out.WriteLine(Counts());
        return CommandLine.Success;
    }

    /// <summary>Makes the runs that are open in worker processes of this machine, and gathers.</summary>
    public int RunHere(string studyText, int jobs, bool retry, CancellationToken cancellation)
    {
        using var held = Begin(studyText);
        Interruption.GoesOnWith($"sweep resume {folder.Path}", () => true);
        var open = Open(retry);
        var before = plan.Runs.Count(run => RunStates.Of(folder.RunFolder(run)) == RunState.Done);
        if (!json)
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"torchalign: {Counts()}, {before:N0} done before."));
        var progress = new SweepProgress(plan.Runs.Count, before, open.Length, jobs);
        new LocalSweep(folder, plan, jobs).Run(open, progress, cancellation);
        var status = SweepGathering.Run(folder, plan, json, new SweepEffort(progress.Made, progress.Seconds, progress.OwnSeconds, jobs));
        cancellation.ThrowIfCancellationRequested();
        return status;
    }

    /// <summary>Hands the runs that are open, and not in its queue, to Slurm.</summary>
    public int Submit(string studyText, SlurmSettings settings, bool retry)
    {
        var largestArray = SlurmSweep.LargestArray(folder);
        using var held = Begin(studyText);
        var output = json ? Console.Error : Console.Out;
        output.WriteLine(Counts());
        OwnProgram.KeepFor(folder.Path);
        SlurmSweep.Submit(folder, Open(retry), settings, largestArray, output);
        return json ? SweepStatus.Print(folder, json) : CommandLine.Success;
    }

    public static int Cancel(SweepFolder folder, bool json)
    {
        using var held = folder.Lock();
        var elements = SlurmSweep.Cancel(folder);
        if (json) return SweepStatus.Print(folder, json);
        Console.Out.WriteLine($"{elements} elements cancelled. To go on: torchalign sweep resume {folder.Path}");
        return CommandLine.Success;
    }

    private FileStream Begin(string studyText)
    {
        try
        {
            Directory.CreateDirectory(folder.Path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RecordingException($"Cannot make the folder '{folder.Path}': {error.Message} Choose another one with --out.", error);
        }
        var held = folder.Lock();
        plan = folder.Save(plan, studyText);
        if (RunBuilds.Others(folder, plan) is { } note) Console.Error.WriteLine($"torchalign: {note}");
        if (plan.Reports != ReportChoice.None && VegaAssets.Find() is { } assets) PageScripts.Share(assets, folder.Path);
        return held;
    }

    /// <summary>
    /// The runs of the study that are to be made; with <paramref name="retry"/> failed ones are, and lose their mark. What diverged or
    /// missed would come out the same.
    /// </summary>
    private PlannedRun[] Open(bool retry)
    {
        foreach (var run in plan.Runs.Where(run => retry && RunStates.Of(folder.RunFolder(run)) == RunState.Failed))
            RunStates.Forgive(folder.RunFolder(run));
        return [.. plan.Runs.Where(run => RunStates.Of(folder.RunFolder(run)) is RunState.Waiting or RunState.Unfinished)];
    }

    private string Counts()
    {
        var counts = string.Create(CultureInfo.InvariantCulture, $"{plan.Name}: {plan.Runs.Count:N0} runs");
        return points == plan.Runs.Count ? counts : string.Create(CultureInfo.InvariantCulture,
            $"{counts} ({points:N0} points of the study; those of one configuration are one run)");
    }
}
