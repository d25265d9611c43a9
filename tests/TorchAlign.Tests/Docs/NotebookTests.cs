using System.Diagnostics;
using System.Text.RegularExpressions;
using TorchAlign.Experiments.Python;
using TorchAlign.Tests.Data;

namespace TorchAlign.Tests.Docs;

/// <summary>A test that needs a Python with these packages; skipped, with the remedy, where there is none.</summary>
public sealed class PythonFactAttribute : FactAttribute
{
    public PythonFactAttribute(params string[] packages)
    {
        if (PythonTwinFacts.InterpreterWith(packages) is null)
            Skip = $"No python3 with {string.Join(", ", packages)} was found: "
                + $"apt-get install {string.Join(' ', packages.Select(package => $"python3-{package}"))}.";
    }
}

/// <summary>The cells of docs/notebook.md, run as they stand, in their order, in the folder of a fresh run.</summary>
public sealed partial class NotebookTests : IDisposable
{
    private readonly Commands.Program _program = new();

    public void Dispose() => _program.Dispose();

    [PythonFact("numpy")]
    public void The_cells_that_need_numpy_alone_run()
    {
        var cells = Cells().TakeWhile(cell => !cell.Contains("pandas")).ToList();
        Assert.Equal(2, cells.Count);
        var output = Run(cells, "numpy");
        Assert.Contains("L = 4: 1 - cos = ", output);
        Assert.Contains("2 (4, 4) [", output);
    }

    [PythonFact("numpy", "pandas", "matplotlib")]
    public void All_cells_run_and_draw()
    {
        var output = Run(Cells(), "numpy", "pandas", "matplotlib");
        Assert.Matches(@"\{'L1': \(\d+, \d+\), 'L4': \(\d+, \d+\)\}", output);
        foreach (var picture in (string[])["direction.png", "alignment.png"])
            Assert.True(new FileInfo(Path.Combine(_program.Folder, "run", picture)).Length > 10_000, picture);
    }

    private static List<string> Cells() =>
    [
        .. Cell().Matches(File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "notebook.md")))
            .Select(match => match.Groups[1].Value),
    ];

    private string Run(IEnumerable<string> cells, params string[] packages)
    {
        var run = _program.Run("figure1", "--out", "run");
        Assert.True(run.ExitCode == 0, run.Error);
        var script = _program.Write("cells.py", string.Join('\n', cells));
        var start = new ProcessStartInfo(PythonTwinFacts.InterpreterWith(packages)!, ["-B", script])
        {
            WorkingDirectory = Path.Combine(_program.Folder, "run"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MPLBACKEND"] = "Agg"; // no screen
        start.Environment["MPLCONFIGDIR"] = _program.Folder; // nothing of this machine's, and nothing left on it
        start.Environment["PYTHONUTF8"] = "1";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output;
    }

    [GeneratedRegex("```python\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Cell();
}
