using System.Globalization;

namespace TorchAlign.Claims;

/// <summary>Numbers in sentences.</summary>
internal static class Num
{
    public static string Of(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
