using System.Numerics;

namespace TorchAlign.Numerics;

/// <summary>A rational number in lowest terms.</summary>
internal readonly struct Rational : IComparable<Rational>
{
    private readonly BigInteger _divisor; // 0 in the default value, which is 0

    /// <exception cref="DivideByZeroException"><paramref name="divisor"/> is 0.</exception>
    public Rational(BigInteger dividend, BigInteger divisor)
    {
        if (divisor.IsZero) throw new DivideByZeroException();
        var common = BigInteger.GreatestCommonDivisor(dividend, divisor) * divisor.Sign;
        (Dividend, _divisor) = (dividend / common, divisor / common);
    }

    public BigInteger Dividend { get; }

    /// <summary>Positive.</summary>
    public BigInteger Divisor => _divisor.IsZero ? BigInteger.One : _divisor;

    public int Sign => Dividend.Sign;

    public static Rational operator +(Rational a, Rational b) =>
        new(a.Dividend * b.Divisor + b.Dividend * a.Divisor, a.Divisor * b.Divisor);

    public static Rational operator -(Rational a, Rational b) =>
        new(a.Dividend * b.Divisor - b.Dividend * a.Divisor, a.Divisor * b.Divisor);

    public static Rational operator *(Rational a, Rational b) => new(a.Dividend * b.Dividend, a.Divisor * b.Divisor);

    public static Rational operator /(Rational a, Rational b) => new(a.Dividend * b.Divisor, a.Divisor * b.Dividend);

    public int CompareTo(Rational other) => (Dividend * other.Divisor).CompareTo(other.Dividend * Divisor);
}
