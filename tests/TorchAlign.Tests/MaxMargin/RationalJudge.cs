using System.Numerics;
using TorchAlign.Data;
using TorchAlign.MaxMargin;

namespace TorchAlign.Tests.MaxMargin;

/// <summary>
/// Judges a solution of few points in rational arithmetic, from the definitions. Float64 numbers are whole multiples of 2^-1074, so
/// everything here is a whole number or a quotient of two. It shares nothing with the code it judges.
/// </summary>
internal static class RationalJudge
{
    private const int Unit = 1074;

    /// <summary>Fails unless the verdict and both bounds are true of the points (n, d) as they were given.</summary>
    public static void Check(double[] given, int d, MarginSolution s, SignedPoints scaled)
    {
        BigInteger[][] z = [.. given.Chunk(d).Select(Whole)];
        if (s.Separability == Separability.No)
        {
            Assert.Equal(0, s.Lower);
            Assert.True(CombinesToZero([.. s.GordanCarriers.Select(i => Shortened(z[i]))]), "the named points do not combine to 0");
        }
        else if (s.Separability == Separability.Yes)
        {
            BigInteger[] u = Whole(s.Direction);
            Assert.All(z, point => Assert.True(Dot(u, point).Sign > 0, "the direction does not separate"));
        }

        CheckBounds(given, d, scaled, s.Direction.Length > 0 ? s.Direction : null, s.Lower, s.DualWeights, s.Upper);
    }

    /// <summary>lower &lt;= min &lt;u, z&gt; / (||u|| scale) and upper >= ||sum a z|| / (sum a scale).</summary>
    public static void CheckBounds(
        double[] given, int d, SignedPoints scaled, double[]? direction, double lower, double[] weights, double upper)
    {
        BigInteger[][] z = [.. given.Chunk(d).Select(Whole)];
        // The scale itself may be too small for all its digits; both sides times 2^1074 make it whole.
        BigInteger scale = Whole(scaled.LargestNorm) << (scaled.Exponent + Unit), unit = BigInteger.One << (4 * Unit);
        if (direction is not null)
        {
            BigInteger[] u = Whole(direction);
            BigInteger least = z.Min(point => Dot(u, point));
            Assert.True(SignedSquare(Whole(lower) * scale) * Dot(u, u) <= SignedSquare(least) * unit, $"{lower:R} is above the margin");
        }

        BigInteger[] a = Whole(weights);
        Assert.All(a, weight => Assert.True(weight.Sign >= 0));
        BigInteger[] sum = [.. Enumerable.Range(0, d).Select(j => Dot(a, [.. z.Select(point => point[j])]))];
        BigInteger total = a.Aggregate(BigInteger.Add);
        Assert.True(BigInteger.Pow(Whole(upper) * scale * total, 2) >= Dot(sum, sum) * unit, $"{upper:R} is below the norm");
    }

    /// <summary>
    /// Whether some u has all margins positive, by Gordan's and Caratheodory's theorems: no at most d + 1 of the points combine to 0.
    /// </summary>
    public static bool Separable(double[] given, int d)
    {
        BigInteger[][] z = [.. given.Chunk(d).Select(point => Shortened(Whole(point)))];
        bool Refuted(List<BigInteger[]> chosen, int from)
        {
            if (chosen.Count > 0 && CombinesToZero([.. chosen])) return true;
            if (chosen.Count == d + 1) return false;
            for (int i = from; i < z.Length; i++)
                if (Refuted([.. chosen, z[i]], i + 1)) return true;
            return false;
        }

        return !Refuted([], 0);
    }

    /// <summary>Whether all the points (n, d), with positive weights, combine to 0 in one way up to a factor.</summary>
    public static bool CombinesToZero(double[] given, int d) => CombinesToZero([.. given.Chunk(d).Select(point => Shortened(Whole(point)))]);

    /// <summary>
    /// Whether the one combination of the points that is 0, up to a factor, has positive weights only. Points with several such
    /// combinations, or with none, do not pass.
    /// </summary>
    private static bool CombinesToZero(BigInteger[][] points)
    {
        int k = points.Length, d = points[0].Length;
        // Cross-multiplied Gauss-Jordan on the matrix with the points as columns; rows are divided by their common factor.
        BigInteger[][] rows = [.. Enumerable.Range(0, d).Select(j => points.Select(point => point[j]).ToArray())];
        for (int c = 0; c < k - 1; c++)
        {
            int pivot = Array.FindIndex(rows, Math.Min(c, d), row => !row[c].IsZero);
            if (pivot < 0) return false;
            (rows[c], rows[pivot]) = (rows[pivot], rows[c]);
            for (int i = 0; i < d; i++)
            {
                if (i == c || rows[i][c].IsZero) continue;
                (BigInteger p, BigInteger q) = (rows[c][c], rows[i][c]);
                rows[i] = Shortened([.. rows[i].Zip(rows[c], (x, y) => p * x - q * y)]);
            }
        }

        for (int i = 0; i < d; i++)
        {
            if (i >= k - 1 && !rows[i][k - 1].IsZero) return false; // independent
            if (i < k - 1 && rows[i][k - 1].Sign * rows[i][i].Sign >= 0) return false; // x_i = -row_i,k / row_i,i
        }

        return true;
    }

    /// <summary>Divided by the common factor: a positive factor of a point or a row changes no sign that is asked for.</summary>
    private static BigInteger[] Shortened(BigInteger[] values)
    {
        BigInteger common = values.Aggregate(BigInteger.Zero, BigInteger.GreatestCommonDivisor);
        return common.IsZero ? values : [.. values.Select(x => x / common)];
    }

    private static BigInteger SignedSquare(BigInteger x) => x * BigInteger.Abs(x);

    private static BigInteger Dot(BigInteger[] x, BigInteger[] y) =>
        x.Zip(y, BigInteger.Multiply).Aggregate(BigInteger.Zero, BigInteger.Add);

    private static BigInteger[] Whole(double[] values) => [.. values.Select(Whole)];

    /// <summary>x 2^1074.</summary>
    private static BigInteger Whole(double x)
    {
        long bits = BitConverter.DoubleToInt64Bits(x);
        int exponent = (int)(bits >> 52) & 0x7FF;
        long mantissa = (bits & ((1L << 52) - 1)) | (exponent == 0 ? 0 : 1L << 52);
        BigInteger whole = (BigInteger)mantissa << Math.Max(exponent - 1, 0);
        return bits < 0 ? -whole : whole;
    }
}
