using System.Numerics;

namespace TorchAlign.Losses;

/// <summary>Scalar functions that keep their relative accuracy where the plain formula loses it.</summary>
public static class LogDomain
{
    /// <summary>
    /// log(1 + x) to rounding for every x &gt; -1 (double.LogP1 rounds 1 + x first and loses small x).
    /// </summary>
    public static double Log1p(double x)
    {
        var u = 1 + x;
        // W. Kahan's correction: log(u) / (u - 1) is smooth in u, so the error of u cancels.
        return u == 1 ? x : double.IsInfinity(u) ? u : Math.Log(u) * (x / (u - 1));
    }

    /// <summary>
    /// e^x - 1 within 2 units in the last place for every x (double.ExpM1 subtracts 1 from e^x and loses small x).
    /// </summary>
    public static double Expm1(double x)
    {
        var u = Math.Exp(x);
        // Far from 0 the difference loses less than a bit; and where e^x rounds to 1, e^x - 1 rounds to x.
        if (!(Math.Abs(x) < 1)) return u - 1;
        if (u == 1) return x;
        // u is e^(x - r) for some tiny r = x - log(u), so e^x - 1 = (u - 1) + u r to the second order in r.
        return u - 1 + u * (x - Math.Log(u));
    }

    /// <summary>log(e^a + e^b); minus infinity stands for 0.</summary>
    public static double LogAddExp(double a, double b)
    {
        var (small, large) = a < b ? (a, b) : (b, a);
        return double.IsNegativeInfinity(large) ? large : large + Log1p(Math.Exp(small - large));
    }

    /// <summary>
    /// exp(x) for x &lt;= 0, 0 in place of results below 4e-308: beside exp(0) they change no sum, and the vector exp
    /// falls back to one scalar call an entry, forty times slower, where a result is subnormal or 0.
    /// </summary>
    internal static Vector<double> ExpOrZero(Vector<double> x)
    {
        var smallest = new Vector<double>(-707);
        return Vector.ConditionalSelect(
            Vector.LessThan(x, smallest), Vector<double>.Zero, Vector.Exp(Vector.Max(x, smallest)));
    }
}
