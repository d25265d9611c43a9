using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using TorchAlign.Experiments.Runs;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Experiments.Bench;

/// <summary>Peak memory of a process of ours that works on the largest case.</summary>
internal static class MemoryBench
{
    public const string Name = "memory";

    /// <summary>The hidden option by which the child is told what to do.</summary>
    public const string ChildOption = "--peak-of";

    public static readonly string[] Works = ["descent", "train"];

    private const int Steps = 10;
    private const long Allowance = 200_000_000;
    private const string Label = "peak bytes: ";

    public static async Task<IReadOnlyList<MemoryResult>> Run(BenchSettings settings, string folder, CancellationToken cancellation)
    {
        var largest = DescentCase.Largest;
        var data = sizeof(double) * (long)largest.Count * largest.Dimension;
        var parameters = sizeof(double) * (long)new NetworkShape([largest.Dimension, .. largest.Hidden, 1]).Length;
        List<MemoryResult> results = [];
        foreach (var work in Works)
        {
            settings.Progress($"{Name}: {work} on {largest.Name}");
            results.Add(new MemoryResult(
                work, await PeakOfChild(work, settings, folder, cancellation), data, parameters, data + 3 * parameters + Allowance));
        }
        return results;
    }

    /// <summary>What the child does; it tells its peak on the last line.</summary>
    public static async Task<int> Work(string work, int threads, int seed, CancellationToken cancellation)
    {
        var status = CommandLine.Success;
        if (work == "train") status = await Train(threads, seed, cancellation);
        else Descend(threads, seed, cancellation);
        using var self = Process.GetCurrentProcess();
        Console.Out.WriteLine(Label + self.PeakWorkingSet64.ToString(CultureInfo.InvariantCulture));
        return status;
    }

    private static void Descend(int threads, int seed, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var largest = DescentCase.Largest;
        var random = new RandomStream(seed);
        var z = new double[largest.Count * largest.Dimension];
        random.FillGaussian(z);
        var shape = new NetworkShape([largest.Dimension, .. largest.Hidden, 1]);
        var field = new FusedField(shape, z, MarginLoss.Logistic, threads);
        Stepping.WeightsAfter(field, Initialization.Gaussian(shape, 1, random), largest.Step, Steps);
    }

    private static async Task<int> Train(int threads, int seed, CancellationToken cancellation)
    {
        var largest = DescentCase.Largest;
        using var folder = Leftovers.Folder("torchalign-bench-");
        return await CommandLine.Run(
        [
            "train", "--data", "gaussian", "--points", Text(largest.Count), "--dimension", Text(largest.Dimension),
            "--hidden", string.Join('-', largest.Hidden), "--init", "gaussian", "--scale", "1", "--loss", largest.Loss,
            "--method", "descent", "--rule", "constant", "--step", largest.Step.ToString("R", CultureInfo.InvariantCulture),
            "--steps", Text(Steps), "--samples", "1", "--seed", Text(seed), "--threads", Text(threads),
            "--out", Path.Combine(folder.Path, "run"), "--json",
        ], cancellation);

        static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
    }

    private static async Task<long> PeakOfChild(string work, BenchSettings settings, string folder, CancellationToken cancellation)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The program does not know its own path.");
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Under `dotnet TorchAlign.Experiments.dll` the program is dotnet, which needs the assembly first.
        if (Path.GetFileNameWithoutExtension(program) == "dotnet") start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        foreach (var argument in (string[])
            [
                "bench", ChildOption, work, "--threads", settings.Threads.ToString(CultureInfo.InvariantCulture),
                "--seed", settings.Seed.ToString(CultureInfo.InvariantCulture),
            ])
            start.ArgumentList.Add(argument);
        // What it writes goes with our own folder, even if it has to be killed.
        start.Environment["TMPDIR"] = folder;
        using var child = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start.");
        using var held = Leftovers.Child(child);
        var errors = child.StandardError.ReadToEndAsync(CancellationToken.None);
        var output = await child.StandardOutput.ReadToEndAsync(CancellationToken.None).WaitAsync(cancellation);
        await child.WaitForExitAsync(cancellation);
        var last = output.TrimEnd().Split('\n')[^1];
        return child.ExitCode == CommandLine.Success && last.StartsWith(Label, StringComparison.Ordinal)
            ? long.Parse(last[Label.Length..], CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"The child that does '{work}' ended with status {child.ExitCode}: {await errors}");
    }
}
