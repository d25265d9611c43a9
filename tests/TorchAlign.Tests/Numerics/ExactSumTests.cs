using System.Numerics;
using TorchAlign.Data;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Numerics;

public class ExactSumTests
{
    [Fact]
    public void Sums_of_products_are_the_rational_ones_rounded_down_and_up()
    {
        var stream = new RandomStream(5);
        var sum = new ExactSum();
        for (int trial = 0; trial < 2000; trial++)
        {
            sum.Clear();
            BigInteger exact = BigInteger.Zero; // times 2^2148
            int terms = 1 + trial % 7;
            for (int k = 0; k < terms; k++)
            {
                double x = Any(stream), y = Any(stream);
                sum.AddProduct(x, y);
                exact += Whole(x) * Whole(y);
                if (trial % 3 != 0) continue;
                sum.AddProduct(-x, y); // all that came before must survive its coming and going
                exact -= Whole(x) * Whole(y);
            }

            Assert.Equal(exact.Sign, sum.Sign());
            BigInteger low = Shifted(sum.Floor()), high = Shifted(sum.Ceiling());
            Assert.True(low <= exact && exact <= high);
            Assert.True(high - low <= BigInteger.Abs(exact) >> 51);
            if (BigInteger.Abs(exact).GetBitLength() <= 53) Assert.Equal(low, high);
        }
    }

    [Fact]
    public void The_ends_of_float64_are_no_ends()
    {
        var sum = new ExactSum();
        sum.AddProduct(double.MaxValue, double.MaxValue);
        sum.AddProduct(double.Epsilon, -double.Epsilon);
        Assert.Equal(1, sum.Sign());
        Assert.True(sum.Floor() < sum.Ceiling());
        sum.AddProduct(-double.MaxValue, double.MaxValue);
        Assert.Equal(new FloatParts(-(1L << 52), -2148 - 52), sum.Floor());
        Assert.Equal(-double.Epsilon, sum.Floor().ToDouble(up: false));
        Assert.Equal(0, sum.Floor().ToDouble(up: true));
        var beyond = new FloatParts(-(1L << 52), 1000);
        Assert.Equal(-double.MaxValue, beyond.ToDouble(up: true));
        Assert.Equal(double.NegativeInfinity, beyond.ToDouble(up: false));
        sum.AddProduct(double.Epsilon, double.Epsilon);
        Assert.Equal(0, sum.Sign());
        Assert.Equal(default, sum.Ceiling());
    }

    [Fact]
    public void Quotients_products_and_roots_are_rounded_as_asked()
    {
        var stream = new RandomStream(6);
        for (int trial = 0; trial < 2000; trial++)
        {
            FloatParts a = FloatParts.Of(Math.Abs(Any(stream))), b = FloatParts.Of(Math.Abs(Any(stream)));
            if (a.Mantissa == 0 || b.Mantissa == 0) continue;
            FloatParts down = a.Over(b, up: false), up = a.Over(b, up: true);
            Assert.True(Compare(down, b, a) <= 0 && Compare(up, b, a) >= 0);
            (down, up) = (a.Root(up: false), a.Root(up: true));
            Assert.True(Compare(down, down, a) <= 0 && Compare(up, up, a) >= 0);
            (down, up) = (a.Times(b, up: false), a.Times(b, up: true));
            Assert.True(Compare(a, b, down) >= 0 && Compare(a, b, up) <= 0);
        }

        Assert.Equal(3, FloatParts.Of(9).Root(up: true).ToDouble(up: true)); // what is exact stays so
        Assert.Equal(3, FloatParts.Of(9).Root(up: false).ToDouble(up: false));
        Assert.Equal(0.5, FloatParts.Of(3).Over(FloatParts.Of(6), up: true).ToDouble(up: true));
        Assert.True(FloatParts.Of(-2) < FloatParts.Of(-1) && FloatParts.Of(1e-300) < FloatParts.Of(3) && FloatParts.Of(-1) < default(FloatParts));
    }

    /// <summary>The sign of x y - z.</summary>
    private static int Compare(FloatParts x, FloatParts y, FloatParts z)
    {
        int exponent = Math.Min(x.Exponent + y.Exponent, z.Exponent);
        BigInteger product = (BigInteger)x.Mantissa * y.Mantissa << (x.Exponent + y.Exponent - exponent);
        return product.CompareTo((BigInteger)z.Mantissa << (z.Exponent - exponent));
    }

    /// <summary>Of any magnitude, subnormal numbers included.</summary>
    private static double Any(RandomStream stream) =>
        Math.ScaleB(stream.NextGaussian(), (int)(stream.NextDouble() * (stream.NextDouble() < 0.5 ? 60 : 2070)) - 1060);

    private static BigInteger Whole(double x)
    {
        FloatParts parts = FloatParts.Of(x);
        Assert.Equal(x, parts.ToDouble(up: true));
        return (BigInteger)parts.Mantissa << (parts.Exponent + 1074);
    }

    /// <summary>Times 2^2148; what has smaller bits than that is a multiple of it all the same.</summary>
    private static BigInteger Shifted(FloatParts parts) =>
        parts.Exponent + 2148 >= 0 ? (BigInteger)parts.Mantissa << (parts.Exponent + 2148) : parts.Mantissa >> -(parts.Exponent + 2148);
}
