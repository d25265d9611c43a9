using System.Numerics;
using TorchAlign.Data;
using TorchAlign.Numerics;

namespace TorchAlign.MaxMargin;

/// <summary>Points, as they were given, in whole numbers: float64 numbers are whole multiples of a power of two.</summary>
internal static class WholePoints
{
    /// <summary>The least exponent of a point's entries, and how many bits they take above it; (0, 0) for the point 0.</summary>
    public static (int Exponent, int Bits) Extent(SignedPoints points, int i)
    {
        int least = int.MaxValue, most = int.MinValue;
        foreach (double value in points.Given(i))
        {
            if (value == 0) continue;
            FloatParts parts = FloatParts.Of(value);
            int zeros = BitOperations.TrailingZeroCount(parts.Mantissa);
            least = Math.Min(least, parts.Exponent + zeros);
            most = Math.Max(most, Math.ILogB(value) + 1);
        }

        return most < least ? (0, 0) : (least, most - least);
    }

    /// <summary>z_i 2^-exponent (d), where the exponent is at most that of <see cref="Extent"/>.</summary>
    public static BigInteger[] Column(SignedPoints points, int i, int exponent)
    {
        ReadOnlySpan<double> given = points.Given(i);
        var column = new BigInteger[given.Length];
        for (int j = 0; j < column.Length; j++)
        {
            if (given[j] == 0) continue;
            FloatParts parts = FloatParts.Of(points.Sign(i) * given[j]);
            int shift = parts.Exponent - exponent;
            // A negative shift takes off trailing zeros alone.
            column[j] = shift >= 0 ? (BigInteger)parts.Mantissa << shift : parts.Mantissa >> -shift;
        }

        return column;
    }

    /// <summary>The numbers values_k 2^exponents_k in float64, to rounding, with a common factor that makes the largest about 1.</summary>
    public static double[] Rounded(IReadOnlyList<BigInteger> values, IReadOnlyList<int>? exponents = null)
    {
        const int kept = 64; // leading bits of each: more than float64 holds, and far from its largest number
        long most = long.MinValue;
        long[] tops = new long[values.Count];
        for (int k = 0; k < tops.Length; k++)
        {
            if (values[k].IsZero) continue;
            tops[k] = (long)BigInteger.Abs(values[k]).GetBitLength() + (exponents?[k] ?? 0);
            most = Math.Max(most, tops[k]);
        }

        var rounded = new double[values.Count];
        for (int k = 0; k < rounded.Length; k++)
        {
            if (values[k].IsZero) continue;
            int excess = (int)Math.Max(0, (long)BigInteger.Abs(values[k]).GetBitLength() - kept);
            int exponent = (int)Math.Max(-5000, excess + (exponents?[k] ?? 0) - most);
            rounded[k] = Math.ScaleB((double)(values[k] >> excess), exponent);
        }

        return rounded;
    }
}
