using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TorchAlign.Recording;

/// <summary>
/// Writes .safetensors files, which safetensors.torch.load_file reads; the format is described at
/// <see cref="SafetensorsReader"/>. F64, F32 and I64.
/// </summary>
public static class SafetensorsWriter
{
    // The entries then begin at a multiple of this, so that a reader may map them.
    private const int Alignment = 8;

    /// <summary>Writes the tensors in the order given; a reader never sees half a file.</summary>
    /// <exception cref="ArgumentException">Two tensors have one name.</exception>
    /// <exception cref="RecordingException">The file cannot be written.</exception>
    public static void Write(string path, params IReadOnlyList<NpzArray> tensors)
    {
        var header = Header(tensors);
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        AtomicFile.Write(path, (Stream stream) =>
        {
            stream.Write(length);
            stream.Write(header);
            foreach (var tensor in tensors) stream.Write(tensor.Bytes().Span);
        });
    }

    private static byte[] Header(IReadOnlyList<NpzArray> tensors)
    {
        var entries = new JsonObject();
        var offset = 0L;
        foreach (var tensor in tensors)
        {
            if (tensor.Name == "__metadata__")
                throw new ArgumentException("The format keeps the name '__metadata__' for itself.", nameof(tensors));
            if (entries.ContainsKey(tensor.Name))
                throw new ArgumentException($"Two tensors are named '{tensor.Name}'.", nameof(tensors));
            var (dtype, width) = tensor.DType switch
            {
                "<f8" => ("F64", 8),
                "<f4" => ("F32", 4),
                _ => ("I64", 8),
            };
            var end = offset + tensor.Shape.Aggregate((long)width, (product, size) => product * size);
            entries[tensor.Name] = new JsonObject
            {
                ["dtype"] = dtype,
                ["shape"] = JsonSerializer.SerializeToNode(tensor.Shape),
                ["data_offsets"] = new JsonArray(offset, end),
            };
            offset = end;
        }
        var json = JsonSerializer.SerializeToUtf8Bytes(entries);
        var padded = new byte[(json.Length + Alignment - 1) / Alignment * Alignment];
        padded.AsSpan().Fill((byte)' ');
        json.CopyTo(padded, 0);
        return padded;
    }
}
