using System.Diagnostics;
using System.Text.Json;
using TorchAlign.Data;
using TorchAlign.MaxMargin;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Python;

/// <summary>What scikit-learn found: a direction (d) for each solver, and what the solver said.</summary>
internal sealed record SklearnAnswers(string Version, string Python, IReadOnlyList<SklearnAnswer> Solvers);

/// <param name="Name">As margins_sklearn.py calls it.</param>
/// <param name="Direction">w (d), of any length.</param>
/// <param name="Seconds">By Python's clock.</param>
/// <param name="Iterations">The solver's own count.</param>
/// <param name="StoppedEarly">scikit-learn warned that the solver had not converged.</param>
/// <param name="Bias">|b| / ||w||, which should be 0.</param>
internal sealed record SklearnAnswer(
    string Name, double[] Direction, double Seconds, long Iterations, bool StoppedEarly, double Bias);

/// <summary>sklearn/margins_sklearn.py as a child process; points go there and directions come back as .npz.</summary>
internal static class SklearnProcess
{
    public const string Remedy = "No python3 with scikit-learn was found, so there is nothing to compare with. "
        + "Install it (Debian: sudo apt-get install python3-sklearn); TorchAlign needs it for nothing else.";

    private const int KeptErrorLines = 5;

    /// <summary>The Python that has scikit-learn, or null.</summary>
    public static string? Python => PythonTwinFacts.InterpreterWith("sklearn");

    /// <exception cref="CommandException">No Python with scikit-learn, or the script failed.</exception>
    public static async Task<SklearnAnswers> Ask(
        LabelledSet data, SignedPoints points, MarginSolution ours, CancellationToken cancellation)
    {
        var python = Python ?? throw new CommandException(Remedy);
        using var folder = Leftovers.Folder("torchalign-sklearn-");
        var (problem, answers) = (Path.Combine(folder.Path, "problem.npz"), Path.Combine(folder.Path, "answers.npz"));
        NpzWriter.Write(problem, Problem(data, points, ours));
        var said = await Run(python, problem, answers, cancellation);
        return Read(said, NpzReader.Read(answers));
    }

    private static NpzArray[] Problem(LabelledSet data, SignedPoints points, MarginSolution ours)
    {
        // The scaled points that we judge by, with their labels back on.
        var x = new double[points.Z.Length];
        for (var k = 0; k < x.Length; k++) x[k] = data.Y[k / points.Dimension] * points.Z[k];
        // Multipliers are a_i / gamma^2: twice the largest leaves room for rounding. More would only be slower.
        var c = 2 * ours.DualWeights.Max() / (ours.Gamma * ours.Gamma);
        return
        [
            NpzArray.Float64("x", x, points.Count, points.Dimension),
            NpzArray.Int64("y", [.. data.Y.Select(label => (long)label)]),
            NpzArray.Float64("c", [c]),
        ];
    }

    private static async Task<string> Run(string python, string problem, string answers, CancellationToken cancellation)
    {
        // -B: no __pycache__ beside the program.
        var script = Path.Combine(AppContext.BaseDirectory, "Python", "sklearn", "margins_sklearn.py");
        using var process = Process.Start(new ProcessStartInfo(python, ["-B", script, problem, answers])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new CommandException($"{python} does not start.");
        using var child = Leftovers.Child(process);
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode == 0) return output;
        var last = (await errors).TrimEnd().Split('\n').TakeLast(KeptErrorLines);
        throw new CommandException(
            $"{python} {script} ended with status {process.ExitCode}:\n{string.Join('\n', last)}");
    }

    private static SklearnAnswers Read(string said, IReadOnlyDictionary<string, NpyArray> directions)
    {
        using var json = JsonDocument.Parse(said);
        var solvers = json.RootElement.GetProperty("solvers").EnumerateArray().Select((solver, k) => new SklearnAnswer(
            solver.GetProperty("name").GetString()!,
            directions[$"w{k}"].ToDoubles(),
            solver.GetProperty("seconds").GetDouble(),
            solver.GetProperty("iterations").GetInt64(),
            solver.GetProperty("stoppedEarly").GetBoolean(),
            solver.GetProperty("bias").GetDouble()));
        return new SklearnAnswers(Text("sklearn"), Text("python"), [.. solvers]);

        string Text(string name) => json.RootElement.GetProperty(name).GetString()!;
    }
}
