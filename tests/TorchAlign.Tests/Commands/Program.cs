using System.Diagnostics;
using TorchAlign.Experiments;
using TorchAlign.Simulated;

namespace TorchAlign.Tests.Commands;

/// <summary>
/// The command as users run it, in a folder of its own: within this process, which spares it half a second and more, or as a process
/// of its own where that is what a test is about.
/// </summary>
internal sealed class Program : IDisposable
{
    /// <summary>Names assemblies whose StartupHook .NET calls before a program.</summary>
    public const string Hooks = "DOTNET_STARTUP_HOOKS";

    /// <summary>Seconds that an interrupted command may take to keep what it has.</summary>
    public const string Patience = "TORCHALIGN_PATIENCE";

    private static readonly string[] Recording = ["train", "figure1", "paper"];

    public sealed record Result(int ExitCode, string Output, string Error);

    /// <summary>The working folder.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("torchalign-test-").FullName;

    /// <summary>What the command's processes find in their environment besides ours.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>
    /// Runs a command within this process. Names of files and folders are taken as within <see cref="Folder"/>: what follows --out, what
    /// is there, and the folder of a run that names none, which is runs/run. A sweep, whose study names files too, runs apart.
    /// </summary>
    public Result Run(params string[] arguments)
    {
        if (arguments[0].StartsWith("sweep", StringComparison.Ordinal) || Environment.Count > 0) return RunApart(arguments);
        string[] here =
        [
            .. arguments.Select((argument, i) =>
                (i > 0 && arguments[i - 1] == "--out") || (argument != "" && Path.Exists(Path.Combine(Folder, argument)))
                    ? Path.Combine(Folder, argument)
                    : argument),
        ];
        if (Recording.Contains(arguments[0]) && !arguments.Contains("--out") && !arguments.Contains("--resume"))
            here = [.. here, "--out", Path.Combine(Folder, "runs", "run")];
        using var console = ConsoleRouter.Capture();
        return new Result(CommandLine.Run(here).GetAwaiter().GetResult(), console.Output, console.Error);
    }

    /// <summary>
    /// Runs a command as a process of its own, in <see cref="Folder"/>: where bits are compared, too, since torch's number of threads and
    /// its random generator are one for all tests of a process.
    /// </summary>
    public Result RunApart(params string[] arguments)
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
        // What is tested is what they leave, not how fast a busy machine is.
        start.Environment[Patience] = "60";
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
