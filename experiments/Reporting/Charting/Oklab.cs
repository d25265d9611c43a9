using System.Globalization;

namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>A colour in Oklab (B. Ottosson, 2020), where lightness can change without a change of hue.</summary>
internal readonly record struct Oklab(double L, double A, double B)
{
    public static Oklab FromHex(string hex)
    {
        double r = Channel(hex, 1), g = Channel(hex, 3), b = Channel(hex, 5);
        var l = Math.Cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
        var m = Math.Cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
        var s = Math.Cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
        return new Oklab(
            0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s);
    }

    public string ToHex()
    {
        double l = L + 0.3963377774 * A + 0.2158037573 * B,
            m = L - 0.1055613458 * A - 0.0638541728 * B,
            s = L - 0.0894841775 * A - 1.2914855480 * B;
        (l, m, s) = (l * l * l, m * m * m, s * s * s);
        return "#" + Channel(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s)
                   + Channel(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s)
                   + Channel(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s);
    }

    private static double Channel(string hex, int start)
    {
        var c = int.Parse(hex.AsSpan(start, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
        return c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);
    }

    private static string Channel(double linear)
    {
        var c = linear <= 0.0031308 ? 12.92 * linear : 1.055 * Math.Pow(linear, 1 / 2.4) - 0.055;
        return ((int)Math.Round(255 * Math.Clamp(c, 0, 1))).ToString("x2", CultureInfo.InvariantCulture);
    }
}
