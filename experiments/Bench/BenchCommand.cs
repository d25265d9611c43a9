using System.CommandLine;
using System.Diagnostics;

namespace TorchAlign.Experiments.Bench;

/// <summary><c>bench</c>: ours and the Python twin, measured in turn.</summary>
internal sealed class BenchCommand
{
    private const long Steps = 20_000_000;
    private const long LongSteps = 100_000_000;

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON, and nothing else, to standard output." };

    private readonly Option<string[]> _cases = new("--case")
    {
        Description = $"What to measure: {string.Join(", ", BenchRun.CaseNames)}. [all]",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int> _rounds = new("--rounds") { Description = "Rounds of each measurement.", DefaultValueFactory = _ => 5 };

    private readonly Option<int> _threads = new("--threads")
    {
        Description = "Threads, on both sides.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    private readonly Option<int> _seed = new("--seed") { Description = "Seed of points and starts.", DefaultValueFactory = _ => 7 };

    private readonly Option<bool> _long = new("--long")
    {
        Description = $"{AssumptionFiveBench.Name}: take {LongSteps:0e0} steps instead of {Steps:0e0}.",
    };

    private readonly Option<string?> _peakOf = new(MemoryBench.ChildOption) { Hidden = true };

    public Command Build()
    {
        var command = new Command("bench", """
            Measure TorchAlign against plain PyTorch: first that both compute the same weights, then times in turn, round by round.

            Example: torchalign bench --case 40x2 figure1
            """);
        foreach (var option in (Option[])[_json, _cases, _rounds, _threads, _seed, _long, _peakOf]) command.Add(option);
        _cases.AcceptOnlyFromAmong([.. BenchRun.CaseNames]);
        _peakOf.AcceptOnlyFromAmong(MemoryBench.Works);
        command.SetAction(Run);
        return command;
    }

    private async Task<int> Run(ParseResult parsed, CancellationToken cancellation)
    {
        if (parsed.GetValue(_peakOf) is { } work)
            return await MemoryBench.Work(work, parsed.GetValue(_threads), parsed.GetValue(_seed), cancellation);
        var watch = Stopwatch.StartNew();
        var settings = new BenchSettings
        {
            Cases = parsed.GetValue(_cases) is { Length: > 0 } cases ? cases : BenchRun.CaseNames,
            Rounds = AtLeastOne(_rounds),
            Threads = AtLeastOne(_threads),
            Seed = parsed.GetValue(_seed),
            DescentSteps = parsed.GetValue(_long) ? LongSteps : Steps,
            Progress = what => Console.Error.WriteLine($"{watch.Elapsed.TotalSeconds,6:0.0} s  {what}"),
        };
        try
        {
            var report = await BenchRun.Run(settings, cancellation);
            if (parsed.GetValue(_json)) Console.Out.Write(report.ToJson());
            else BenchTables.Print(report, Terminal.Out);
            return CommandLine.Success;
        }
        catch (Exception error) when (error is CheckFailedException or TwinException)
        {
            Console.Error.WriteLine($"torchalign: {error.Message}");
            return CommandLine.Failure;
        }

        int AtLeastOne(Option<int> option) => parsed.GetValue(option) is >= 1 and var value
            ? value
            : throw new CommandException($"{option.Name} must be at least 1; got {parsed.GetValue(option)}.");
    }
}
