namespace TorchAlign.Tests.Sweeps;

/// <summary>A test that needs signals and a shell; skipped, with the reason, where there are none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = OperatingSystem.IsWindows() ? "Windows has no signals and no sh." : null;
}
