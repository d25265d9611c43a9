using System.Globalization;

namespace TorchAlign.Claims;

/// <summary>Numbers in sentences.</summary>
internal static class Num
{
    /// <summary>Four digits; minus zero is zero.</summary>
    public static string Of(double value) => (value + 0.0).ToString("G4", CultureInfo.InvariantCulture);
}
