using System.Runtime.InteropServices;

namespace TorchAlign.Experiments.Machines;

/// <summary>Names of the machine that .NET does not give by itself.</summary>
public static class Machine
{
    /// <summary>The checkout that this program was built in, found above the program's folder; null if it was moved away.</summary>
    public static string? RepositoryRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "TorchAlign.sln")))
            {
                return folder.FullName;
            }
        }
        return null;
    }

    public static string OperatingSystemName()
    {
        string name = RuntimeInformation.OSDescription;
        string? pretty = Value("/etc/os-release", "PRETTY_NAME", '=')?.Trim('"');
        return pretty is null ? name : $"{pretty} ({RuntimeInformation.OSArchitecture})";
    }

    public static string ProcessorName() =>
        Value("/proc/cpuinfo", "model name", ':')
        ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
        ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static string? Value(string file, string key, char separator)
    {
        if (!File.Exists(file))
        {
            return null;
        }
        string? line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal));
        int at = line?.IndexOf(separator) ?? -1;
        return at < 0 ? null : line![(at + 1)..].Trim();
    }
}
