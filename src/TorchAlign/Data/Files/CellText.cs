using System.Globalization;

namespace TorchAlign.Data;

/// <summary>What a cell of text says: a number, a missing value, or a label. Culture never matters.</summary>
internal static class CellText
{
    private static readonly string[] MissingMarkers = ["", "?", "NA", "N/A", "null", "None"];

    public static bool IsMissing(string cell) =>
        Array.Exists(MissingMarkers, m => m.Equals(cell.Trim(), StringComparison.OrdinalIgnoreCase));

    public static bool TryNumber(string cell, out double value) => TryNumber(cell, decimalComma: false, out value);

    /// <summary>The same; with <paramref name="decimalComma"/> a comma is the decimal sign, and a point is none.</summary>
    public static bool TryNumber(string cell, bool decimalComma, out double value)
    {
        string text = cell.Trim();
        value = 0;
        if (decimalComma && text.Contains('.')) return false;
        if (decimalComma) text = text.Replace(',', '.');
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)) return true;
        string unsigned = text.TrimStart('+', '-');
        if (!unsigned.Equals("inf", StringComparison.OrdinalIgnoreCase)) return false;
        value = text.StartsWith('-') ? double.NegativeInfinity : double.PositiveInfinity;
        return true;
    }

    /// <summary>A finite number, or an error that begins with <paramref name="where"/>.</summary>
    public static double Number(string cell, bool decimalComma, Func<string> where)
    {
        if (TryNumber(cell, decimalComma, out double value))
        {
            return double.IsFinite(value)
                ? value
                : throw new DataException(
                    $"{where()}: '{cell}' is "
                    + $"{(double.IsNaN(value) ? "not a number (NaN)" : "infinite or beyond float64")}; every value "
                    + "must be finite. Correct it or remove the row.");
        }

        if (IsMissing(cell))
            throw new DataException(
                $"{where()}: the value is missing ('{cell}'). Fill it in or remove the row.");
        throw new DataException(
            $"{where()}: '{Shorten(cell)}' is not a number. Numbers are written like {(decimalComma ? "1,5" : "1.5")} or 2e-3; "
            + (decimalComma && TryNumber(cell, out _) ? "this one has a point: leave --decimal-comma away, or correct it."
                : !decimalComma && HasDecimalComma(cell) ? "for decimal commas there is --decimal-comma."
                : "if this is the label, name its column (--label); if it is no feature, leave it out (--drop)."));
    }

    /// <summary>
    /// Whether this is a number once its comma is a point, or what a comma leaves of numbers between semicolons: "5;2" of "1,5;2,5".
    /// </summary>
    public static bool HasDecimalComma(string cell) => cell.Contains(';')
        ? TryNumber(cell.Split(';')[0], out _)
        : cell.Contains(',') && TryNumber(cell, decimalComma: true, out _);

    /// <summary>Labels that are the same number are the same label: 1, 1.0 and +1; of others no control character is left.</summary>
    public static string Label(string cell)
    {
        string text = Printable.Of(cell.Trim());
        return TryNumber(text, out double value) ? Label(value) : text;
    }

    public static string Label(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Numbers by value before texts, texts by their characters.</summary>
    public static int CompareLabels(string a, string b)
    {
        bool aNumber = TryNumber(a, out double x);
        bool bNumber = TryNumber(b, out double y);
        if (aNumber && bNumber) return x.CompareTo(y);
        return aNumber != bNumber ? (aNumber ? -1 : 1) : string.CompareOrdinal(a, b);
    }

    public static string Shorten(string cell) => cell.Length <= 40 ? cell : cell[..37] + "...";
}
