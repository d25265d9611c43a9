using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>A number, an integer or a truth value, as an argument of an operator.</summary>
public sealed class Scalar : IDisposable
{
    private readonly Tag tag;
    private readonly long bits;

    private Scalar(Tag tag, long bits, ScalarType type)
    {
        this.tag = tag;
        this.bits = bits;
        Type = type;
    }

    /// <summary>Float64, Int64 or Bool: operators take scalars in the widest type of their kind.</summary>
    public ScalarType Type { get; }

    public static implicit operator Scalar(double value) =>
        new(Tag.Double, BitConverter.DoubleToInt64Bits(value), ScalarType.Float64);

    public static implicit operator Scalar(float value) => (double)value;

    public static implicit operator Scalar(long value) => new(Tag.Int, value, ScalarType.Int64);

    public static implicit operator Scalar(int value) => (long)value;

    public static implicit operator Scalar(byte value) => (long)value;

    public static implicit operator Scalar(bool value) => new(Tag.Bool, value ? 1 : 0, ScalarType.Bool);

    /// <summary>Nothing native is held; kept because scalars are disposable in TorchSharp.</summary>
    public void Dispose()
    {
    }

    internal Arg ToArg() => new(tag, bits);

    internal double AsDouble() => tag == Tag.Double ? BitConverter.Int64BitsToDouble(bits) : bits;

    internal long AsInt64() => tag == Tag.Double ? (long)BitConverter.Int64BitsToDouble(bits) : bits;

    internal bool AsBoolean() => tag == Tag.Double ? BitConverter.Int64BitsToDouble(bits) != 0 : bits != 0;
}

/// <summary>Conversions from and to <see cref="Scalar"/>.</summary>
public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this double value) => value;

    public static Scalar ToScalar(this float value) => value;

    public static Scalar ToScalar(this long value) => value;

    public static Scalar ToScalar(this int value) => value;

    public static Scalar ToScalar(this bool value) => value;

    public static double ToDouble(this Scalar value) => value.AsDouble();

    public static float ToSingle(this Scalar value) => (float)value.AsDouble();

    public static long ToInt64(this Scalar value) => value.AsInt64();

    public static int ToInt32(this Scalar value) => checked((int)value.AsInt64());

    public static bool ToBoolean(this Scalar value) => value.AsBoolean();
}
