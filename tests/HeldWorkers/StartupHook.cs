using System.Diagnostics;
using TorchAlign.Held;

/// <summary>
/// In workers of sweeps that are started with DOTNET_STARTUP_HOOKS naming this assembly: .NET finds it before their own first line.
/// </summary>
internal static class StartupHook
{
    /// <summary>No test takes so long, on however busy a machine; a worker whose test is gone does not wait for ever.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(HeldFolder.Variable) is not { Length: > 0 } path
            || !Environment.GetCommandLineArgs().Contains("sweep-worker")) return;
        var folder = new HeldFolder(path);
        // What makes runs needs the TorchSharp API; what takes orders does not.
        AppDomain.CurrentDomain.AssemblyLoad += (_, loaded) =>
        {
            if (loaded.LoadedAssembly.GetName().Name is "LibTorchBinding" or "TorchSharp" && folder.TakeKill())
                Process.GetCurrentProcess().Kill();
        };
        folder.Enter(Environment.ProcessId);
        var waited = Stopwatch.StartNew();
        while (!folder.IsFree && waited.Elapsed < Patience) Thread.Sleep(5);
    }
}
