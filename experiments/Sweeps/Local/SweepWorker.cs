using System.Collections.Concurrent;
using System.CommandLine;
using System.Net.Sockets;
using System.Text.Json;

namespace TorchAlign.Experiments.Sweeps.Local;

/// <summary>
/// <c>sweep-worker</c>, for sweeps alone: makes runs, alone or together, as told line by line on standard input, and answers each run with
/// a line on a socket of its sweep: what libraries print to standard output is no answer. The end of its input, which comes with the end of
/// its sweep in whatever way, stops the run at hand.
/// </summary>
internal static class SweepWorker
{
    public const string Name = "sweep-worker";

    /// <summary>Says how a run ended, by its index among those that were asked for together.</summary>
    public sealed record Answer(int Index, RunOutcome Outcome);

    public static Command Build()
    {
        var socket = new Argument<string>("socket") { Description = "The Unix domain socket on which the sweep listens." };
        var command = new Command(Name, "Makes the runs of a sweep that started it.") { socket };
        command.Hidden = true;
        command.SetAction((parsed, cancellation) => Run(parsed.GetRequiredValue(socket), cancellation));
        return command;
    }

    private static async Task<int> Run(string path, CancellationToken cancellation)
    {
        // What the commands print is for people who call them.
        Console.SetOut(TextWriter.Null);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var orders = new BlockingCollection<RunOrder[]>();
        new Thread(() => Listen(orders, stop)) { IsBackground = true, Name = "orders" }.Start();
        var root = CommandLine.Root();
        try
        {
            // The connection says that the worker is ready.
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop.Token);
            await using var answers = new StreamWriter(new NetworkStream(socket)) { AutoFlush = true };
            foreach (var order in orders.GetConsumingEnumerable(stop.Token))
                await RunStart.Execute(
                    root, order, (i, outcome) => answers.WriteLine(JsonSerializer.Serialize(new Answer(i, outcome))), stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Told to stop between two runs.
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            // The sweep is gone and nobody reads the answer; the run's folder has it.
        }
        return stop.IsCancellationRequested ? CommandLine.Interrupted : CommandLine.Success;
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
        Interruption.LeaveSoon();
    }
}
