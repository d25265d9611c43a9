using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using TorchSharp;

namespace TorchAlign.Experiments.Machines;

/// <summary>
/// The libtorch of this process, whatever TorchSharp was compiled for: <c>torch.__version__</c> tells of that.
/// </summary>
/// <param name="Version">Its own, such as 2.10.0+cpu; <see cref="Unknown"/> where neither the library nor its neighbours tell.</param>
/// <param name="Files">Its libraries as they were loaded, that of the CPU first.</param>
internal sealed partial record LoadedLibtorch(string Version, IReadOnlyList<string> Files)
{
    public const string Unknown = "unknown";

    private static readonly string[] Parts = ["libtorch_cpu.", "torch_cpu.", "libtorch_cuda.", "torch_cuda.", "libc10.", "c10."];

    private static readonly Lazy<LoadedLibtorch> Found = new(Find);

    /// <exception cref="DllNotFoundException">It does not load; or that is inside a TypeInitializationException.</exception>
    public static LoadedLibtorch Current => Found.Value;

    /// <summary>Where torch computes on the CPU; null where the system does not tell.</summary>
    public string? Path => Files.FirstOrDefault();

    /// <summary>
    /// The version of the libtorch whose library is <paramref name="file"/>: what its folder says (build-version of a LibTorch, version.py
    /// of a wheel, version.h), unless the library itself says otherwise, or else the numbers in its name, which are Debian's.
    /// </summary>
    /// <param name="file">The library's full path.</param>
    /// <param name="own">What the library answers, see <see cref="OwnVersion"/>; null for libraries before 2.7, which do not.</param>
    public static string VersionOf(string file, string? own)
    {
        var root = System.IO.Path.GetDirectoryName(System.IO.Path.GetDirectoryName(file)) ?? "/";
        string?[] told =
        [
            Read("build-version", AnyLine()), Read("version.py", PythonLine()),
            Read("include/torch/csrc/api/include/torch/version.h", HeaderLine()),
        ];
        return told.FirstOrDefault(version => version is not null && (own is null || version.StartsWith(own, StringComparison.Ordinal)))
            ?? own ?? (NumbersInName().Match(file) is { Success: true } name ? name.Groups[1].Value : Unknown);

        string? Read(string name, Regex line)
        {
            var path = System.IO.Path.Combine(root, name);
            return File.Exists(path) && line.Match(File.ReadAllText(path)) is { Success: true } match ? match.Groups[1].Value : null;
        }
    }

    /// <summary>Three numbers of the version number that libtorch compiles in: a byte each for major, minor and patch, from the top.</summary>
    public static string Numbers(ulong abi) => FormattableString.Invariant($"{abi >> 56}.{(abi >> 48) & 255}.{(abi >> 40) & 255}");

    private static LoadedLibtorch Find()
    {
        torch.get_num_threads(); // Loads it.
        string[] files = [.. Parts.Select(LoadedLibrary.Find).OfType<LoadedLibrary>().Select(library => library.Path)];
        return new LoadedLibtorch(files.Length == 0 ? Unknown : VersionOf(files[0], OwnVersion(new LoadedLibrary(files[0]))), files);
    }

    private static unsafe string? OwnVersion(LoadedLibrary library) =>
        library.Export("aoti_torch_abi_version") is not 0 and var function
            ? Numbers(((delegate* unmanaged[Cdecl]<ulong>)function)())
            : null;

    [GeneratedRegex(@"^\s*(\d\S*)")]
    private static partial Regex AnyLine();

    [GeneratedRegex(@"^__version__\s*(?::[^=]*)?=\s*['""]([^'""]+)['""]", RegexOptions.Multiline)]
    internal static partial Regex PythonLine();

    [GeneratedRegex(@"#define\s+TORCH_VERSION\s*\\?\s*""([^""]+)""")]
    private static partial Regex HeaderLine();

    [GeneratedRegex(@"\.so\.(\d+\.\d+(?:\.\d+)?)$")]
    private static partial Regex NumbersInName();
}
