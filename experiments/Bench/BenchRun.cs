using System.Globalization;
using System.Runtime.InteropServices;
using TorchAlign.Experiments.Doctor;
using TorchAlign.Experiments.Machines;
using TorchAlign.Experiments.Python;
using TorchSharp;

namespace TorchAlign.Experiments.Bench;

/// <summary>Measures what was asked for, one thing after the other.</summary>
internal static class BenchRun
{
    /// <summary>What --case takes.</summary>
    public static IReadOnlyList<string> CaseNames { get; } =
    [
        .. DescentCase.All.Select(descent => descent.Name), .. FlowCase.All.Select(flow => flow.Name),
        AssumptionFiveBench.Name, CostBench.Name, MemoryBench.Name,
    ];

    /// <exception cref="CheckFailedException">Both sides do not compute the same.</exception>
    public static async Task<BenchReport> Run(BenchSettings settings, CancellationToken cancellation)
    {
        torch.set_num_threads(settings.Threads);
        var doctor = DoctorReport.Collect();
        SetBlasThreads(doctor.Blas?.Path, settings.Threads);
        var load = LoadAverage();
        var date = DateTimeOffset.Now;
        using var folder = Leftovers.Folder("torchalign-bench-");
        var (twin, problem) = await Twin(settings, folder.Path, cancellation);
        if (problem is not null) settings.Progress(problem);
        List<DescentResult> descent = [];
        foreach (var wanted in DescentCase.All.Where(known => settings.Wants(known.Name)))
            descent.Add(await new DescentBench(settings, folder.Path).Run(wanted, twin is not null, cancellation));
        List<FlowResult> flow = [];
        foreach (var wanted in FlowCase.All.Where(known => settings.Wants(known.Name)))
            flow.Add(await new FlowBench(settings, folder.Path).Run(wanted, twin is not null, cancellation));
        return new BenchReport
        {
            Date = date,
            Ours = new OurFacts(doctor.Version, doctor.Dotnet, doctor.TorchSharpSource,
                doctor.TorchVersion, doctor.Blas?.Name, settings.Threads),
            Python = twin,
            PythonProblem = problem,
            Rounds = settings.Rounds,
            Seed = settings.Seed,
            Descent = descent,
            Flow = flow,
            AssumptionFive = settings.Wants(AssumptionFiveBench.Name) ? AssumptionFiveBench.Run(settings, cancellation) : null,
            Costs = settings.Wants(CostBench.Name) ? CostBench.Run(settings, cancellation) : [],
            Memory = settings.Wants(MemoryBench.Name) ? await MemoryBench.Run(settings, folder.Path, cancellation) : [],
            Machine = new BenchMachine(doctor.Cpu, doctor.Cores, doctor.MemoryBytes, doctor.Os, load, LoadAverage()),
        };
    }

    /// <summary>Asks the twin for its versions on the smallest problem; or says why that cannot be done.</summary>
    internal static async Task<(TwinSide? Twin, string? Problem)> Twin(
        BenchSettings settings, string folder, CancellationToken cancellation)
    {
        try
        {
            var smallest = DescentCase.All[0];
            using var twin = BenchProblem.Descent(smallest, settings.Seed).StartTwin(smallest.Step, settings.Threads, folder);
            // Some BLAS libraries are loaded on first use.
            await twin.Run(PythonTwin.Eager, 1, cancellation);
            var facts = await twin.Facts(cancellation);
            return (new TwinSide(PythonTwin.Find().Path!, facts.Version, facts.Torch, facts.Numpy, facts.Blas, facts.Threads), null);
        }
        catch (TwinException error)
        {
            return (null, $"{error.Message} {PythonTwin.Remedy}");
        }
    }

    /// <summary>torch.set_num_threads does not reach an OpenBLAS with threads of its own.</summary>
    internal static unsafe void SetBlasThreads(string? path, int threads)
    {
        if (path is not null && NativeLibrary.TryLoad(path, out var library)
            && NativeLibrary.TryGetExport(library, "openblas_set_num_threads", out var function))
            ((delegate* unmanaged[Cdecl]<int, void>)function)(threads);
    }

    /// <summary>Of the last minute; null where there is no /proc.</summary>
    internal static double? LoadAverage() => File.Exists("/proc/loadavg")
        ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture)
        : null;
}
