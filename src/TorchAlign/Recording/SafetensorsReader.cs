using System.Buffers.Binary;
using System.Text.Json;
using TorchAlign.Data;

namespace TorchAlign.Recording;

/// <summary>
/// Reads .safetensors files (huggingface.co/docs/safetensors): 8 bytes length of the header, little endian; the header
/// as JSON, {name: {dtype, shape, data_offsets}}, with an optional __metadata__; then the entries, little endian in C
/// order. F64, F32 and I64 are read.
/// </summary>
public static class SafetensorsReader
{
    private const int PrefixLength = 8;

    /// <summary>As in the reference implementation: a longer header is an attack or another format.</summary>
    private const long LongestHeader = 100_000_000;

    /// <summary>All tensors of the file, by name; the dtype is as the file writes it ("F64").</summary>
    /// <exception cref="DataException">There is no such file, it is not a whole .safetensors file, or a tensor is of a
    /// dtype that is not read.</exception>
    public static IReadOnlyDictionary<string, NpyArray> Read(string path)
    {
        DataFile.RequireFile(path);
        var file = File.ReadAllBytes(path);
        if (file.Length < PrefixLength)
            throw Damaged(path, $"it has {file.Length} bytes, and the length of the header alone takes {PrefixLength}");
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(file);
        if (headerLength > LongestHeader || headerLength > (ulong)(file.Length - PrefixLength))
            throw Damaged(path, $"a header of {headerLength} bytes is announced in a file of {file.Length}");
        var data = file.AsMemory(PrefixLength + (int)headerLength);
        try
        {
            using var header = JsonDocument.Parse(file.AsMemory(PrefixLength, (int)headerLength));
            var entries = header.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__")
                .Select(entry => Entry.Of(path, entry)).ToArray();
            RequireWholeAndApart(path, entries, data.Length);
            var tensors = new Dictionary<string, NpyArray>(StringComparer.Ordinal);
            foreach (var entry in entries)
                if (!tensors.TryAdd(entry.Name, entry.Decode(data.Span)))
                    throw Damaged(path, $"two tensors are named '{entry.Name}'");
            return tensors;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException
                                          or FormatException or OverflowException)
        {
            throw new DataException(
                $"{path} is not a .safetensors file: its header does not parse ({error.Message.TrimEnd('.')}). Write "
                + "it again with safetensors.torch.save_file.", error);
        }
    }

    private static void RequireWholeAndApart(string path, IReadOnlyList<Entry> entries, long available)
    {
        var end = 0L;
        foreach (var entry in entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.Begin < end)
                throw Damaged(path,
                    $"tensor '{entry.Name}' overlaps the one before it (at byte {entry.Begin} of the data)");
            if (entry.Begin > end)
                throw Damaged(path, $"{entry.Begin - end} bytes before tensor '{entry.Name}' belong to no tensor");
            if (entry.End > available)
                throw Damaged(path,
                    $"tensor '{entry.Name}' ends at byte {entry.End} of {available} bytes of data: truncated");
            end = entry.End;
        }
        if (end != available) throw Damaged(path, $"{available - end} bytes after the last tensor belong to none");
    }

    private static DataException Damaged(string path, string what) => new(
        $"{path} is not a whole .safetensors file: {what}. Write it again with safetensors.torch.save_file.");

    private sealed record Entry(string Name, string DType, int[] Shape, int Count, long Begin, long End)
    {
        public static Entry Of(string path, JsonProperty property)
        {
            var dtype = property.Value.GetProperty("dtype").GetString()!;
            var width = dtype switch
            {
                "F64" or "I64" => 8,
                "F32" => 4,
                _ => throw new DataException(
                    $"{path}, tensor '{property.Name}': dtype {dtype} is not read; F64, F32 and I64 are. Convert it, "
                    + "for example with tensor.double()."),
            };
            int[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())];
            var spans = property.Value.GetProperty("data_offsets").EnumerateArray();
            long[] offsets = [.. spans.Select(at => at.GetInt64())];
            if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0] || shape.Any(size => size < 0))
                throw Damaged(path, $"tensor '{property.Name}' has a shape or data_offsets that cannot be");
            var count = shape.Aggregate(1L, (product, size) => checked(product * size));
            if (checked(count * width) != offsets[1] - offsets[0])
                throw Damaged(path, $"tensor '{property.Name}' has {offsets[1] - offsets[0]} bytes; {dtype} "
                    + $"({string.Join(", ", shape)}) takes {count * width}");
            return new Entry(property.Name, dtype, shape, checked((int)count), offsets[0], offsets[1]);
        }

        public NpyArray Decode(ReadOnlySpan<byte> data)
        {
            var bytes = data[(int)Begin..(int)End];
            if (DType == "I64")
            {
                var whole = new long[Count];
                for (var i = 0; i < Count; i++) whole[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes[(8 * i)..]);
                return new NpyArray(DType, Shape, whole);
            }
            var values = new double[Count];
            for (var i = 0; i < Count; i++)
                values[i] = DType == "F64"
                    ? BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..])
                    : BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]);
            return new NpyArray(DType, Shape, values);
        }
    }
}
