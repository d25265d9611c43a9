using System.ComponentModel;
using System.Diagnostics;

namespace TorchAlign.Experiments.Machines;

/// <param name="Version">Such as `v20.20.2`; null if node is not on the PATH.</param>
/// <param name="Vega">Whether the npm packages of the report's charts are there.</param>
/// <param name="Remedy">What to install; null if nothing is missing.</param>
public sealed record NodeFacts(string? Version, bool Vega, string? Remedy)
{
    internal static NodeFacts Find()
    {
        string? version = NodeVersion();
        string? report = Machine.RepositoryRoot() is { } root ? Path.Combine(root, "experiments", "report") : null;
        bool vega = report is not null && File.Exists(Path.Combine(report, "node_modules", "vega", "build", "vega.min.js"));
        string? remedy = version is null ? (OperatingSystem.IsLinux() ? "sudo apt-get install nodejs npm" : "install Node.js")
            : !vega ? $"npm ci --prefix {report ?? "experiments/report"}"
            : null;
        return new(version, vega, remedy);
    }

    private static string? NodeVersion()
    {
        try
        {
            using var node = Process.Start(new ProcessStartInfo("node", "--version")
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
            if (node is null)
            {
                return null;
            }
            if (!node.WaitForExit(TimeSpan.FromSeconds(2)))
            {
                node.Kill();
                return null;
            }
            return node.ExitCode == 0 ? node.StandardOutput.ReadToEnd().Trim() : null;
        }
        catch (Win32Exception)
        {
            return null; // not on the PATH
        }
    }
}
