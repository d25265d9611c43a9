using System.Diagnostics;

namespace TorchAlign.Experiments.Sweeps;

/// <summary>This program, to be started again.</summary>
internal static class OwnProgram
{
    /// <summary>The words of its command line: its own executable, or dotnet and its assembly.</summary>
    public static IReadOnlyList<string> Words { get; } =
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == typeof(OwnProgram).Assembly.GetName().Name
            ? [Environment.ProcessPath!]
            : [Dotnet(), typeof(OwnProgram).Assembly.Location];

    public static ProcessStartInfo Start(params IEnumerable<string> arguments) => new(Words[0], [.. Words.Skip(1), .. arguments]);

    /// <summary>The process is dotnet itself, or a host of tests beside which one stands on the path.</summary>
    private static string Dotnet() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";
}
