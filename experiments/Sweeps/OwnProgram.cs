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

    public static ProcessStartInfo Start(params IEnumerable<string> arguments) => new(Words[0], [.. Words.Skip(1), .. arguments]);
}
