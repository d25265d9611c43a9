using System.Globalization;
using System.Text;

namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>
/// Ticks and labels of axes that span many decades. Vega chooses well within a few decades; over hundreds, or around the
/// zero of a symlog axis, it does not.
/// </summary>
public static class Ticks
{
    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    /// <summary>
    /// Powers of ten within [least, greatest], at most about <paramref name="most"/> of them, and their triples where there
    /// would be fewer than three.
    /// </summary>
    public static double[] Decades(double least, double greatest, int most = 7)
    {
        var low = (int)Math.Floor(Math.Log10(least));
        var high = (int)Math.Ceiling(Math.Log10(greatest));
        var stride = Stride(high - low, most);
        // Multiples of the stride, so that 1 is a tick whenever it is in range.
        var powers = Enumerable.Range(low, high - low + 1).Where(k => k % stride == 0).Select(k => Math.Pow(10, k));
        bool Within(double tick) => tick >= least * (1 - 1e-9) && tick <= greatest * (1 + 1e-9);
        double[] ticks = [.. powers.Where(Within)];
        return ticks.Length > 2 ? ticks : [.. powers.SelectMany(p => new[] { p, 3 * p }).Where(Within)];
    }

    /// <summary>0, 1, 10, 100, ... up to <paramref name="greatest"/>; with 3, 30, ... where that leaves few.</summary>
    public static double[] SymLog(double greatest, int most = 9)
    {
        var decades = (int)Math.Floor(Math.Log10(Math.Max(greatest, 1)) + 1e-9);
        var stride = Stride(decades, most);
        var ticks = new List<double> { 0 };
        for (var k = 0; k <= decades; k += stride)
        {
            ticks.Add(Math.Pow(10, k));
            if (decades <= 3 && 3 * Math.Pow(10, k) <= greatest) ticks.Add(3 * Math.Pow(10, k));
        }
        return [.. ticks];
    }

    /// <summary>Labels in one manner: plain numbers, or powers of ten (but 0, 1 and 10) if one of them needs that.</summary>
    public static string[] Labels(IReadOnlyList<double> ticks)
    {
        var powers = ticks.Any(t => t is (> 0 and < 0.0099) or > 9999);
        return
        [
            .. ticks.Select(t => powers && t is not (0 or 1 or 3 or 10 or 30)
                ? Power(t)
                : t.ToString("0.####", CultureInfo.InvariantCulture)),
        ];
    }

    /// <summary>⁻¹²</summary>
    public static string Superscript(int number)
    {
        var text = new StringBuilder(number < 0 ? "⁻" : "");
        foreach (var digit in Math.Abs((long)number).ToString(CultureInfo.InvariantCulture))
            text.Append(Superscripts[digit - '0']);
        return text.ToString();
    }

    /// <summary>₁₂</summary>
    public static string Subscript(int number) =>
        string.Concat(number.ToString(CultureInfo.InvariantCulture).Select(digit => (char)('₀' + (digit - '0'))));

    private static string Power(double value)
    {
        var exponent = (int)Math.Floor(Math.Log10(value) + 1e-9);
        var mantissa = value / Math.Pow(10, exponent);
        var power = "10" + Superscript(exponent);
        return Math.Abs(mantissa - 1) < 1e-9 ? power : mantissa.ToString("0.##", CultureInfo.InvariantCulture) + "·" + power;
    }

    private static int Stride(int span, int most)
    {
        foreach (var stride in (ReadOnlySpan<int>)[1, 2, 3, 5, 10, 20, 25, 50])
            if (span <= stride * most)
                return stride;
        return 100;
    }
}
