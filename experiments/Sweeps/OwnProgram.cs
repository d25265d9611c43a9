using System.Diagnostics;

namespace TorchAlign.Experiments.Sweeps;

/// <summary>This program, to be started again.</summary>
internal static class OwnProgram
{
    /// <summary>The words of its command line: its own executable, or dotnet and its assembly.</summary>
    public static IReadOnlyList<string> Words { get; } = ProcessName == typeof(OwnProgram).Assembly.GetName().Name
        ? [Environment.ProcessPath!]
        : [ProcessName == "dotnet" ? Environment.ProcessPath! : "dotnet", typeof(OwnProgram).Assembly.Location];

    private static string? ProcessName =>
        Path.GetFileName(Environment.ProcessPath)?.Replace(".exe", "", StringComparison.OrdinalIgnoreCase);

    /// <summary>Keeps a build, which the launcher would drop when nobody runs it, as long as a sweep's folder is there.</summary>
    /// <param name="sweep">The full path of the sweep's folder.</param>
    /// <param name="build">The folder of the program; null for this one's.</param>
    public static void KeepFor(string sweep, string? build = null)
    {
        build ??= AppContext.BaseDirectory;
        var kept = Path.Combine(build, "kept-for");
        if (!File.Exists(Path.Combine(build, "in-use"))) return; // none of the launcher's copies
        if (!File.Exists(kept) || !File.ReadLines(kept).Contains(sweep)) File.AppendAllText(kept, sweep + "\n");
    }

    public static ProcessStartInfo Start(params IEnumerable<string> arguments) => new(Words[0], [.. Words.Skip(1), .. arguments]);
}
