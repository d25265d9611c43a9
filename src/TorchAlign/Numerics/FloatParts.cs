namespace TorchAlign.Numerics;

/// <summary>
/// Mantissa 2^Exponent: a float64 number without its limits of range. Operations round to 53 bits, up or down as asked, and not at all
/// where the result has no more.
/// </summary>
/// <param name="Mantissa">Of at most 53 bits, or 2^53, with the sign.</param>
/// <param name="Exponent">Of the mantissa's last bit.</param>
internal readonly record struct FloatParts(long Mantissa, int Exponent)
{
    public const int MantissaBits = 53;

    /// <summary>Of the least positive float64, 2^-1074.</summary>
    public const int LeastExponent = -1074;

    private const long LeadingBit = 1L << (MantissaBits - 1);

    /// <summary>The parts of a finite number.</summary>
    public static FloatParts Of(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var fraction = bits & (LeadingBit - 1);
        var exponent = (int)(bits >> (MantissaBits - 1)) & 0x7FF;
        var mantissa = exponent == 0 ? fraction : fraction | LeadingBit;
        return new FloatParts(bits < 0 ? -mantissa : mantissa, Math.Max(exponent, 1) - 1 + LeastExponent);
    }

    public static bool operator <(FloatParts a, FloatParts b) => a.Compare(b) < 0;

    public static bool operator >(FloatParts a, FloatParts b) => a.Compare(b) > 0;

    /// <summary>This times 2^<paramref name="exponent"/>.</summary>
    public FloatParts Scaled(int exponent) => this with { Exponent = Exponent + exponent };

    /// <summary>The product.</summary>
    public FloatParts Times(FloatParts factor, bool up)
    {
        double product = (double)Mantissa * factor.Mantissa;
        return Directed(product, -Math.FusedMultiplyAdd(Mantissa, factor.Mantissa, -product), up, Exponent + factor.Exponent);
    }

    /// <summary>The quotient by a positive number.</summary>
    public FloatParts Over(FloatParts divisor, bool up)
    {
        double quotient = (double)Mantissa / divisor.Mantissa;
        var excess = Math.FusedMultiplyAdd(quotient, divisor.Mantissa, -(double)Mantissa);
        return Directed(quotient, excess, up, Exponent - divisor.Exponent);
    }

    /// <summary>The square root of a number that is not negative.</summary>
    public FloatParts Root(bool up)
    {
        var odd = Exponent & 1;
        double square = (double)Mantissa * (1 + odd);
        var root = Math.Sqrt(square);
        return Directed(root, Math.FusedMultiplyAdd(root, root, -square), up, (Exponent - odd) / 2);
    }

    /// <summary>The float64 at it or next to it, above or below; infinite if that is too large.</summary>
    public double ToDouble(bool up)
    {
        var value = Math.ScaleB(Mantissa, Exponent);
        if (double.IsInfinity(value)) return up == value > 0 ? value : Math.CopySign(double.MaxValue, value);
        var kept = Of(value); // subnormal numbers have fewer bits
        if (up && kept < this) return Math.BitIncrement(value);
        return !up && kept > this ? Math.BitDecrement(value) : value;
    }

    /// <summary>From the result rounded to nearest, and a number with the sign of what that rounding added.</summary>
    private static FloatParts Directed(double rounded, double excess, bool up, int exponent)
    {
        if (up && excess < 0) rounded = Math.BitIncrement(rounded);
        if (!up && excess > 0) rounded = Math.BitDecrement(rounded);
        return Of(rounded).Scaled(exponent);
    }

    private int Compare(FloatParts other)
    {
        if (Math.Sign(Mantissa) != Math.Sign(other.Mantissa) || Mantissa == 0) return Mantissa.CompareTo(other.Mantissa);
        var (a, b) = (Of(Mantissa), Of(other.Mantissa)); // both now have their leading bit in the same place
        var (high, low) = (a.Exponent + Exponent, b.Exponent + other.Exponent);
        return high == low ? a.Mantissa.CompareTo(b.Mantissa) : high.CompareTo(low) * Math.Sign(Mantissa);
    }
}
