using System.Runtime.InteropServices;

namespace TorchAlign.Simulated;

/// <summary>
/// Simulated CUDA devices, for tests where there is no GPU: the CPU's arithmetic behind CUDA's device rules. They show on which
/// device tensors are made, which operators are called and what is read back; nothing about speed or a GPU's rounding.
/// See native/simulated_cuda.h.
/// </summary>
public static unsafe partial class SimulatedDevices
{
    /// <summary>Set to 1: the tests of this process run on simulated devices.</summary>
    public const string Variable = "TORCHALIGN_SIMULATED_CUDA";

    private const string Library = "simulated_cuda";

    /// <summary>How many: two, so that what was made on "the GPU" instead of the one it belongs to is found.</summary>
    public const int Count = 2;

    /// <summary>Beside this assembly, which is not where a program's own libraries are when it comes in as a start-up hook.</summary>
    private static readonly string File =
        Path.Combine(Path.GetDirectoryName(typeof(SimulatedDevices).Assembly.Location)!, $"lib{Library}.so");

    static SimulatedDevices() =>
        NativeLibrary.SetDllImportResolver(typeof(SimulatedDevices).Assembly, (_, _, _) => NativeLibrary.Load(File));

    /// <summary>Whether the native half is there.</summary>
    public static bool Built => System.IO.File.Exists(File);

    public static bool Installed { get; private set; }

    /// <summary>Of all devices together, since the start of the process.</summary>
    public static DeviceCounters Counters
    {
        get
        {
            DeviceCounters counters;
            sc_read_counters(&counters);
            return counters;
        }
    }

    /// <summary>Bytes of each device's memory.</summary>
    public static long Capacity
    {
        get => sc_capacity();
        set => sc_set_capacity(value);
    }

    /// <summary>Bytes on a device now.</summary>
    public static long Held(int device) => sc_held(device);

    /// <summary>The most bytes that a device held while <paramref name="work"/> was done.</summary>
    public static long Peak(int device, Action work)
    {
        sc_reset_peak(device);
        work();
        return sc_peak(device);
    }

    /// <summary>Makes them, once in a process and before anything asks torch for CUDA.</summary>
    /// <exception cref="InvalidOperationException">This libtorch has CUDA, or was asked already.</exception>
    public static void Install()
    {
        if (sc_install(Count) != 0) throw new InvalidOperationException(Marshal.PtrToStringUTF8((nint)sc_error()));
        Installed = true;
    }

    [LibraryImport(Library)]
    private static partial int sc_install(int devices);

    [LibraryImport(Library)]
    private static partial void sc_read_counters(DeviceCounters* counters);

    [LibraryImport(Library)]
    private static partial long sc_capacity();

    [LibraryImport(Library)]
    private static partial void sc_set_capacity(long bytes);

    [LibraryImport(Library)]
    private static partial long sc_held(int device);

    [LibraryImport(Library)]
    private static partial long sc_peak(int device);

    [LibraryImport(Library)]
    private static partial void sc_reset_peak(int device);

    [LibraryImport(Library)]
    private static partial byte* sc_error();
}
