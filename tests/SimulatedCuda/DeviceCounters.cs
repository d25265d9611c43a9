namespace TorchAlign.Simulated;

/// <summary>What simulated devices did.</summary>
/// <param name="Launches">Operators that computed on a device; a GPU may need more than one kernel for one of them.</param>
/// <param name="Reads">Device to host, each of which waits for all that is queued.</param>
/// <param name="Writes">Host to device.</param>
/// <param name="Waits">Calls of synchronize.</param>
/// <param name="HeldBytes">On the devices now.</param>
/// <param name="PeakBytes">The most that was held.</param>
public readonly record struct DeviceCounters(long Launches, long Reads, long Writes, long Waits, long HeldBytes, long PeakBytes)
{
    /// <summary>What was done in between; the bytes are the later ones.</summary>
    public static DeviceCounters operator -(DeviceCounters later, DeviceCounters earlier) => later with
    {
        Launches = later.Launches - earlier.Launches,
        Reads = later.Reads - earlier.Reads,
        Writes = later.Writes - earlier.Writes,
        Waits = later.Waits - earlier.Waits,
    };
}
