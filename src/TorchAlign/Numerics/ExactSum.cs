namespace TorchAlign.Numerics;

/// <summary>
/// A sum of products of float64 numbers without any rounding: a fixed-point number long enough for every product of two of them (the
/// long accumulator of U. Kulisch, <i>Computer Arithmetic and Validity</i>, 2013, chapter 8).
/// </summary>
internal sealed class ExactSum
{
    /// <summary>The exponent of the last bit: the square of the least positive float64.</summary>
    private const int LeastExponent = 2 * FloatParts.LeastExponent;

    private const int DigitBits = 32;

    private const ulong DigitMask = (1UL << DigitBits) - 1;

    /// <summary>Bits up to the square of the largest float64, and room for 2^60 such terms.</summary>
    private const int Digits = (4 * 1024 + 2 * 53 + 60) / DigitBits + 3;

    /// <summary>A term adds less than 2^33 to a digit, which holds 2^63.</summary>
    private const int MostUncarried = 1 << 29;

    private readonly long[] _digits = new long[Digits];
    private int _uncarried;

    public void Clear()
    {
        Array.Clear(_digits);
        _uncarried = 0;
    }

    /// <summary>Adds x y; both finite.</summary>
    public void AddProduct(double x, double y)
    {
        if (x == 0 || y == 0) return;
        var (a, b) = (FloatParts.Of(x), FloatParts.Of(y));
        var high = Math.BigMul((ulong)Math.Abs(a.Mantissa), (ulong)Math.Abs(b.Mantissa), out var low);
        var position = a.Exponent + b.Exponent - LeastExponent;
        var (digit, shift) = (position / DigitBits, position % DigitBits);
        var negative = a.Mantissa < 0 != b.Mantissa < 0;
        AddDigit(digit, low & DigitMask, shift, negative);
        AddDigit(digit + 1, low >> DigitBits, shift, negative);
        AddDigit(digit + 2, high & DigitMask, shift, negative);
        AddDigit(digit + 3, high >> DigitBits, shift, negative);
        if (++_uncarried == MostUncarried) Carry(_digits);
    }

    /// <summary>Adds x, finite.</summary>
    public void Add(double x) => AddProduct(x, 1);

    /// <summary>-1, 0 or 1.</summary>
    public int Sign()
    {
        Carry(_digits);
        return _digits[^1] < 0 ? -1 : Array.TrueForAll(_digits, digit => digit == 0) ? 0 : 1;
    }

    /// <summary>The sum with a mantissa of 53 bits, not above it.</summary>
    public FloatParts Floor() => Rounded(up: false);

    /// <summary>The sum with a mantissa of 53 bits, not below it.</summary>
    public FloatParts Ceiling() => Rounded(up: true);

    private FloatParts Rounded(bool up)
    {
        var sign = Sign();
        if (sign == 0) return default;
        var digits = _digits;
        if (sign < 0)
        {
            digits = Array.ConvertAll(_digits, digit => -digit);
            Carry(digits);
        }
        var top = Array.FindLastIndex(digits, digit => digit != 0);
        UInt128 leading = 0;
        for (var k = 0; k < 3; k++) leading = leading << DigitBits | (uint)(top >= k ? digits[top - k] : 0);
        var excess = 128 - (int)UInt128.LeadingZeroCount(leading) - FloatParts.MantissaBits;
        var mantissa = (long)(leading >> excess);
        var exact = (UInt128)mantissa << excess == leading && Array.FindIndex(digits, digit => digit != 0) > top - 3;
        if (!exact && up == sign > 0) mantissa++;
        return new FloatParts(sign * mantissa, LeastExponent + DigitBits * (top - 2) + excess);
    }

    private void AddDigit(int digit, ulong value, int shift, bool negative)
    {
        var shifted = value << shift;
        var (low, high) = ((long)(shifted & DigitMask), (long)(shifted >> DigitBits));
        _digits[digit] += negative ? -low : low;
        _digits[digit + 1] += negative ? -high : high;
    }

    /// <summary>Leaves every digit but the last in [0, 2^32); the last has the sign.</summary>
    private void Carry(long[] digits)
    {
        long carry = 0;
        for (var k = 0; k < digits.Length - 1; k++)
        {
            var digit = digits[k] + carry;
            digits[k] = digit & (long)DigitMask;
            carry = digit >> DigitBits;
        }
        digits[^1] += carry;
        _uncarried = 0;
    }
}
