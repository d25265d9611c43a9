using System.Runtime.InteropServices;
using System.Text;

namespace TorchAlign.Devices;

/// <summary>A GPU as the driver knows it.</summary>
/// <param name="Name">Such as <c>NVIDIA A100-SXM4-80GB</c>.</param>
/// <param name="MemoryBytes">In all; how much is free nobody says without starting work on it.</param>
public sealed record CudaGpu(string Name, long MemoryBytes);

/// <summary>
/// What NVIDIA's driver says by itself, whether or not torch has CUDA: it tells an absent driver from an absent GPU and from a
/// torch that cannot use either. GPUs are numbered as torch numbers them, CUDA_VISIBLE_DEVICES included.
/// </summary>
/// <param name="Version">The newest CUDA that the driver runs, such as 12040 for 12.4; null without a driver.</param>
/// <param name="Gpus">The GPUs that this process may use.</param>
/// <param name="Problem">Why there are none, or null.</param>
public sealed unsafe record CudaDriver(int? Version, IReadOnlyList<CudaGpu> Gpus, string? Problem)
{
    private const int NameLength = 256;
    private const int NoDevice = 100;

    private static readonly string[] FileNames = OperatingSystem.IsWindows() ? ["nvcuda.dll"] : ["libcuda.so.1", "libcuda.so"];

    /// <summary>Asks the driver; never fails.</summary>
    public static CudaDriver Find() => Find(FileNames);

    internal static CudaDriver Find(params IReadOnlyList<string> fileNames)
    {
        foreach (var name in fileNames)
            if (NativeLibrary.TryLoad(name, out var library)) return Ask(library);
        return new CudaDriver(null, [], "there is no NVIDIA driver");
    }

    /// <summary>Version as NVIDIA writes it.</summary>
    public string? VersionText => Version is { } version ? $"{version / 1000}.{version % 1000 / 10}" : null;

    private static CudaDriver Ask(nint library)
    {
        if (!(Export("cuInit", out var init) && Export("cuDriverGetVersion", out var getVersion)
            && Export("cuDeviceGetCount", out var getCount) && Export("cuDeviceGet", out var getDevice)
            && Export("cuDeviceGetName", out var getName)
            && Export("cuDeviceTotalMem_v2", out var getMemory)))
            return new CudaDriver(null, [], "the NVIDIA driver's library lacks the functions of CUDA");

        int version = 0, count = 0;
        ((delegate* unmanaged[Cdecl]<int*, int>)getVersion)(&version);
        var status = ((delegate* unmanaged[Cdecl]<uint, int>)init)(0);
        if (status == 0) status = ((delegate* unmanaged[Cdecl]<int*, int>)getCount)(&count);
        if (status != 0 && status != NoDevice)
            return new CudaDriver(version, [], $"the NVIDIA driver does not start (CUDA error {status})");

        List<CudaGpu> gpus = [];
        var text = stackalloc byte[NameLength];
        for (var i = 0; i < count; i++)
        {
            var device = 0;
            nuint memory = 0;
            if (((delegate* unmanaged[Cdecl]<int*, int, int>)getDevice)(&device, i) != 0) continue;
            var named = ((delegate* unmanaged[Cdecl]<byte*, int, int, int>)getName)(text, NameLength, device) == 0;
            ((delegate* unmanaged[Cdecl]<nuint*, int, int>)getMemory)(&memory, device);
            var label = named ? Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text)) : $"GPU {i}";
            gpus.Add(new CudaGpu(label, (long)memory));
        }
        return new CudaDriver(version, gpus, gpus.Count > 0 ? null : "the NVIDIA driver finds no GPU"
            + (Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES") is { } visible ? $" (CUDA_VISIBLE_DEVICES is '{visible}')" : ""));

        bool Export(string name, out nint address) => NativeLibrary.TryGetExport(library, name, out address);
    }
}
