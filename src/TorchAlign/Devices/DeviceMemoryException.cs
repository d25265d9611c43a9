using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Devices;

/// <summary>A device's memory does not hold what was asked for; the message says how much that is and what would fit.</summary>
public sealed class DeviceMemoryException(MemoryNeed estimate, Device device, MemoryShortage shortage, Exception cause)
    : Exception(Words(estimate, device, shortage), cause)
{
    /// <summary>All that the work needs.</summary>
    public MemoryNeed Estimate { get; } = estimate;

    /// <summary>What libtorch said.</summary>
    public MemoryShortage Shortage { get; } = shortage;

    private static string Words(MemoryNeed estimate, Device device, MemoryShortage shortage)
    {
        var asked = shortage.Asked is { } bytes ? $" when it was asked for {MemoryNeed.Text(bytes)}" : "";
        var of = shortage.Total is { } total ? $" of {MemoryNeed.Text(total)}" : "";
        var has = shortage.Available is { } available ? $" It has {MemoryNeed.Text(available)}{of} for this process." : "";
        var room = shortage.Available ?? (device.type == DeviceType.CPU ? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes : null);
        var advice = room is { } fits ? $" {estimate.Advice(fits)}" : "";
        return $"The memory of {device} ran out{asked}; all in all this needs about {estimate}.{has}{advice}";
    }
}
