using System.CommandLine;
using TorchAlign.Experiments.Settings;

namespace TorchAlign.Experiments.Options;

/// <summary>The options every run has: seed, folder, machine output, and how and where the flow or descent is computed.</summary>
/// <param name="defaultSeed">Unless the user gives one.</param>
/// <param name="onDevice">For the help of --device: what it is that runs there.</param>
/// <param name="defaultThreads">Unless the user gives a number; null for all cores.</param>
internal sealed class RunOptions(int defaultSeed, string onDevice, int? defaultThreads = null)
{
    public Option<int> Seed { get; } = Opt.Default("--seed", defaultSeed, "Seed of generated data and starts.");

    public Option<string?> Out { get; } = Opt.Maybe<string>("--out", "The run's folder. [runs/NAME-seedN]", "DIR");

    public Option<bool> Replace { get; } = Opt.Flag("--replace", "Replace a finished run in that folder.");

    public Option<bool> Json { get; } = Opt.Flag("--json", "Print summary.json, and nothing else, to standard output.");

    /// <summary>Ends a command where its run would begin; a sweep asks every run of a study this before it starts one.</summary>
    public Option<bool> Describe { get; } = Opt.Flag(
        "--describe", "Print as JSON what would run (every option in force, the data and their hash), and run nothing.");

    public Option<int> Threads { get; } = Opt.Default(
        "--threads", defaultThreads ?? Environment.ProcessorCount, "Threads of torch and of the fused field.");

    public Option<string> Device { get; } = Opt.Default("--device", "cpu", $"{onDevice}: cpu, cuda or cuda:i.", "DEVICE");

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[Seed, Out, Replace, Json, Describe, Threads, Device]) command.Add(option);
    }

    public int ThreadsOf(ParseResult parsed) => ThreadCount.Require(parsed.GetValue(Threads));
}
