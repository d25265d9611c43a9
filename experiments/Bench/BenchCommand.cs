using System.CommandLine;
using System.Diagnostics;
using Spectre.Console;
using TorchAlign.Experiments.Bench.OnDevice;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Python;
using TorchAlign.Experiments.Settings;
using TorchSharp;

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

    private readonly Option<string?> _device = new("--device")
    {
        Description = "Measure descent on a device instead, cpu, cuda or cuda:i, against PyTorch on the same; "
            + $"cases {string.Join(", ", DeviceCase.Names)}.",
        HelpName = "DEVICE",
    };

    private readonly Option<double> _scale = new("--scale")
    {
        Description = "With --device: sizes of the cases, down from 1.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<string> _dtype = Opt.Choice("--dtype", "With --device: the numbers computed with.", "float64", "float32");

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

    private readonly Option<bool> _noGoals = new("--no-goals") { Description = "Measure only: a goal that is not met is no failure." };

    private readonly Option<string?> _peakOf = new(MemoryBench.ChildOption) { Hidden = true };

    public Command Build()
    {
        var command = new Command("bench", """
            Measure TorchAlign against plain PyTorch: first that both compute the same weights, then times in turn, round by round.
            Ends with exit status 1 where one of our goals is not met. With --device there are none to judge.

            Example: torchalign bench --case 40x2 figure1
            """);
        foreach (var option in (Option[])
            [_json, _cases, _rounds, _threads, _seed, _long, _noGoals, _device, _scale, _dtype, _peakOf])
            command.Add(option);
        _cases.AcceptOnlyFromAmong([.. BenchRun.CaseNames, .. DeviceCase.Names]);
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
            Cases = Cases(parsed),
            Rounds = AtLeastOne(_rounds),
            Threads = ThreadCount.Require(parsed.GetValue(_threads)),
            Seed = parsed.GetValue(_seed),
            DescentSteps = parsed.GetValue(_long) ? LongSteps : Steps,
            Progress = what => Console.Error.WriteLine($"{watch.Elapsed.TotalSeconds,6:0.0} s  {what}"),
        };
        try
        {
            if (parsed.GetValue(_device) is { } device) return await MeasureDevice(parsed, device, settings, cancellation);
            var report = (await BenchRun.Run(settings, cancellation)) with { Judged = !parsed.GetValue(_noGoals) };
            return Tell(report, parsed.GetValue(_json), Terminal.Out);
        }
        catch (Exception error) when (error is CheckFailedException or TwinException)
        {
            Console.Error.WriteLine($"torchalign: {error.Message}");
            return CommandLine.Failure;
        }

        IReadOnlyList<string> Cases(ParseResult given)
        {
            var known = given.GetValue(_device) is null ? BenchRun.CaseNames : DeviceCase.Names;
            if (given.GetValue(_cases) is not { Length: > 0 } cases) return known;
            var with = known == DeviceCase.Names ? "without" : "with";
            return cases.FirstOrDefault(name => !known.Contains(name)) is { } stranger
                ? throw new CommandException($"The case {stranger} is measured {with} --device.")
                : cases;
        }

        int AtLeastOne(Option<int> option) => parsed.GetValue(option) is >= 1 and var value
            ? value
            : throw new CommandException($"{option.Name} must be at least 1; got {parsed.GetValue(option)}.");
    }

    /// <returns>Exit status: <see cref="CommandLine.Failure"/> where a goal that is judged is not met.</returns>
    internal static int Tell(BenchReport report, bool json, IAnsiConsole console)
    {
        if (json) Console.Out.Write(report.ToJson());
        else BenchTables.Print(report, console);
        return report.Missed.Any() ? CommandLine.Failure : CommandLine.Success;
    }

    private async Task<int> MeasureDevice(ParseResult parsed, string device, BenchSettings settings, CancellationToken cancellation)
    {
        var scale = parsed.GetValue(_scale);
        if (!(scale > 0 && scale <= 1)) throw new CommandException($"--scale must lie above 0 and not above 1; got {scale:R}.");
        var dtype = parsed.GetValue(_dtype) == "float32" ? torch.ScalarType.Float32 : torch.ScalarType.Float64;
        var report = await new DeviceBench(settings, device, dtype, scale).Run(cancellation);
        if (parsed.GetValue(_json)) Console.Out.Write(report.ToJson());
        else DeviceTables.Print(report, Terminal.Out);
        return CommandLine.Success;
    }
}
