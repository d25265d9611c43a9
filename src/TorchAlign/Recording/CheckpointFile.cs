using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TorchAlign.Checkpoints;
using TorchAlign.Data;

namespace TorchAlign.Recording;

/// <summary>
/// A snapshot as a .npz file, one array an entry, so that numpy.load reads it: float64, int64 and texts, and under "sha256" the
/// SHA-256 of all the others. A folder keeps two, checkpoint.npz and the one before it.
/// </summary>
public static class CheckpointFile
{
    public const string Newest = "checkpoint.npz";
    public const string Before = "checkpoint.previous.npz";

    private const string Schema = "torchalign/checkpoint/1";
    private const string SchemaEntry = "schema";
    private const string DigestEntry = "sha256";

    /// <summary>
    /// Writes checkpoint.npz; what was there becomes checkpoint.previous.npz. Whenever the machine stops, one of the two is whole.
    /// </summary>
    /// <exception cref="RecordingException">The disk refused; checkpoint.npz is what it was.</exception>
    public static void Write(string folder, Snapshot snapshot)
    {
        var (newest, before) = (Path.Combine(folder, Newest), Path.Combine(folder, Before));
        var arrays = ArraysOf(snapshot);
        arrays.Add(NpzArray.Int64(DigestEntry, Digest(arrays)));
        AtomicFile.Write(newest, temporary =>
        {
            using var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite);
            NpzWriter.Write(stream, arrays);
            stream.Flush(flushToDisk: true);
        }, before);
        AtomicFile.SyncFolder(folder);
    }

    /// <exception cref="DataException">The file is not a whole checkpoint; the message says why.</exception>
    public static Snapshot Read(string path)
    {
        var arrays = Arrays(path);
        var snapshot = new Snapshot();
        foreach (var (name, array) in arrays)
            if (name is not DigestEntry and not SchemaEntry) snapshot.Add(name, ValuesOf(array));
        if (!(arrays.TryGetValue(SchemaEntry, out var schema) && schema.IsText && schema.ToTexts() is [Schema]))
            throw new DataException($"{path} is not a checkpoint of this version of TorchAlign ({Schema}).");
        if (!(arrays.TryGetValue(DigestEntry, out var digest) && digest.DType == "<i8"
            && Digest(ArraysOf(snapshot)).SequenceEqual(digest.ToInt64s())))
            throw new DataException($"{path} is damaged: its content does not have the SHA-256 that was written with it.");
        return snapshot;
    }

    /// <summary>Removes both, and what a process that was killed while writing has left.</summary>
    internal static void Delete(string folder)
    {
        foreach (var file in (string[])[Newest, Before, Newest + AtomicFile.TemporarySuffix]) File.Delete(Path.Combine(folder, file));
    }

    private static IReadOnlyDictionary<string, NpyArray> Arrays(string path)
    {
        try
        {
            return NpzReader.Read(path);
        }
        catch (DataException error)
        {
            throw new DataException($"{path} is damaged: it is not a whole .npz file.", error);
        }
    }

    private static List<NpzArray> ArraysOf(Snapshot snapshot) =>
    [
        NpzArray.Text(SchemaEntry, Schema),
        .. snapshot.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => entry.Value switch
        {
            double[] numbers => NpzArray.Float64(entry.Key, numbers),
            long[] whole => NpzArray.Int64(entry.Key, whole),
            _ => NpzArray.Text(entry.Key, (string[])entry.Value),
        }),
    ];

    private static Array ValuesOf(NpyArray array) => array switch
    {
        { IsText: true } => array.ToTexts(),
        { DType: "<i8" } => array.ToInt64s(),
        _ => array.ToDoubles(),
    };

    /// <summary>SHA-256 of names, types, lengths and numbers, as four numbers.</summary>
    private static long[] Digest(IEnumerable<NpzArray> arrays)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var array in arrays)
        {
            var bytes = array.Bytes();
            hash.AppendData(Encoding.UTF8.GetBytes($"{array.Name} {array.DType} {bytes.Length}\n"));
            hash.AppendData(bytes.Span);
        }
        var digest = hash.GetHashAndReset();
        return [.. Enumerable.Range(0, 4).Select(i => BinaryPrimitives.ReadInt64LittleEndian(digest.AsSpan(8 * i)))];
    }
}
