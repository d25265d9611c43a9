using System.Globalization;
using System.Text.RegularExpressions;

namespace TorchAlign.Devices;

/// <summary>What libtorch's message on missing memory says, in bytes; null where it does not.</summary>
/// <param name="Asked">Of the allocation that failed.</param>
/// <param name="Total">Of the device.</param>
/// <param name="Free">Of the device.</param>
/// <param name="Held">Allocated by torch in this process.</param>
public sealed partial record MemoryShortage(double? Asked, double? Total, double? Free, double? Held)
{
    /// <summary>Null where the message is about something else. Reads the words of libtorch 1.x and 2.x, CPU and CUDA.</summary>
    public static MemoryShortage? Parse(string message)
    {
        if (!ShortageWords().IsMatch(message)) return null;
        return new MemoryShortage(Bytes(Asks().Match(message)), Bytes(Capacity().Match(message)),
            Bytes(FreeWords().Match(message)), Bytes(Allocated().Match(message)));
    }

    /// <summary>What this process could have: what it holds and what is free.</summary>
    public double? Available => Free is { } free ? free + (Held ?? 0) : Total;

    public override string ToString() => "The device's memory ran out"
        + (Asked is { } asked ? $" when it was asked for {MemoryNeed.Text(asked)}" : "")
        + (Available is { } available ? $", of {MemoryNeed.Text(available)} that this process could have." : ".");

    private static double? Bytes(Match match)
    {
        if (!match.Success) return null;
        var number = double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
        return number * match.Groups["unit"].Value switch
        {
            "KiB" or "KB" => 1L << 10,
            "MiB" or "MB" => 1L << 20,
            "GiB" or "GB" => 1L << 30,
            "TiB" or "TB" => 1L << 40,
            _ => 1,
        };
    }

    private const string Size = @"(?<number>\d+(?:\.\d+)?) (?<unit>bytes|[KMGT]i?B)";

    [GeneratedRegex("CUDA out of memory|CUDA error: out of memory|CUBLAS_STATUS_ALLOC_FAILED"
        + "|DefaultCPUAllocator: (can't allocate memory|not enough memory)")]
    private static partial Regex ShortageWords();

    [GeneratedRegex("[Tt]ried to allocate " + Size)]
    private static partial Regex Asks();

    [GeneratedRegex("(?:" + Size + " total capacity|total capacity of " + Size + ")")]
    private static partial Regex Capacity();

    [GeneratedRegex("(?:" + Size + " free;|of which " + Size + " is free)")]
    private static partial Regex FreeWords();

    [GeneratedRegex("(?:" + Size + " already allocated|allocated memory " + Size + " is allocated by PyTorch)")]
    private static partial Regex Allocated();
}
