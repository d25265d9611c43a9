using System.IO.Compression;

namespace TorchAlign.Data;

/// <summary>
/// Reads .npz files (numpy.savez, numpy.savez_compressed): zip archives of .npy arrays. Format versions 1, 2 and 3;
/// float16, float32, float64, integers, booleans and texts of either byte order; C and Fortran order; stored and
/// deflated entries. Each entry is held against its CRC-32.
/// </summary>
public static class NpzReader
{
    /// <summary>All arrays of the file, by name.</summary>
    /// <exception cref="DataException">There is no such file, it is not a whole .npz file, an entry has not its checksum, or an array is
    /// of a kind that is not read.</exception>
    public static IReadOnlyDictionary<string, NpyArray> Read(string path)
    {
        DataFile.RequireFile(path);
        var arrays = new Dictionary<string, NpyArray>(StringComparer.Ordinal);
        try
        {
            using ZipArchive archive = ZipFile.OpenRead(path);
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                if (!entry.FullName.EndsWith(".npy", StringComparison.Ordinal)) continue;
                string name = entry.FullName[..^".npy".Length];
                arrays[name] = Read(entry, $"{path}, array '{name}'");
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

    /// <summary>A damaged entry may parse, or fail to in ways that mislead: the checksum is told before what the array says.</summary>
    private static NpyArray Read(ZipArchiveEntry entry, string where)
    {
        using Stream packed = entry.Open();
        using var stream = new ChecksumStream(packed);
        NpyArray? array = null;
        DataException? fault = null;
        try
        {
            array = NpyFormat.Read(stream, entry.Length, where);
        }
        catch (DataException e)
        {
            fault = e;
        }

        if (!stream.EndsAs(entry.Length, entry.Crc32))
            throw new DataException(
                $"{where} is damaged: its bytes do not have the CRC-32 checksum that was written with them. Copy the file again, or "
                + "write it again with numpy.savez.", fault);
        return array ?? throw fault!;
    }
}
