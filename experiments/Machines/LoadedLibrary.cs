using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace TorchAlign.Experiments.Machines;

/// <summary>A shared library of this process: where it came from and what it exports.</summary>
internal sealed record LoadedLibrary(string Path)
{
    /// <summary>The first loaded library whose file name starts with <paramref name="prefix"/>, or null.</summary>
    public static LoadedLibrary? Find(string prefix) =>
        Paths().FirstOrDefault(path => System.IO.Path.GetFileName(path).StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            is { } path ? new LoadedLibrary(path) : null;

    /// <summary>The library that holds the code at <paramref name="address"/>, or null (Linux only).</summary>
    public static LoadedLibrary? At(nint address)
    {
        foreach ((ulong start, ulong end, string path) in Mappings())
        {
            if ((ulong)address >= start && (ulong)address < end)
            {
                return new LoadedLibrary(path);
            }
        }
        return null;
    }

    /// <summary>The address of a symbol of this library or of one that it depends on; 0 if there is none.</summary>
    public nint Export(string symbol) =>
        NativeLibrary.TryLoad(Path, out nint handle) && NativeLibrary.TryGetExport(handle, symbol, out nint address) ? address : 0;

    private static IEnumerable<string> Paths()
    {
        if (OperatingSystem.IsLinux())
        {
            return Mappings().Select(mapping => mapping.Path).Distinct();
        }
        using var process = Process.GetCurrentProcess();
        return process.Modules.Cast<ProcessModule>().Select(module => module.FileName).ToList();
    }

    private static IEnumerable<(ulong Start, ulong End, string Path)> Mappings()
    {
        if (!OperatingSystem.IsLinux())
        {
            yield break;
        }
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            int path = line.IndexOf('/');
            if (path < 0)
            {
                continue;
            }
            string[] range = line[..line.IndexOf(' ')].Split('-');
            yield return (ulong.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                ulong.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture), line[path..]);
        }
    }
}
