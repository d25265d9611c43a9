using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using TorchAlign.Experiments.Bench;
using TorchAlign.Experiments.Doctor;
using TorchAlign.Experiments.Machines;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Python;
using TorchAlign.Experiments.Settings;
using static TorchSharp.torch;

namespace TorchAlign.Experiments.Compare;

/// <summary><c>compare pytorch</c>: our trajectories beside those of plain PyTorch, step by step.</summary>
internal sealed class PytorchCommand
{
    private const long DefaultSteps = 1000;

    private readonly Argument<string?> _run = new("run")
    {
        Description = "The folder of a run of train or figure1.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _case = Opt.Maybe<string>(
        "--case", $"Instead of a run: {string.Join(", ", CompareCases.Names)}.", "NAME");

    private readonly Option<long> _steps = Opt.Default("--steps", DefaultSteps, "Steps of descent.");
    private readonly Option<int> _threads = Opt.Default("--threads", 1, "Threads, on both sides.");
    private readonly Option<int> _seed = Opt.Default("--seed", 7, "Seed of points and starts of a case.");
    private readonly Option<string?> _keep = Opt.Maybe<string>(
        "--keep", "Keep the files that the twins read and write in this folder.", "DIR");

    private readonly Option<bool> _json = Opt.Flag("--json", "Print JSON, and nothing else, to standard output.");

    public Command Build()
    {
        var command = new Command("pytorch", """
            Our trajectories beside those of plain PyTorch from one start: weights, risk, gradient, diagnostics, step by step.

            Example: torchalign compare pytorch --case figure1
            """) { _run };
        foreach (var option in (Option[])[_case, _steps, _threads, _seed, _keep, _json]) command.Add(option);
        _case.AcceptOnlyFromAmong(CompareCases.Names);
        command.SetAction(Run);
        return command;
    }

    private async Task<int> Run(ParseResult parsed, CancellationToken cancellation)
    {
        var (run, name) = (parsed.GetValue(_run), parsed.GetValue(_case));
        if (run is null == name is null)
            throw new CommandException(
                $"Give the folder of a run, or --case {string.Join('|', CompareCases.Names)}; one of them.");
        var threads = ThreadCount.Require(parsed.GetValue(_threads));
        var steps = AtLeastOne(parsed.GetValue(_steps), _steps.Name);
        if (PythonTwinFacts.Find().Path is null)
            throw new CommandException(
                $"No python3 with torch was found, so there is nothing to compare with. {PythonTwin.Remedy}");
        var kept = parsed.GetValue(_keep) is { } keep ? Directory.CreateDirectory(keep) : null;
        using var temporary = kept is null ? Leftovers.Folder("torchalign-compare-") : null;
        try
        {
            var report = await Report(run, name, threads, steps, parsed.GetValue(_seed), kept?.FullName ?? temporary!.Path, cancellation);
            if (parsed.GetValue(_json)) Console.Out.Write(report.ToJson());
            else CompareTable.Print(report, Terminal.Out);
            return report.Met ? CommandLine.Success : CommandLine.Failure;
        }
        catch (TwinException error)
        {
            Console.Error.WriteLine($"torchalign: {error.Message}");
            return CommandLine.Failure;
        }
    }

    private static async Task<CompareReport> Report(
        string? run, string? name, int threads, long steps, int seed, string folder, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        set_num_threads(threads);
        var doctor = DoctorReport.Collect();
        BenchRun.SetBlasThreads(doctor.Blas?.Path, threads);
        var ourTorch = doctor.TorchVersion ?? LoadedLibtorch.Unknown;
        var compare = new ComparePytorch(new CompareSettings(steps, threads, folder,
            doctor.TorchSharpSource == "libtorch" ? doctor.LibtorchPath : null, Progress), cancellation);
        var comparisons = new List<Comparison>();
        if (name is not null)
        {
            var (descent, flow) = CompareCases.Named(name, seed, threads, cancellation);
            foreach (var network in descent) comparisons.AddRange(await compare.EveryRule(network));
            foreach (var network in flow) comparisons.AddRange(await compare.Flow(network));
        }
        else
        {
            foreach (var network in CompareCases.OfRun(run!, cancellation))
            {
                var (loss, method) = (network.Settings.Loss, network.Settings.Method);
                var isFlow = method.Method == "flow";
                if (isFlow) comparisons.AddRange(await compare.Flow(network));
                comparisons.AddRange(await compare.Descent(
                    isFlow ? network.With(loss, method with { Rule = "constant" }) : network));
            }
        }
        return new CompareReport
        {
            Subject = name ?? run!,
            Seed = seed,
            Threads = threads,
            TorchSharpSource = doctor.TorchSharpSource,
            OurTorch = ourTorch,
            TwinTorch = compare.TwinTorch ?? "",
            SameLibtorch = compare.SameLibtorch,
            Comparisons = comparisons,
        };

        void Progress(string what) => Console.Error.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed.TotalSeconds,6:0.0} s  {what}"));
    }

    private static long AtLeastOne(long value, string option) =>
        value >= 1 ? value : throw new CommandException($"{option} must be at least 1; got {value}.");
}
