using System.Runtime.InteropServices;

namespace TorchAlign.Experiments.Machines;

/// <param name="Version">As libsvm gives it, such as 324 for 3.24; null if it is not installed.</param>
/// <param name="Remedy">How to get it; null if it is there.</param>
public sealed record LibsvmFacts(int? Version, string? Remedy)
{
    private static readonly string[] FileNames =
        OperatingSystem.IsWindows() ? ["libsvm.dll", "svm.dll"]
        : OperatingSystem.IsMacOS() ? ["libsvm.dylib", "/opt/homebrew/lib/libsvm.dylib", "/usr/local/lib/libsvm.dylib"]
        : ["libsvm.so.3", "libsvm.so.4", "libsvm.so"];

    internal static LibsvmFacts Find()
    {
        foreach (string name in FileNames)
        {
            if (NativeLibrary.TryLoad(name, out nint handle) && NativeLibrary.TryGetExport(handle, "libsvm_version", out nint version))
            {
                return new(Marshal.ReadInt32(version), null);
            }
        }
        return new(null, OperatingSystem.IsLinux() ? "sudo apt-get install libsvm3"
            : OperatingSystem.IsMacOS() ? "brew install libsvm"
            : "put libsvm.dll of the LIBSVM distribution on the PATH");
    }
}
