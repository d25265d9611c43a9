using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Devices;

/// <summary>What some work takes of a device's memory, and what to do where that is not there.</summary>
public abstract record MemoryNeed
{
    public abstract double TotalBytes { get; }

    /// <summary>What would fit into so many bytes, in words.</summary>
    public abstract string Advice(double bytes);

    /// <summary>What it takes, in words.</summary>
    public abstract override string ToString();

    /// <summary>
    /// Runs what allocates; libtorch's word on missing memory becomes an error that says what was wanted and what would fit.
    /// </summary>
    /// <exception cref="DeviceMemoryException">The memory was not there.</exception>
    public T Guard<T>(Device device, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (ExternalException error) when (MemoryShortage.Parse(error.Message) is { } shortage)
        {
            throw new DeviceMemoryException(this, device, shortage, error);
        }
    }

    internal static string Text(double bytes) => bytes switch
    {
        >= 1e9 => FormattableString.Invariant($"{bytes / 1e9:0.0} GB"),
        >= 1e6 => FormattableString.Invariant($"{bytes / 1e6:0.0} MB"),
        _ => FormattableString.Invariant($"{bytes / 1e3:0.0} kB"),
    };

    private protected static string Name(ScalarType type) => type == ScalarType.Float32 ? "float32" : "float64";

    private protected static double BytesOf(ScalarType type) => type == ScalarType.Float32 ? sizeof(float) : sizeof(double);
}
