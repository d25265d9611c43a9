using System.Diagnostics;
using System.Globalization;
using TorchAlign.Data;

namespace TorchAlign.Experiments.Python;

/// <summary>Runs a script of experiments/Python/pytorch to its end.</summary>
internal static class TwinScript
{
    /// <param name="script">train.py, figure1.py or diagnostics.py.</param>
    /// <param name="folder">Where run.json and start.npz are.</param>
    /// <param name="threads">Of torch and of every BLAS, as on our side: sums split otherwise round otherwise.</param>
    /// <param name="arguments">What the script takes besides.</param>
    /// <param name="cancellation">Ends the script.</param>
    /// <returns>The arrays that it wrote.</returns>
    /// <exception cref="TwinException">No Python with torch, or the script fails.</exception>
    public static Task<IReadOnlyDictionary<string, NpyArray>> Run(
        string script, string folder, int threads, IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        Run(script, [Path.Combine(folder, "run.json"), Path.Combine(folder, "start.npz")], folder, threads, arguments, cancellation);

    /// <inheritdoc cref="Run(string, string, int, IReadOnlyList{string}, CancellationToken)"/>
    /// <remarks>For a script that reads other <paramref name="inputs"/>.</remarks>
    public static async Task<IReadOnlyDictionary<string, NpyArray>> Run(
        string script, IReadOnlyList<string> inputs, string folder, int threads, IReadOnlyList<string> arguments,
        CancellationToken cancellation)
    {
        var output = Path.Combine(folder, Path.GetFileNameWithoutExtension(script) + ".npz");
        var start = new ProcessStartInfo(PythonTwin.Find().Path!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])
            [
                "-B", Path.Combine(AppContext.BaseDirectory, "Python", "pytorch", script), .. inputs, "--out", output, .. arguments,
            ])
            start.ArgumentList.Add(argument);
        foreach (var variable in (string[])["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"])
            start.Environment[variable] = threads.ToString(CultureInfo.InvariantCulture);
        using var process = Process.Start(start) ?? throw new TwinException($"{start.FileName} does not start.");
        using var child = Leftovers.Child(process);
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        var said = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0)
            throw new TwinException($"{script} ended with status {process.ExitCode}. {said}{await errors}".TrimEnd());
        return NpzReader.Read(output);
    }
}
