using System.Collections.Concurrent;
using System.CommandLine;
using System.Text.Json;

namespace TorchAlign.Experiments.Sweeps.Local;

/// <summary>
/// <c>sweep-worker</c>, for sweeps alone: makes one run after the other, as told line by line on standard input, and answers each with
/// a line on standard output. The end of its input, which comes with the end of its sweep in whatever way, stops the run at hand.
/// </summary>
internal static class SweepWorker
{
    public const string Name = "sweep-worker";

    /// <summary>Asks for a run.</summary>
    public sealed record Order(IReadOnlyList<string> Arguments, string Folder);

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
        using var orders = new BlockingCollection<Order>();
        new Thread(() => Listen(orders, stop)) { IsBackground = true, Name = "orders" }.Start();
        var root = CommandLine.Root();
        await answers.WriteLineAsync(Ready);
        try
        {
            foreach (var order in orders.GetConsumingEnumerable(stop.Token))
            {
                var outcome = await RunStart.Execute(root, order.Arguments, order.Folder, stop.Token);
                await answers.WriteLineAsync(JsonSerializer.Serialize(outcome));
            }
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
    }

    private static void Listen(BlockingCollection<Order> orders, CancellationTokenSource stop)
    {
        using var input = new StreamReader(Console.OpenStandardInput());
        while (input.ReadLine() is { } line) orders.Add(JsonSerializer.Deserialize<Order>(line)!);
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
