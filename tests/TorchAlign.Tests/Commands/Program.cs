using System.Diagnostics;
using TorchAlign.Simulated;

namespace TorchAlign.Tests.Commands;

/// <summary>The command as users run it: a process of its own, in a folder of its own.</summary>
internal sealed class Program : IDisposable
{
    /// <summary>Names assemblies whose StartupHook .NET calls before a program.</summary>
    public const string Hooks = "DOTNET_STARTUP_HOOKS";

    public sealed record Result(int ExitCode, string Output, string Error);

    /// <summary>The working folder.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("torchalign-test-").FullName;

    /// <summary>What the command's processes find in their environment besides ours.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public Result Run(params string[] arguments)
    {
        using var process = Start(arguments);
        return Finish(process);
    }

    public Process Start(params string[] arguments)
    {
        string[] command = ["dotnet", Path.Combine(AppContext.BaseDirectory, "TorchAlign.Experiments.dll"), .. arguments];
        // Tests that a shell runs in its background ignore SIGINT, and so would what they start.
        if (OperatingSystem.IsLinux()) command = ["env", "--default-signal=INT", .. command];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // On simulated devices here, on simulated devices there.
        if (SimulatedDevices.Installed) start.Environment[Hooks] = typeof(SimulatedDevices).Assembly.Location;
        foreach (var (name, value) in Environment)
            start.Environment[name] = name == Hooks && start.Environment.TryGetValue(Hooks, out var hooks) && hooks is not null
                ? $"{hooks}{Path.PathSeparator}{value}"
                : value;
        return Process.Start(start)!;
    }

    public static Result Finish(Process process)
    {
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Result(process.ExitCode, output, error.Result);
    }

    /// <summary>The processes that a process has started.</summary>
    public static int[] Children(int process)
    {
        using var list = Process.Start(new ProcessStartInfo("pgrep", ["-P", $"{process}"]) { RedirectStandardOutput = true })!;
        return [.. list.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
    }

    /// <summary>Sends a signal, such as INT; to a process that may have ended.</summary>
    public static void Signal(string name, int process)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{name}", $"{process}"]) { RedirectStandardError = true })!;
        kill.WaitForExit();
    }

    public string Write(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
