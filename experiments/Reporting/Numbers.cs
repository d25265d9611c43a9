using System.Globalization;
using TorchAlign.Experiments.Reporting.Charting;

namespace TorchAlign.Experiments.Reporting;

/// <summary>Numbers for people.</summary>
public static class Numbers
{
    /// <summary>Four digits: "0.1396", "12.5", "3.1·10⁻⁷"; "–" for NaN.</summary>
    public static string Short(double value)
    {
        if (double.IsNaN(value)) return "–";
        if (double.IsInfinity(value)) return value > 0 ? "∞" : "−∞";
        if (value == 0) return "0";
        var sign = value < 0 ? "−" : "";
        var size = Math.Abs(value);
        if (size is >= 1e-3 and < 1e5) return sign + size.ToString("G4", CultureInfo.InvariantCulture) is { } text && !text.Contains('E')
            ? text
            : sign + size.ToString("0", CultureInfo.InvariantCulture);
        var parts = size.ToString("0.###E0", CultureInfo.InvariantCulture).Split('E');
        var power = "10" + Ticks.Superscript(int.Parse(parts[1], CultureInfo.InvariantCulture));
        return sign + (parts[0] == "1" ? power : $"{parts[0]}·{power}");
    }

    /// <summary>All digits: "0.13963124", "1.2345678901234567·10⁻¹⁷".</summary>
    public static string Exact(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture).Replace('-', '−');
        return text.Split('E') is [var digits, var power]
            ? $"{digits}·10{Ticks.Superscript(int.Parse(power.Replace('−', '-'), CultureInfo.InvariantCulture))}"
            : text;
    }

    /// <summary>A value that tends to 1: "1 − 3.1·10⁻⁷" where its own digits would hide the difference.</summary>
    public static string NearOne(double value) =>
        1 - value is > 0 and < 1e-3 ? $"1 − {Short(1 - value)}" : Short(value);

    /// <summary>1,234,567</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A whole number as <see cref="Count"/> writes it, any other as <see cref="Short"/> does.</summary>
    public static string CountOrShort(double value) =>
        value >= 1000 && value < 1e15 && value == Math.Floor(value) ? Count((long)value) : Short(value);

    /// <summary>A risk from log10 R: "3.1·10⁻⁷", "10^−1234567.8", "10^(−6.9·10¹²)".</summary>
    public static string Risk(double log10) => double.IsNaN(log10) ? "–" : log10 switch
    {
        > -300 and < 300 => Short(Math.Pow(10, log10)),
        <= -1e9 or >= 300 => $"10^({Short(log10)})",
        _ => "10^−" + (-log10).ToString("0.0", CultureInfo.InvariantCulture),
    };
}
