using System.CommandLine;
using System.Globalization;

namespace TorchAlign.Experiments.Commands;

/// <summary>Where a run's results go.</summary>
internal sealed record Output(string Folder, bool Replace, bool Json)
{
    /// <summary>
    /// The folder given, or runs/NAME-seedN with a number appended while a folder of that name exists, so that nothing that
    /// somebody may want to keep is ever in the way.
    /// </summary>
    public static Output From(ParseResult parsed, RunOptions options, string name)
    {
        var seed = parsed.GetValue(options.Seed).ToString(CultureInfo.InvariantCulture);
        var folder = parsed.GetValue(options.Out) ?? Unused(Path.Combine("runs", $"{name}-seed{seed}"));
        return new Output(folder, parsed.GetValue(options.Replace), parsed.GetValue(options.Json));
    }

    private static string Unused(string path)
    {
        if (!Directory.Exists(path)) return path;
        for (var number = 2; ; number++)
            if (!Directory.Exists($"{path}-{number}")) return $"{path}-{number}";
    }
}
