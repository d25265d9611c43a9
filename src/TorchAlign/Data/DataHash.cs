using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace TorchAlign.Data;

/// <summary>
/// SHA-256 of numbers by their bits (little endian on every machine), so that a run can name its data.
/// </summary>
internal static class DataHash
{
    public static string Of(int rows, int columns, ReadOnlySpan<double> values, ReadOnlySpan<sbyte> labels) =>
        Of(rows, columns, values, MemoryMarshal.AsBytes(labels));

    public static string OfClasses(int rows, int columns, ReadOnlySpan<double> values, ReadOnlySpan<int> labels)
    {
        var bytes = new byte[labels.Length * sizeof(int)];
        for (var i = 0; i < labels.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), labels[i]);
        return Of(rows, columns, values, bytes);
    }

    private static string Of(int rows, int columns, ReadOnlySpan<double> values, ReadOnlySpan<byte> labels)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> shape = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(shape, rows);
        BinaryPrimitives.WriteInt64LittleEndian(shape[8..], columns);
        hash.AppendData(shape);
        if (BitConverter.IsLittleEndian)
        {
            hash.AppendData(MemoryMarshal.AsBytes(values));
        }
        else
        {
            Span<byte> bytes = stackalloc byte[8];
            foreach (double value in values)
            {
                BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
                hash.AppendData(bytes);
            }
        }

        hash.AppendData(labels);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
