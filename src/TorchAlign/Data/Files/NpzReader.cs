using System.IO.Compression;

namespace TorchAlign.Data;

/// <summary>
/// Reads .npz files (numpy.savez, numpy.savez_compressed): zip archives of .npy arrays. Format versions 1, 2 and 3;
/// float16, float32, float64, integers, booleans and texts of either byte order; C and Fortran order; stored and
/// deflated entries.
/// </summary>
public static class NpzReader
{
    /// <summary>All arrays of the file, by name.</summary>
    /// <exception cref="DataException">There is no such file, it is not a whole .npz file, or an array is of a kind
    /// that is not read.</exception>
    public static IReadOnlyDictionary<string, NpyArray> Read(string path)
    {
        if (!File.Exists(path))
            throw new DataException(
                $"{path}: there is no such file (looked for {Path.GetFullPath(path)}).");
        var arrays = new Dictionary<string, NpyArray>(StringComparer.Ordinal);
        try
        {
            using ZipArchive archive = ZipFile.OpenRead(path);
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                if (!entry.FullName.EndsWith(".npy", StringComparison.Ordinal)) continue;
                string name = entry.FullName[..^".npy".Length];
                using Stream stream = entry.Open();
                arrays[name] = NpyFormat.Read(stream, entry.Length, $"{path}, array '{name}'");
            }
        }
        catch (InvalidDataException e)
        {
            throw new DataException(
                $"{path} is not a whole .npz file ({e.Message.TrimEnd('.')}): truncated or of another format. "
                + "Write it again with numpy.savez.", e);
        }
        catch (EndOfStreamException e)
        {
            throw new DataException($"{path} is truncated. Write it again with numpy.savez.", e);
        }

        return arrays;
    }
}
