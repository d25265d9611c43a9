namespace TorchAlign.Losses;

/// <summary>Scalar functions that keep their relative accuracy where the plain formula loses it.</summary>
public static class LogDomain
{
    /// <summary>log(1 + x) to rounding for every x &gt; -1 (double.LogP1 rounds 1 + x first and loses small x).</summary>
    public static double Log1p(double x)
    {
        var u = 1 + x;
        // W. Kahan's correction: log(u) / (u - 1) is smooth in u, so the error of u cancels.
        return u == 1 ? x : double.IsInfinity(u) ? u : Math.Log(u) * (x / (u - 1));
    }

    /// <summary>log(e^a + e^b); minus infinity stands for 0.</summary>
    public static double LogAddExp(double a, double b)
    {
        var (small, large) = a < b ? (a, b) : (b, a);
        return double.IsNegativeInfinity(large) ? large : large + Log1p(Math.Exp(small - large));
    }
}
