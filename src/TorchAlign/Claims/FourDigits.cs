using System.Globalization;

namespace TorchAlign.Claims;

/// <summary>Numbers in sentences, to four digits.</summary>
internal static class FourDigits
{
    /// <summary>Minus zero is zero.</summary>
    public static string Of(double value) => (value + 0.0).ToString("G4", CultureInfo.InvariantCulture);
}
