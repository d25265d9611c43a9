using System.CommandLine;
using TorchAlign.Experiments.Commands;
using TorchAlign.Experiments.Runs;
using TorchAlign.Experiments.Settings;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Sweeps.Planning;

/// <summary>
/// Which runs of a sweep are made together: those of <c>train</c> on the field on tensors, by descent or by dopri5, whose networks and loss
/// agree, and so do kind of step rule or clock and tolerance, become one batched problem, which costs a device little more than one of
/// them. Runs on other fields are made one by one: on the CPU the fused field makes small networks faster than any batch of tensors.
/// </summary>
internal static class RunBatches
{
    /// <summary>Each run under way holds two open files and its observations.</summary>
    private const int Largest = 1000;

    /// <summary>The runs in batches, in order of their first runs.</summary>
    /// <param name="runs">Of one command.</param>
    /// <param name="command">Its words.</param>
    /// <param name="jobs">Batches at a time. On the CPU, runs that could be one batch are shared out among them; a GPU takes them as one,
    /// for several processes would only wait for each other there.</param>
    public static IReadOnlyList<IReadOnlyList<PlannedRun>> Of(IReadOnlyList<PlannedRun> runs, IReadOnlyList<string> command, int jobs)
    {
        if (!command.SequenceEqual([TrainCommand.Name])) return [.. runs.Select(run => new[] { run })];
        var train = new TrainCommand();
        var root = new Command("torchalign") { train.Build() };
        return
        [
            .. runs.GroupBy(run => SettingsOf(train, root, run) is { } settings && KeyOf(settings) is { } key
                    ? (Key: key, Shares: settings.Method.Device == "cpu" ? jobs : 1)
                    : (Key: run.Hash, Shares: 1))
                .SelectMany(group => group.Chunk(Math.Min((group.Count() + group.Key.Shares - 1) / group.Key.Shares, Largest))),
        ];
    }

    /// <summary>What becomes of runs that cannot be made together, because memory is short or one of them is bad: two halves.</summary>
    public static IReadOnlyList<IReadOnlyList<T>> Halves<T>(IReadOnlyList<T> runs) => [.. runs.Chunk((runs.Count + 1) / 2)];

    /// <summary>Equal for runs that can be made together; null for one that cannot.</summary>
    internal static string? KeyOf(RunSettings settings) =>
        settings is { Method: { Field: "torch", FastForward: false } method, Stop.Seconds: null }
        && (method.Method == "descent" || method.Stepper == "dopri5")
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

    /// <summary>What the run computes; null for what the run itself will complain about.</summary>
    private static RunSettings? SettingsOf(TrainCommand train, Command root, PlannedRun run)
    {
        try
        {
            return train.Experiment(root.Parse([.. run.Arguments]))?.Settings;
        }
        catch (CommandException)
        {
            return null;
        }
    }
}
