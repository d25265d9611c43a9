using System.Collections.Concurrent;
using System.CommandLine;
using System.Text.Json;

namespace TorchAlign.Experiments.Sweeps.Local;

/// <summary>
/// <c>sweep-worker</c>, for sweeps alone: makes runs, alone or together, as told line by line on standard input, and answers each run with
/// a line on standard output. The end of its input, which comes with the end of its sweep in whatever way, stops the run at hand.
/// </summary>
internal static class SweepWorker
{
    public const string Name = "sweep-worker";

    /// <summary>Says how a run ended, by its index among those that were asked for together.</summary>
    public sealed record Answer(int Index, RunOutcome Outcome);

    /// <summary>The first line of a worker.</summary>
    public const string Ready = "ready";

    public static Command Build()
    {
        var command = new Command(Name, "Makes the runs of a sweep that started it.") { Hidden = true };
        command.SetAction((_, cancellation) => Run(cancellation));
        return command;
    }

    private static async Task<int> Run(CancellationToken cancellation)
    {
        var answers = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        // What the commands print is for people who call them.
        Console.SetOut(TextWriter.Null);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var orders = new BlockingCollection<RunOrder[]>();
        new Thread(() => Listen(orders, stop)) { IsBackground = true, Name = "orders" }.Start();
        var root = CommandLine.Root();
        await answers.WriteLineAsync(Ready);
        try
        {
            foreach (var order in orders.GetConsumingEnumerable(stop.Token))
                await RunStart.Execute(root, order, Tell, stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Told to stop between two runs.
        }
        catch (IOException)
        {
            // The sweep is gone and nobody reads the answer; the run's folder has it.
        }
        return stop.IsCancellationRequested ? CommandLine.Interrupted : CommandLine.Success;

        void Tell(int index, RunOutcome outcome) => answers.WriteLine(JsonSerializer.Serialize(new Answer(index, outcome)));
    }

    private static void Listen(BlockingCollection<RunOrder[]> orders, CancellationTokenSource stop)
    {
        using var input = new StreamReader(Console.OpenStandardInput());
        while (input.ReadLine() is { } line) orders.Add(JsonSerializer.Deserialize<RunOrder[]>(line)!);
        try
        {
            stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Over already.
        }
    }
}
