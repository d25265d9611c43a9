using System.Globalization;
using TorchAlign.Experiments.Sweeps.Planning;

namespace TorchAlign.Experiments.Sweeps.Slurm;

/// <summary>A job of a sweep in Slurm's queue.</summary>
/// <param name="Job">As scancel takes it: 17, or 17_3 for an element of an array.</param>
/// <param name="State">Slurm's word: PENDING, RUNNING, COMPLETING, ...</param>
/// <param name="Reason">Why it waits.</param>
/// <param name="Runs">Hashes of the runs it makes; none for the job that gathers.</param>
internal sealed record QueuedJob(string Job, string State, string Reason, IReadOnlyList<string> Runs)
{
    /// <summary>Whether Slurm keeps an element back because its node lost it or did not launch it; somebody has to release it.</summary>
    public bool IsHeld => State == "PENDING" && Reason.Contains("requeued held", StringComparison.OrdinalIgnoreCase);
}

/// <summary>
/// What of a sweep is in Slurm's queue. Nothing is remembered between calls: the jobs bear a name made of the sweep's folder, so one
/// submitted by hand is found like any other.
/// </summary>
internal static class SlurmQueue
{
    /// <summary>States of jobs that have ended, which the queue shows for a while.</summary>
    private static readonly string[] Ended =
        ["BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "REVOKED", "TIMEOUT"];

    /// <summary>The jobs of a sweep that wait or run.</summary>
    /// <exception cref="CommandException">Slurm does not answer.</exception>
    public static IReadOnlyList<QueuedJob> Read(SweepFolder folder)
    {
        var jobs = new List<QueuedJob>();
        foreach (var line in SlurmTool.Run("squeue", "--me", "--noheader", "--array", "--format=%j|%i|%T|%r").Split('\n'))
        {
            // The reason comes last, because it is free text.
            if (line.Trim().Split('|', 4) is not [var name, var job, var state, var reason] || Ended.Contains(state)) continue;
            if (Submission.Named(folder, name) is not { } submission) continue;
            var index = job.Split('_') is [_, var text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var k)
                ? k
                : -1;
            jobs.Add(new QueuedJob(job, state, reason, index < 0 ? [] : submission.RunsOf(index)));
        }
        return jobs;
    }
}
