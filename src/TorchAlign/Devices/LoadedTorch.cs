using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace TorchAlign.Devices;

/// <summary>
/// The libtorch that this process has loaded, told by the library itself: <c>torch.__version__</c> of TorchSharp is a constant of
/// its package, whatever libtorch is loaded.
/// </summary>
public static partial class LoadedTorch
{
    /// <summary>The file of libtorch's CPU half; null where none is loaded yet.</summary>
    public static string? Path
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return process.Modules.Cast<ProcessModule>().Select(module => module.FileName)
                .FirstOrDefault(file => Library().IsMatch(System.IO.Path.GetFileName(file)));
        }
    }

    /// <summary>Such as 1.13.0; null where it cannot be told.</summary>
    public static string? Version => Path is not { } path ? null : FromName(path) ?? FromConfiguration(path);

    /// <summary>The version in the name of the file, as distributions of Linux have it: libtorch_cpu.so.1.13.0.</summary>
    private static string? FromName(string path)
    {
        var file = File.ResolveLinkTarget(path, returnFinalTarget: true)?.Name ?? System.IO.Path.GetFileName(path);
        return Library().Match(file).Groups["version"] is { Success: true } version ? version.Value : null;
    }

    /// <summary>
    /// From at::show_config(). It returns a std::string, which the callee constructs where the first argument points to and which
    /// begins with a pointer to its characters: so on x64 in both of the C++ library's forms.
    /// </summary>
    private static unsafe string? FromConfiguration(string path)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) return null;
        if (!NativeLibrary.TryLoad(path, out var library)) return null;
        nint function = 0;
        if (!Array.Exists(["_ZN2at11show_configB5cxx11Ev", "_ZN2at11show_configEv"],
            name => NativeLibrary.TryGetExport(library, name, out function))) return null;
        var text = stackalloc byte*[8];
        ((delegate* unmanaged[Cdecl]<byte**, void*>)function)(text);
        return Setting().Match(Marshal.PtrToStringUTF8((nint)text[0]) ?? "").Groups["version"] is { Success: true } version
            ? version.Value
            : null;
    }

    [GeneratedRegex(@"^(lib)?torch_cpu\.(so(\.(?<version>\d[\d.]*))?|dylib|dll)$", RegexOptions.IgnoreCase)]
    private static partial Regex Library();

    [GeneratedRegex(@"TORCH_VERSION=(?<version>[^\s,]+)")]
    private static partial Regex Setting();
}
