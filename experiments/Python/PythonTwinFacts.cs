using TorchAlign.Experiments.Machines;

namespace TorchAlign.Experiments.Python;

/// <summary>The Python that runs the twins in experiments/Python/pytorch. Found by its files: importing torch would take seconds.</summary>
/// <param name="Path">The interpreter; null if none has torch.</param>
/// <param name="TorchVersion">The version of its torch package.</param>
public sealed record PythonTwinFacts(string? Path, string? TorchVersion)
{
    internal static PythonTwinFacts Find()
    {
        foreach (string python in Candidates().Distinct().Where(File.Exists))
        {
            foreach (string folder in PackageFolders(python))
            {
                string versionFile = System.IO.Path.Combine(folder, "torch", "version.py");
                if (File.Exists(versionFile) && LoadedLibtorch.PythonLine().Match(File.ReadAllText(versionFile)) is { Success: true } match)
                {
                    return new(python, match.Groups[1].Value);
                }
            }
        }
        return new(null, null);
    }

    /// <summary>The first interpreter that has all packages of these names; null if none has.</summary>
    internal static string? InterpreterWith(params string[] packages) => Candidates().Distinct().Where(File.Exists)
        .FirstOrDefault(python => packages.All(package => PackageFolders(python).Any(
            folder => Directory.Exists(System.IO.Path.Combine(folder, package)))));

    /// <summary>What the user names, then Debian's Python, because it shares its libtorch with TorchAlign.</summary>
    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("TORCHALIGN_PYTHON") is { Length: > 0 } chosen)
        {
            yield return chosen;
        }
        if (!OperatingSystem.IsWindows())
        {
            yield return "/usr/bin/python3";
        }
        string file = OperatingSystem.IsWindows() ? "python.exe" : "python3";
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator))
        {
            if (folder.Length > 0)
            {
                yield return System.IO.Path.Combine(folder, file);
            }
        }
    }

    private static IEnumerable<string> PackageFolders(string python)
    {
        if (python == "/usr/bin/python3")
        {
            yield return "/usr/lib/python3/dist-packages";
        }
        if (OperatingSystem.IsWindows())
        {
            yield return System.IO.Path.Combine(System.IO.Path.GetDirectoryName(python)!, "Lib", "site-packages");
            yield break;
        }
        string lib = System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(python)!, "..", "lib"));
        if (!Directory.Exists(lib))
        {
            yield break;
        }
        foreach (string version in Directory.EnumerateDirectories(lib, "python3.*"))
        {
            yield return System.IO.Path.Combine(version, "site-packages");
            yield return System.IO.Path.Combine(version, "dist-packages");
        }
    }
}
