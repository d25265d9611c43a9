using System.Globalization;
using TorchAlign.Experiments.Sweeps.Gathering;
using TorchAlign.Experiments.Sweeps.Planning;
using TorchAlign.Experiments.Sweeps.Slurm;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Sweeps;

/// <summary>How far a sweep is: what its folders say, held against Slurm's queue where it was submitted there.</summary>
internal static class SweepStatus
{
    private const int Listed = 10;

    public static int Print(SweepFolder folder, bool json)
    {
        var plan = folder.ReadPlan();
        // The queue first: a run that ends in between is then found done.
        var queue = SlurmSweep.Began(folder) ? SlurmQueue.Read(folder) : [];
        var queued = queue.SelectMany(job => job.Runs.Select(run => (run, job))).ToLookup(pair => pair.run, pair => pair.job);
        var groups = plan.Runs.GroupBy(run => Word(folder, run, [.. queued[run.Hash]]))
            .ToDictionary(group => group.Key, group => group.ToArray());
        if (json)
        {
            Console.Out.Write(RecordJson.Serialize(new
            {
                plan.Name,
                folder = folder.Path,
                runs = groups.ToDictionary(group => group.Key, group => group.Value.Length),
                jobs = queue.Select(job => new { job.Job, job.State, job.Reason, job.Runs }),
            }));
            return CommandLine.Success;
        }
        Console.Out.WriteLine($"{plan.Name}: " + string.Join(", ",
            groups.Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Value.Length:N0} {group.Key}"))));
        foreach (var reasons in queue.Where(job => job.State == "PENDING").GroupBy(job => job.Reason))
            Console.Out.WriteLine($"waiting in the queue for {reasons.Key}: {reasons.Count()} jobs");
        foreach (var state in (RunState[])[RunState.Failed, RunState.Diverged, RunState.Missed])
            foreach (var run in groups.GetValueOrDefault(SweepTable.StateName(state), []).Take(Listed))
                Console.Out.WriteLine($"{SweepTable.StateName(state)}: {string.Join(' ', run.Arguments)}\n    "
                    + RunStates.CauseOf(folder.RunFolder(run), state));
        if (groups.ContainsKey("lost") || groups.ContainsKey("held") || groups.ContainsKey("waiting") || groups.ContainsKey("unfinished"))
            Console.Out.WriteLine($"To go on: torchalign sweep resume {folder.Path}");
        return CommandLine.Success;
    }

    private static string Word(SweepFolder folder, PlannedRun run, IReadOnlyList<QueuedJob> jobs)
    {
        var path = folder.RunFolder(run);
        var state = RunStates.Of(path);
        if (state == RunState.Failed || state.IsWhole()) return SweepTable.StateName(state);
        if (jobs.Any(job => job.IsHeld)) return "held";
        if (jobs.Count > 0) return jobs.Any(job => job.State != "PENDING") ? "running" : "queued";
        if (RunStart.IsHeld(path)) return "running";
        // Begun, and neither Slurm nor a process of this machine has it.
        return state == RunState.Unfinished && SlurmSweep.Began(folder) ? "lost" : SweepTable.StateName(state);
    }
}
