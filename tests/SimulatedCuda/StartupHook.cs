using TorchAlign.Simulated;

/// <summary>
/// Gives another program simulated devices: started with DOTNET_STARTUP_HOOKS naming this assembly, it finds them before its own
/// first line. Programs without our binding are left alone.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        if (File.Exists(Path.Combine(AppContext.BaseDirectory, "libtorchalign_native.so"))) SimulatedDevices.Install();
    }
}
