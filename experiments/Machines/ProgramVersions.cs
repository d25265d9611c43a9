using System.Reflection;
using System.Security.Cryptography;
using TorchAlign.Recording;
using TorchSharp;

namespace TorchAlign.Experiments.Machines;

/// <summary>What this program is and runs on: doctor and every run.json say the same.</summary>
internal static class ProgramVersions
{
    private const int Digits = 12;

    /// <summary>The native halves of the TorchSharp APIs that the program may have been built with.</summary>
    private static readonly string[] NativeHalves = ["libtorchalign_native.", "libLibTorchSharp.", "LibTorchSharp."];

    private static readonly Lazy<RunVersions> Found = new(() => RunVersions.Current(LoadedLibtorch.Current.Version) with
    {
        TorchSharp = TorchSharp,
        Build = BuildOf(),
    });

    /// <exception cref="DllNotFoundException">Torch does not load; or that is inside a TypeInitializationException.</exception>
    public static RunVersions Current => Found.Value;

    /// <summary>`package` or `libtorch`, as compiled in.</summary>
    public static string TorchSharpSource { get; } =
        typeof(ProgramVersions).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(attribute => attribute.Key == "TorchSharpSource")?.Value ?? "unknown";

    /// <summary>The TorchSharp API: its version and its source.</summary>
    public static string TorchSharp => $"{torch.__version__} ({TorchSharpSource})";

    /// <summary>
    /// Equal for the same sources built by the same compiler: a hash over the module identifiers, themselves hashes, of the assemblies
    /// that decide a run's numbers, and over the native half of the TorchSharp API.
    /// </summary>
    private static string BuildOf()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var type in (Type[])[typeof(ProgramVersions), typeof(RunVersions), typeof(torch)])
            hash.AppendData(type.Module.ModuleVersionId.ToByteArray());
        if (NativeHalves.Select(LoadedLibrary.Find).FirstOrDefault(library => library is not null) is { } native)
            hash.AppendData(File.ReadAllBytes(native.Path));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..Digits];
    }
}
