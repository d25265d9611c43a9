using System.Runtime.InteropServices;

namespace TorchAlign.Experiments.Machines;

/// <summary>The BLAS that libtorch's matrix products end in.</summary>
/// <param name="Kind">`reference`, `openblas`, `mkl`, `blis`, `atlas`, `bundled` (inside libtorch) or `other`.</param>
/// <param name="Name">For people.</param>
/// <param name="Path">The file it was loaded from.</param>
/// <param name="Warning">Set for the reference BLAS, together with <paramref name="Remedy"/>.</param>
/// <param name="Remedy">What to do about the warning.</param>
public sealed record BlasFacts(string Kind, string Name, string? Path, string? Warning, string? Remedy)
{
    private const string Slow = "the reference BLAS is 20 to 30 times slower than OpenBLAS";

    internal static BlasFacts? Find(LoadedLibrary? libtorch)
    {
        if (libtorch is null)
        {
            return null;
        }

        // Where libtorch's own call of dgemm ends, whatever else happens to be loaded.
        nint dgemm = libtorch.Export("dgemm_");
        LoadedLibrary? owner = dgemm == 0 ? null : LoadedLibrary.At(dgemm);
        if (owner is null || owner.Path == libtorch.Path)
        {
            foreach (string prefix in new[] { "libopenblas", "libmkl", "mkl_" })
            {
                owner = LoadedLibrary.Find(prefix);
                if (owner is not null)
                {
                    return Describe(owner.Path, OpenBlasVersion(owner));
                }
            }
            return OpenBlasVersion(libtorch) is { } inside
                ? new("openblas", $"{inside}, inside libtorch", libtorch.Path, null, null)
                : new("bundled", "inside libtorch", libtorch.Path, null, null);
        }
        return Describe(owner.Path, OpenBlasVersion(owner));
    }

    /// <param name="path">The library that holds dgemm.</param>
    /// <param name="openBlas">OpenBLAS's name and version if that library calls it.</param>
    public static BlasFacts Describe(string path, string? openBlas)
    {
        if (openBlas is not null || path.Contains("openblas"))
        {
            return new("openblas", openBlas ?? "OpenBLAS", path, null, null);
        }
        foreach ((string kind, string name) in new[] { ("mkl", "MKL"), ("blis", "BLIS"), ("atlas", "ATLAS") })
        {
            if (path.Contains(kind))
            {
                return new(kind, name, path, null, null);
            }
        }
        return System.IO.Path.GetFileName(path).StartsWith("libblas.", StringComparison.Ordinal)
            ? new("reference", "reference BLAS", path, Slow, ReferenceRemedy())
            : new("other", System.IO.Path.GetFileName(path), path, null, null);
    }

    private static string ReferenceRemedy() =>
        Directory.Exists("/usr/lib") && Directory.EnumerateDirectories("/usr/lib", "*-linux-gnu")
            .SelectMany(folder => Directory.EnumerateDirectories(folder, "openblas*")).Any()
            ? "OpenBLAS is installed: sudo update-alternatives --config libblas.so.3-$(uname -m)-linux-gnu"
            : "sudo apt-get install libopenblas0-pthread";

    /// <summary>Such as `OpenBLAS 0.3.21`; null if the library does not reach OpenBLAS.</summary>
    private static unsafe string? OpenBlasVersion(LoadedLibrary library)
    {
        nint function = library.Export("openblas_get_config");
        if (function == 0)
        {
            return null;
        }
        string[] words = Marshal.PtrToStringUTF8((nint)((delegate* unmanaged[Cdecl]<byte*>)function)())?.Split(' ') ?? [];
        return string.Join(' ', words.Take(2));
    }
}
