using System.CommandLine;

namespace TorchAlign.Experiments.Commands;

/// <summary>The options every run has: seed, folder, machine output, and how the flow or descent is computed.</summary>
internal sealed class RunOptions(int defaultSeed)
{
    public Option<int> Seed { get; } = new("--seed")
    {
        Description = "Seed of generated data and starts.",
        DefaultValueFactory = _ => defaultSeed,
    };

    public Option<string?> Out { get; } = new("--out")
    {
        Description = "The run's folder. [runs/NAME-seedN]",
        HelpName = "DIR",
    };

    public Option<bool> Replace { get; } = new("--replace") { Description = "Replace a finished run in that folder." };

    public Option<bool> Json { get; } = new("--json") { Description = "Print summary.json, and nothing else, to standard output." };

    public Option<int> Threads { get; } = new("--threads")
    {
        Description = "Threads of torch and of the fused field.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[Seed, Out, Replace, Json, Threads]) command.Add(option);
    }

    public int ThreadsOf(ParseResult parsed)
    {
        var threads = parsed.GetValue(Threads);
        return threads >= 1 ? threads : throw new CommandException($"--threads must be at least 1; got {threads}.");
    }
}
