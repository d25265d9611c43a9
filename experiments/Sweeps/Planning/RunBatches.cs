using System.CommandLine;
using TorchAlign.Experiments.Commands;
using TorchAlign.Experiments.Runs;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Sweeps.Planning;

/// <summary>
/// Which runs of a sweep are made together: those of <c>train</c> by descent on the field on tensors whose networks, loss and kind of
/// step rule agree become one batched problem, which costs a device little more than one of them. Runs on other fields are made one by
/// one: on the CPU the fused field makes small networks faster than any batch of tensors.
/// </summary>
internal static class RunBatches
{
    /// <summary>Each run under way holds two open files and its observations.</summary>
    private const int Largest = 1000;

    /// <summary>The runs in batches, in order of their first runs.</summary>
    /// <param name="runs">Of one command.</param>
    /// <param name="command">Its words.</param>
    /// <param name="jobs">Batches at a time; runs that could be one batch are shared out among them.</param>
    public static IReadOnlyList<IReadOnlyList<PlannedRun>> Of(IReadOnlyList<PlannedRun> runs, IReadOnlyList<string> command, int jobs)
    {
        if (!command.SequenceEqual([TrainCommand.Name])) return [.. runs.Select(run => new[] { run })];
        var train = new TrainCommand();
        var root = new Command("torchalign") { train.Build() };
        return
        [
            .. runs.GroupBy(run => KeyOf(train, root, run) ?? run.Hash)
                .SelectMany(group => group.Chunk(Math.Clamp((group.Count() + jobs - 1) / jobs, 1, Largest))),
        ];
    }

    /// <summary>Equal for runs that can be made together; null for one that cannot.</summary>
    internal static string? KeyOf(RunSettings settings) =>
        settings is { Method: { Method: "descent", Field: "torch" } method, Stop.Seconds: null }
            ? RecordJson.Serialize(new
            {
                Hidden = settings.Networks.Select(network => network.Hidden),
                settings.Data.Source,
                settings.Data.Points,
                settings.Data.Dimension,
                settings.Loss,
                // Each network may have a step of its own.
                Method = method with { Step = 0 },
            })
            : null;

    private static string? KeyOf(TrainCommand train, Command root, PlannedRun run)
    {
        try
        {
            return train.Experiment(root.Parse([.. run.Arguments])) is { } experiment ? KeyOf(experiment.Settings) : null;
        }
        catch (CommandException)
        {
            // The run itself will say what is wrong.
            return null;
        }
    }
}
