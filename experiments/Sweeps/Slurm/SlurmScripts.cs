using System.Globalization;
using System.Text;
using TorchAlign.Experiments.Sweeps.Planning;
using TorchAlign.Experiments.Sweeps.Studies;

namespace TorchAlign.Experiments.Sweeps.Slurm;

/// <summary>The scripts of a submission, to be read and, if one likes, submitted by hand.</summary>
internal static class SlurmScripts
{
    /// <summary>What a job inherits where it is submitted from another shell than this one.</summary>
    private static readonly string[] Inherited = ["DOTNET_ROOT", "TORCHALIGN_LIBTORCH", "TORCHALIGN_VEGA"];

    public static string Array(SweepFolder folder, Submission submission, SlurmSettings settings, int runs, int elements)
    {
        var script = new StringBuilder();
        script.Append($"""
            #!/bin/bash
            # {runs} runs of the sweep in {folder.Path}, as {elements} elements of a job array. To submit it by hand:
            #     sbatch {Quote(submission.ArrayScript)}
            # and for the table and the page, when it has ended:
            #     sbatch --dependency=afterany:JOB {Quote(submission.GatherScript)}
            # Runs that are done are not made again.
            #SBATCH --job-name={submission.JobName}
            #SBATCH --array=0-{elements - 1}{(settings.Throttle is { } throttle ? $"%{throttle}" : "")}
            #SBATCH --output="{Path.Combine(submission.LogFolder, "%a.log")}"
            #SBATCH --open-mode=append
            #SBATCH --requeue
            #SBATCH --signal=B:TERM@{SlurmReader.Notice}

            """);
        if (settings.Time is { } time) script.Append($"#SBATCH --time={time}\n");
        if (settings.Memory is { } memory) script.Append($"#SBATCH --mem={memory}\n");
        if (settings.Gpus is { } gpus) script.Append($"#SBATCH --gpus={gpus}\n");
        Common(script, settings);
        script.Append($$"""

            # Near the time limit, and before a preemption, Slurm signals this shell, which passes it on: the run checkpoints.
            told=0
            trap 'told=$((told + 1)); kill -TERM "$program" 2> /dev/null' TERM
            {{Program([SlurmElement.Name, folder.Path, submission.Number.ToString(CultureInfo.InvariantCulture)])}} "$SLURM_ARRAY_TASK_ID" &
            program=$!
            # A signal ends the wait, not the program.
            before=''
            while [ "$told" != "$before" ]; do before=$told; wait "$program"; status=$?; done

            # Stopped in the middle: back into the queue, unless somebody cancelled the job.
            if [ "$told" -gt 0 ] && [ "$status" -gt 128 ] &&
                scontrol --oneliner show job "$SLURM_JOB_ID" | grep -q ' JobState=RUNNING '; then
                echo "Back into the queue."
                scontrol requeue "$SLURM_JOB_ID"
            fi
            exit "$status"

            """);
        return script.ToString();
    }

    public static string Gather(SweepFolder folder, Submission submission, SlurmSettings settings)
    {
        var script = new StringBuilder($"""
            #!/bin/bash
            # Gathers the runs of the sweep in {folder.Path} into sweep.csv and sweep.html.
            #SBATCH --job-name={submission.JobName}
            #SBATCH --output="{Path.Combine(submission.LogFolder, "gather.log")}"

            """);
        Common(script, settings);
        return script.Append($"\nexec {Program(["sweep", "gather", folder.Path])}\n").ToString();
    }

    private static void Common(StringBuilder script, SlurmSettings settings)
    {
        if (settings.Partition is { } partition) script.Append($"#SBATCH --partition={partition}\n");
        foreach (var (name, value) in settings.Options) script.Append($"#SBATCH --{name}{(value.Length > 0 ? "=" + value : "")}\n");
        script.Append('\n');
        foreach (var name in Inherited)
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value) script.Append($"export {name}={Quote(value)}\n");
        foreach (var line in settings.Environment) script.Append(line).Append('\n');
    }

    private static string Program(IEnumerable<string> arguments) => string.Join(' ', OwnProgram.Words.Concat(arguments).Select(Quote));

    /// <summary>A word as a shell reads it back.</summary>
    private static string Quote(string word) => $"'{word.Replace("'", "'\\''")}'";
}
