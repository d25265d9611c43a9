using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace TorchAlign.Recording;

/// <summary>An array to write: a name, a shape and entries in C order (last index fastest).</summary>
public sealed class NpzArray
{
    private NpzArray(string name, string dtype, int[] shape, int length, Func<ReadOnlyMemory<byte>> bytes)
    {
        if (name.Length == 0 || name.AsSpan().IndexOfAny('/', '\\') >= 0)
            throw new ArgumentException($"'{name}' cannot name an array.", nameof(name));
        long count = shape.Aggregate(1L, (product, s) => checked(product * s));
        if (count != length || shape.Any(s => s < 0))
            throw new ArgumentException($"Array '{name}': {length} entries do not have shape ({string.Join(", ", shape)}).", nameof(shape));
        Name = name;
        DType = dtype;
        Shape = shape;
        Bytes = bytes;
    }

    /// <summary>The name by which numpy.load finds it.</summary>
    public string Name { get; }

    internal string DType { get; }

    internal int[] Shape { get; }

    internal Func<ReadOnlyMemory<byte>> Bytes { get; }

    /// <summary>A float64 array; no shape given means a vector.</summary>
    /// <exception cref="ArgumentException">The entries do not have that shape.</exception>
    public static NpzArray Float64(string name, double[] entries, params int[] shape) =>
        new(name, "<f8", ShapeOf(entries, shape), entries.Length, () => ToBytes(entries, BinaryPrimitives.WriteDoubleLittleEndian));

    /// <summary>An int64 array; no shape given means a vector.</summary>
    /// <exception cref="ArgumentException">The entries do not have that shape.</exception>
    public static NpzArray Int64(string name, long[] entries, params int[] shape) =>
        new(name, "<i8", ShapeOf(entries, shape), entries.Length, () => ToBytes(entries, BinaryPrimitives.WriteInt64LittleEndian));

    /// <summary>A float32 array; no shape given means a vector.</summary>
    /// <exception cref="ArgumentException">The entries do not have that shape.</exception>
    public static NpzArray Float32(string name, float[] entries, params int[] shape) =>
        new(name, "<f4", ShapeOf(entries, shape), entries.Length,
            () => ToBytes(entries, BinaryPrimitives.WriteSingleLittleEndian));

    /// <summary>A vector of texts, which numpy keeps in UCS-4.</summary>
    public static NpzArray Text(string name, params string[] texts)
    {
        var units = Array.ConvertAll(texts, Encoding.UTF32.GetBytes);
        // numpy knows no text of width 0.
        var width = units.Select(unit => unit.Length).Append(sizeof(int)).Max();
        return new NpzArray(name, $"<U{width / sizeof(int)}", [texts.Length], texts.Length, () =>
        {
            var bytes = new byte[width * units.Length];
            for (var i = 0; i < units.Length; i++) units[i].CopyTo(bytes, i * width);
            return bytes;
        });
    }

    private static int[] ShapeOf(Array entries, int[] shape) => shape.Length == 0 ? [entries.Length] : shape;

    private delegate void WriteOne<T>(Span<byte> destination, T value);

    private static byte[] ToBytes<T>(T[] entries, WriteOne<T> writeOne) where T : unmanaged
    {
        if (BitConverter.IsLittleEndian) return MemoryMarshal.AsBytes(entries.AsSpan()).ToArray();
        int width = System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
        var bytes = new byte[entries.Length * width];
        for (int i = 0; i < entries.Length; i++) writeOne(bytes.AsSpan(i * width), entries[i]);
        return bytes;
    }
}

/// <summary>Writes .npz files that numpy.load reads: zip archives of .npy arrays, stored.</summary>
public static class NpzWriter
{
    // .npy wants the entries to begin at a multiple of this.
    private const int Alignment = 64;

    // The first date that zip knows: equal arrays give equal files.
    private static readonly DateTimeOffset NoDate = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Writes the arrays to a file beside <paramref name="path"/> and renames it, so that a reader never sees half a
    /// file.
    /// </summary>
    /// <exception cref="ArgumentException">Two arrays have one name.</exception>
    /// <exception cref="RecordingException">The file cannot be written.</exception>
    public static void Write(string path, params IReadOnlyList<NpzArray> arrays) =>
        AtomicFile.Write(path, (Stream stream) => Write(stream, arrays));

    /// <summary>Writes the arrays to a stream, which stays open.</summary>
    /// <exception cref="ArgumentException">Two arrays have one name.</exception>
    internal static void Write(Stream stream, IReadOnlyList<NpzArray> arrays)
    {
        string? twice = arrays.GroupBy(a => a.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key;
        if (twice is not null) throw new ArgumentException($"Two arrays are named '{twice}'.", nameof(arrays));
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach (NpzArray array in arrays)
        {
            ZipArchiveEntry entry = archive.CreateEntry(array.Name + ".npy", CompressionLevel.NoCompression);
            entry.LastWriteTime = NoDate;
            using Stream content = entry.Open();
            content.Write(Header(array));
            content.Write(array.Bytes().Span);
        }
    }

    private static byte[] Header(NpzArray array)
    {
        string shape = array.Shape.Length == 1 ? $"{array.Shape[0]}," : string.Join(", ", array.Shape);
        string text = $"{{'descr': '{array.DType}', 'fortran_order': False, 'shape': ({shape}), }}";
        const int Preamble = 10; // magic, version 1.0, length
        int total = (Preamble + text.Length + 1 + Alignment - 1) / Alignment * Alignment;
        var header = new byte[total];
        header.AsSpan().Fill((byte)' ');
        header[0] = 0x93;
        "NUMPY"u8.CopyTo(header.AsSpan(1));
        header[6] = 1;
        header[7] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), checked((ushort)(total - Preamble)));
        Encoding.ASCII.GetBytes(text, header.AsSpan(Preamble));
        header[^1] = (byte)'\n';
        return header;
    }
}
