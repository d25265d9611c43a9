using System.Globalization;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Sweeps.Gathering;
using TorchAlign.Experiments.Sweeps.Local;
using TorchAlign.Experiments.Sweeps.Planning;
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

    public int RunHere(string studyText, int jobs, bool retry, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder.Path);
        using var held = folder.Lock();
        plan = folder.Save(plan, studyText);
        if (VegaAssets.Find() is { } assets) PageScripts.Share(assets, folder.Path);
        var states = plan.Runs.ToDictionary(run => run, run => RunStates.Of(folder.RunFolder(run)));
        foreach (var run in plan.Runs.Where(run => retry && states[run] == RunState.Failed))
        {
            RunStates.Forgive(folder.RunFolder(run));
            states[run] = RunStates.Of(folder.RunFolder(run));
        }
        PlannedRun[] open = [.. plan.Runs.Where(run => states[run] is RunState.Waiting or RunState.Unfinished)];
        if (!json) Console.Error.WriteLine($"torchalign: {Counts()}, {states.Values.Count(state => state == RunState.Done):N0} done before.");
        var progress = new SweepProgress(plan.Runs.Count, states.Values.Count(state => state == RunState.Done), jobs);
        new LocalSweep(folder, plan, jobs).Run(open, progress, cancellation);
        var status = SweepGathering.Run(folder, plan, json, new SweepEffort(progress.Made, progress.Seconds, progress.OwnSeconds, jobs));
        return cancellation.IsCancellationRequested ? CommandLine.Interrupted : status;
    }

    private string Counts()
    {
        var counts = string.Create(CultureInfo.InvariantCulture, $"{plan.Name}: {plan.Runs.Count:N0} runs");
        return points == plan.Runs.Count ? counts : string.Create(CultureInfo.InvariantCulture,
            $"{counts} ({points:N0} points of the study; those of one configuration are one run)");
    }
}
