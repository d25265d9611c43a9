using System.ComponentModel;
using System.Diagnostics;

namespace TorchAlign.Experiments.Sweeps.Slurm;

/// <summary>Calls Slurm's own commands; what they complain about is shown whole, with a remedy where one is known.</summary>
internal static class SlurmTool
{
    private const string ManyJobs =
        "The queue takes fewer jobs than this: set slurm: runs_per_element in the study, so that an element makes several runs.";

    private const string NoController = "Slurm's controller does not answer (`scontrol ping`). Nothing is lost: call this again when it does.";

    /// <summary>What a message of Slurm contains, and what to do then.</summary>
    private static readonly (string Part, string Remedy)[] Remedies =
    [
        ("nvalid partition", "Set slurm: partition in the study to one that `sinfo` lists."),
        ("ime limit", "Set slurm: time in the study to no more than the partition's limit; `sinfo -o '%P %l'` lists them."),
        ("nvalid account", "Set slurm: options: account in the study; `sacctmgr show assoc user=$USER` lists yours."),
        ("nvalid qos", "Set slurm: options: qos in the study; `sacctmgr show qos` lists them."),
        ("node configuration", "No node has what the study asks for: lower slurm: memory or gpus, or take another partition "
            + "(`sinfo -o '%P %m %G'`)."),
        ("emory", "Set slurm: memory in the study to what a node has; `sinfo -o '%P %m'` lists it."),
        ("SubmitJob", ManyJobs),
        ("submit limit", ManyJobs),
        ("array", "Set slurm: runs_per_element in the study, so that the array has fewer elements."),
        ("gres", "Set slurm: gpus in the study to what nodes have; `sinfo -o '%P %G'` lists it."),
        ("contact", NoController),
        ("Connection refused", NoController),
        ("onfiguration source", "No Slurm is configured here: call this on a login node of the cluster, or set SLURM_CONF."),
    ];

    /// <summary>Runs a command and returns what it prints.</summary>
    /// <exception cref="CommandException">It is not there, or it failed.</exception>
    public static string Run(string command, params IReadOnlyList<string> arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode == 0) return output;
            throw Failed(command, arguments, $"{errors.Result.Trim()}\n{output.Trim()}".Trim(), process.ExitCode);
        }
        catch (Win32Exception)
        {
            throw new CommandException($"There is no Slurm on this machine: '{command}' is not on the PATH. "
                + "Call this on a login node of the cluster, or leave --on slurm away.");
        }
    }

    private static CommandException Failed(string command, IReadOnlyList<string> arguments, string said, int status)
    {
        var remedy = Remedies.Where(known => said.Contains(known.Part, StringComparison.Ordinal)).Select(known => "\n" + known.Remedy);
        return new CommandException(
            $"`{command} {string.Join(' ', arguments)}` ended with exit status {status}:\n{said}{remedy.FirstOrDefault()}");
    }
}
