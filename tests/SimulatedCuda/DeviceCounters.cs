namespace TorchAlign.Simulated;

/// <summary>What all simulated devices did.</summary>
/// <param name="Launches">Operators that computed on a device; a GPU may need more than one kernel for one of them.</param>
/// <param name="Reads">Device to host, each of which waits for all that is queued.</param>
/// <param name="Writes">Host to device.</param>
/// <param name="Waits">Calls of synchronize.</param>
public readonly record struct DeviceCounters(long Launches, long Reads, long Writes, long Waits)
{
    /// <summary>What was done in between.</summary>
    public static DeviceCounters operator -(DeviceCounters later, DeviceCounters earlier) => new(
        later.Launches - earlier.Launches, later.Reads - earlier.Reads, later.Writes - earlier.Writes, later.Waits - earlier.Waits);
}
