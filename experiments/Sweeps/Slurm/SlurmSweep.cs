using System.Globalization;
using System.Text.RegularExpressions;
using TorchAlign.Experiments.Sweeps.Planning;
using TorchAlign.Experiments.Sweeps.Studies;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Sweeps.Slurm;

/// <summary>Hands runs to Slurm, and takes them back.</summary>
internal static partial class SlurmSweep
{
    public static bool Began(SweepFolder folder) => Directory.Exists(folder.PathOf("slurm"));

    /// <summary>Submits the runs that are not in the queue, as an array and a job that gathers.</summary>
    /// <param name="open">Runs that are neither done nor failed.</param>
    /// <param name="largestArray">See <see cref="LargestArray"/>.</param>
    /// <exception cref="CommandException">Slurm refuses; the scripts stay, to be looked at and submitted by hand.</exception>
    public static void Submit(
        SweepFolder folder, IReadOnlyList<PlannedRun> open, SlurmSettings settings, int largestArray, TextWriter output)
    {
        var queue = SlurmQueue.Read(folder);
        var held = queue.Where(element => element.IsHeld).ToArray();
        foreach (var element in held) SlurmTool.Run("scontrol", "release", element.Job);
        if (held.Length > 0) output.WriteLine($"{held.Length} elements that Slurm held back after their node failed them are released.");
        var queued = queue.SelectMany(element => element.Runs).ToHashSet();
        PlannedRun[] runs = [.. open.Where(run => !queued.Contains(run.Hash)
            // It may have ended since its folder was looked at, and left the queue for that.
            && RunStates.Of(folder.RunFolder(run)) is RunState.Waiting or RunState.Unfinished)];
        if (queued.Count > 0)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{queued.Count:N0} runs are in the queue already."));
        if (runs.Length == 0)
        {
            output.WriteLine("Nothing to submit.");
            return;
        }
        var chunk = Math.Max(settings.RunsPerElement, (runs.Length + largestArray - 1) / largestArray);
        var elements = runs.Chunk(chunk).ToArray();
        var submission = Submission.Next(folder);
        RecordScripts(folder, submission, settings, runs.Length, elements);
        var job = Submitted(SlurmTool.Run("sbatch", "--parsable", submission.ArrayScript));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{runs.Length:N0} runs submitted as job {job}, {elements.Length:N0} elements of {chunk:N0}: {submission.ArrayScript}"));
        var gather = Submitted(SlurmTool.Run("sbatch", "--parsable", $"--dependency=afterany:{job}", submission.GatherScript));
        output.WriteLine($"Job {gather} gathers them at the end. Meanwhile: torchalign sweep status {folder.Path}");
    }

    /// <summary>Takes all jobs of a sweep out of the queue.</summary>
    /// <returns>How many elements that were.</returns>
    public static int Cancel(SweepFolder folder)
    {
        var jobs = SlurmQueue.Read(folder);
        // An array goes as a whole: its elements may be thousands.
        string[] ids = [.. jobs.Select(job => job.Job.Split('_')[0]).Distinct()];
        if (ids.Length > 0) SlurmTool.Run("scancel", ids);
        return jobs.Count(job => job.Runs.Count > 0);
    }

    private static void RecordScripts(
        SweepFolder folder, Submission submission, SlurmSettings settings, int runs, IReadOnlyList<PlannedRun[]> elements)
    {
        Directory.CreateDirectory(submission.LogFolder);
        var lines = elements.Select(element => string.Join(' ', element.Select(run => run.Hash)) + "\n");
        AtomicFile.Write(submission.ElementsFile, string.Concat(lines));
        AtomicFile.Write(submission.ArrayScript, SlurmScripts.Array(folder, submission, settings, runs, elements.Count));
        AtomicFile.Write(submission.GatherScript, SlurmScripts.Gather(folder, submission, settings));
    }

    /// <summary>The cluster's MaxArraySize; asked before anything is written, because it shows whether there is a cluster.</summary>
    /// <exception cref="CommandException">There is none, or it does not take this folder.</exception>
    public static int LargestArray(SweepFolder folder)
    {
        if (folder.Path.Any(letter => char.IsControl(letter) || letter is '"' or '%' or '\\'))
            throw new CommandException($"Slurm cannot write logs to '{folder.Path}': give --out a path without quotes, '%' and '\\'.");
        var match = ArraySize().Match(SlurmTool.Run("scontrol", "show", "config"));
        return match.Success ? Math.Max(1, int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)) : 1001;
    }

    /// <summary>The job's number; a cluster of several names itself after a semicolon.</summary>
    private static string Submitted(string answer) => answer.Trim().Split(';')[0];

    [GeneratedRegex(@"MaxArraySize\s*=\s*(\d+)")]
    private static partial Regex ArraySize();
}
