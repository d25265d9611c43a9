using System.Runtime.InteropServices;
using System.Text;

namespace TorchSharp;

/// <summary>One argument or result as it crosses to native code (struct ta_value).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeValue
{
    internal int Tag;
    internal int Count;
    internal long Bits;
}

internal enum Tag
{
    None = 0,
    Tensor = 1,
    Double = 2,
    Int = 3,
    Bool = 4,
    Ints = 5,
    Device = 6,
    Tensors = 7,
    OptionalTensors = 8,
    String = 9,
    Generator = 10,
}

/// <summary>An argument of an operator, as C# sees it: implicit conversions keep the operators one-liners.</summary>
internal readonly struct Arg
{
    internal readonly Tag Tag;
    internal readonly long Bits;

    /// <summary>What must stay alive during the call, and the source of lists.</summary>
    internal readonly object? Reference;

    internal Arg(Tag tag, long bits, object? reference = null)
    {
        Tag = tag;
        Bits = bits;
        Reference = reference;
    }

    internal static Arg None => default;

    public static implicit operator Arg(torch.Tensor? t) =>
        t is null ? default : new(Tag.Tensor, t.Handle, t);

    public static implicit operator Arg(Scalar? s) => s is null ? default : s.ToArg();

    public static implicit operator Arg(double value) => new(Tag.Double, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Arg(double? value) => value is { } v ? (Arg)v : default;

    public static implicit operator Arg(long value) => new(Tag.Int, value);

    public static implicit operator Arg(long? value) => value is { } v ? (Arg)v : default;

    public static implicit operator Arg(int value) => new(Tag.Int, value);

    public static implicit operator Arg(bool value) => new(Tag.Bool, value ? 1 : 0);

    public static implicit operator Arg(torch.ScalarType value) => new(Tag.Int, (long)value);

    public static implicit operator Arg(torch.ScalarType? value) => value is { } v ? (Arg)v : default;

    public static implicit operator Arg(torch.Device? device) =>
        device is null ? default : new(Tag.Device, (long)(uint)device.type | ((long)device.index << 32));

    public static implicit operator Arg(long[]? value) => value is null ? default : new(Tag.Ints, 0, value);

    public static implicit operator Arg(ReadOnlySpan<long> value) => new(Tag.Ints, 0, value.ToArray());

    public static implicit operator Arg(string? value) =>
        value is null ? default : new(Tag.String, 0, Encoding.UTF8.GetBytes(value));

    public static implicit operator Arg(torch.Tensor[] value) => new(Tag.Tensors, 0, value);

    public static implicit operator Arg(torch.Generator? value) =>
        value is null ? default : new(Tag.Generator, value.Handle, value);

    /// <summary>A list whose entries may be null, as indexing takes it.</summary>
    internal static Arg Optional(torch.Tensor?[] value) => new(Tag.OptionalTensors, 0, value);

    /// <summary>How many 8-byte words a list needs beside the argument itself.</summary>
    internal int Words => Tag switch
    {
        Tag.Ints => ((long[])Reference!).Length,
        Tag.Tensors or Tag.OptionalTensors => ((torch.Tensor[])Reference!).Length,
        Tag.String => (((byte[])Reference!).Length + 7) / 8,
        _ => 0,
    };

    /// <summary>Writes the argument, with its list at <paramref name="words"/>.</summary>
    internal unsafe void Write(NativeValue* target, long* words)
    {
        target->Tag = (int)Tag;
        target->Count = 0;
        target->Bits = Bits;
        switch (Tag)
        {
            case Tag.Ints:
                var ints = (long[])Reference!;
                ints.CopyTo(new Span<long>(words, ints.Length));
                target->Count = ints.Length;
                target->Bits = (long)words;
                break;
            case Tag.Tensors or Tag.OptionalTensors:
                var tensors = (torch.Tensor?[])Reference!;
                for (var i = 0; i < tensors.Length; i++) words[i] = tensors[i] is { } t ? t.Handle : 0;
                target->Count = tensors.Length;
                target->Bits = (long)words;
                break;
            case Tag.String:
                var bytes = (byte[])Reference!;
                bytes.CopyTo(new Span<byte>(words, bytes.Length));
                target->Count = bytes.Length;
                target->Bits = (long)words;
                break;
        }
    }
}
