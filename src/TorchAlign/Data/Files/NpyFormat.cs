using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace TorchAlign.Data;

/// <summary>
/// The .npy format (numpy.lib.format): magic, version, length of the header, the header as a Python dictionary with
/// descr, fortran_order and shape, then the entries.
/// </summary>
internal static partial class NpyFormat
{
    private const int LongestHeader = 1 << 20;

    [GeneratedRegex(@"'descr'\s*:\s*'([<>|=]?)([a-zA-Z])(\d*)'")]
    private static partial Regex Descr();

    [GeneratedRegex(@"'fortran_order'\s*:\s*(True|False)")]
    private static partial Regex FortranOrder();

    [GeneratedRegex(@"'shape'\s*:\s*\(([\d\s,]*)\)")]
    private static partial Regex ShapeText();

    public static NpyArray Read(Stream stream, long length, string where)
    {
        try
        {
            return Parse(stream, length, where);
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException or OverflowException or FormatException)
        {
            // The numbers of a damaged header need be none, or none that memory could hold.
            throw new DataException(
                $"{where} is truncated or damaged ({e.Message.TrimEnd('.')}). Write the file again with numpy.savez.", e);
        }
    }

    private static NpyArray Parse(Stream stream, long length, string where)
    {
        Span<byte> start = stackalloc byte[8];
        stream.ReadExactly(start);
        if (start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8))
            throw new DataException($"{where} is not in numpy's .npy format. Write it with numpy.savez.");
        if (start[6] is < 1 or > 3)
            throw new DataException($"{where} has .npy version {start[6]}; versions 1 to 3 are read.");
        Span<byte> size = stackalloc byte[4];
        size.Clear();
        stream.ReadExactly(start[6] == 1 ? size[..2] : size);
        int headerLength = BinaryPrimitives.ReadInt32LittleEndian(size);
        if (headerLength is < 0 or > LongestHeader) throw new InvalidDataException("the header's length is absurd");
        var header = new byte[headerLength];
        stream.ReadExactly(header);
        string text = (start[6] == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(header);

        Match descr = Descr().Match(text), order = FortranOrder().Match(text), shapeText = ShapeText().Match(text);
        if (!descr.Success || !order.Success || !shapeText.Success)
            throw new DataException(
                $"{where} is not an array of plain numbers or texts (header {text.Trim()}). "
                + "Convert it, for example with numpy.asarray(X, dtype=float).");
        int[] shape = [.. shapeText.Groups[1].Value
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(s => int.Parse(s, CultureInfo.InvariantCulture))];
        string kind = descr.Groups[2].Value;
        bool bigEndian = descr.Groups[1].Value == ">";
        int width = descr.Groups[3].Value is "" ? 0 : int.Parse(descr.Groups[3].Value, CultureInfo.InvariantCulture);
        if (kind == "U") width *= 4; // UCS-4
        string dtype = descr.Groups[1].Value + kind + descr.Groups[3].Value;
        if (kind == "O")
            throw new DataException(
                $"{where} holds Python objects (dtype {dtype}), which numpy pickles; pickles are not read. Convert it: "
                + "y.astype(str) for names of classes, X.astype('float64') for numbers.");

        long count = shape.Aggregate(1L, (product, s) => checked(product * s));
        long bytes = checked(count * width);
        if (length >= 0 && bytes > length)
            throw new InvalidDataException($"{bytes} bytes of entries announced, {length} present");
        if (bytes > Array.MaxLength) throw new DataException($"{where} has {bytes} bytes; at most {Array.MaxLength} are read.");
        var data = new byte[bytes];
        stream.ReadExactly(data);
        Array entries = Decode(data, (int)count, kind, width, bigEndian)
            ?? throw new DataException(
                $"{where} has dtype {dtype}, which is not read. Convert it, for example with X.astype('float64').");
        if (order.Groups[1].Value == "True" && shape.Length > 1) entries = FromFortran(entries, shape);
        return new NpyArray(dtype, shape, entries);
    }

    private static Array? Decode(byte[] data, int count, string kind, int width, bool bigEndian)
    {
        if (bigEndian && kind is "U") SwapUnits(data, 4);
        else if (bigEndian && kind is not "S") SwapUnits(data, width);
        double[] Doubles(Func<int, double> at) => [.. Enumerable.Range(0, count).Select(at)];
        long[] Longs(Func<int, long> at) => [.. Enumerable.Range(0, count).Select(at)];
        ReadOnlySpan<byte> At(int i) => data.AsSpan(i * width, width);
        return (kind, width) switch
        {
            ("f", 8) => Doubles(i => BinaryPrimitives.ReadDoubleLittleEndian(At(i))),
            ("f", 4) => Doubles(i => BinaryPrimitives.ReadSingleLittleEndian(At(i))),
            ("f", 2) => Doubles(i => (double)BinaryPrimitives.ReadHalfLittleEndian(At(i))),
            ("i", 8) => Longs(i => BinaryPrimitives.ReadInt64LittleEndian(At(i))),
            ("i", 4) => Longs(i => BinaryPrimitives.ReadInt32LittleEndian(At(i))),
            ("i", 2) => Longs(i => BinaryPrimitives.ReadInt16LittleEndian(At(i))),
            ("i", 1) => Longs(i => (sbyte)data[i]),
            ("u", 8) => Enumerable.Range(0, count).Select(i => BinaryPrimitives.ReadUInt64LittleEndian(At(i))).ToArray(),
            ("u", 4) => Longs(i => BinaryPrimitives.ReadUInt32LittleEndian(At(i))),
            ("u", 2) => Longs(i => BinaryPrimitives.ReadUInt16LittleEndian(At(i))),
            ("u" or "b", 1) => Longs(i => data[i]),
            ("U", > 0) => Enumerable.Range(0, count).Select(i => Encoding.UTF32.GetString(At(i)).TrimEnd('\0')).ToArray(),
            ("S", > 0) => Enumerable.Range(0, count).Select(i => Encoding.UTF8.GetString(At(i)).TrimEnd('\0')).ToArray(),
            _ => null,
        };
    }

    private static void SwapUnits(byte[] data, int width)
    {
        for (int i = 0; width > 1 && i < data.Length; i += width) Array.Reverse(data, i, width);
    }

    private static Array FromFortran(Array entries, int[] shape)
    {
        var result = Array.CreateInstance(entries.GetType().GetElementType()!, entries.Length);
        var index = new int[shape.Length];
        for (int k = 0; k < entries.Length; k++)
        {
            int position = 0;
            for (int axis = 0; axis < shape.Length; axis++) position = position * shape[axis] + index[axis];
            Array.Copy(entries, k, result, position, 1);
            for (int axis = 0; axis < shape.Length && ++index[axis] == shape[axis]; axis++) index[axis] = 0;
        }

        return result;
    }
}
