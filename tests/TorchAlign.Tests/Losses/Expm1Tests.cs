using System.Numerics;
using TorchAlign.Losses;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Losses;

/// <summary>Against the power series in whole numbers of 2^-400.</summary>
public class Expm1Tests
{
    private const int Bits = 400;
    private static readonly BigInteger One = BigInteger.One << Bits;

    [Fact]
    public void It_is_within_two_ulps_of_the_series()
    {
        var random = new RandomStream(5);
        for (var i = 0; i < 20_000; i++)
        {
            // Both signs, and every size from 2^-100 to where e^x - 1 and e^x are one number.
            var x = Math.ScaleB(1 + random.NextDouble(), -100 + random.NextInt32(105)) * (i % 2 == 0 ? 1 : -1);
            Assert.InRange(Ulps(x), 0, 2);
        }
        for (var i = 0; i < 20_000; i++) Assert.InRange(Ulps(4 * random.NextDouble() - 2), 0, 2);
    }

    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(-0.0, -0.0)]
    [InlineData(double.Epsilon, double.Epsilon)]
    [InlineData(-1e-300, -1e-300)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity, -1)]
    [InlineData(-800, -1)]
    [InlineData(710, double.PositiveInfinity)]
    [InlineData(double.NaN, double.NaN)]
    public void At_the_ends_it_is_exact(double x, double expected) =>
        Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(LogDomain.Expm1(x)));

    /// <summary>What the loss of digits would be: the reason for a function of our own.</summary>
    [Fact]
    public void The_plain_difference_is_not()
    {
        Assert.InRange(Ulps(1e-10), 0, 2);
        Assert.InRange(Math.Abs((Math.Exp(1e-10) - 1) / LogDomain.Expm1(1e-10) - 1), 1e-9, 1);
    }

    /// <summary>How far the result is from e^x - 1, in units of its own last place.</summary>
    private static double Ulps(double x)
    {
        var result = LogDomain.Expm1(x);
        var ulp = Math.BitIncrement(Math.Abs(result)) - Math.Abs(result);
        var error = BigInteger.Abs(Fixed(result) - Series(Fixed(x)));
        return (double)(error * 1024 / Fixed(ulp)) / 1024;
    }

    private static BigInteger Series(BigInteger x)
    {
        var (sum, term) = (BigInteger.Zero, One);
        for (var k = 1; !term.IsZero; k++)
        {
            term = (term * x >> Bits) / k;
            sum += term;
        }
        return sum;
    }

    /// <summary>A double whose last bit is not below 2^-400, exactly.</summary>
    private static BigInteger Fixed(double x)
    {
        var bits = BitConverter.DoubleToInt64Bits(Math.Abs(x));
        var (fraction, exponent) = ((bits & ((1L << 52) - 1)) | (1L << 52), (int)(bits >> 52) - 1075 + Bits);
        return Math.Sign(x) * ((BigInteger)fraction << exponent);
    }
}
