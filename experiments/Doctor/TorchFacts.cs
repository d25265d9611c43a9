using System.Runtime.InteropServices;
using TorchSharp;

namespace TorchAlign.Experiments.Doctor;

/// <summary>What the loaded torch says of itself. The only file of doctor that calls torch.</summary>
internal sealed record TorchFacts(string? Version, string? Path, BlasFacts? Blas, int? Threads, CudaFacts Cuda, string? Error)
{
    public static TorchFacts Probe()
    {
        try
        {
            // A product, because some BLAS libraries load on first use.
            using (var scope = torch.NewDisposeScope())
            {
                torch.ones(8, 8).matmul(torch.ones(8, 8));
            }
            bool cuda = torch.cuda.is_available();
            LoadedLibrary? libtorch = LoadedLibrary.Find("libtorch_cpu.") ?? LoadedLibrary.Find("torch_cpu.");
            return new(torch.__version__, libtorch?.Path, BlasFacts.Find(libtorch), ThreadCount(libtorch),
                new CudaFacts(cuda, cuda ? torch.cuda.device_count() : 0), null);
        }
        catch (Exception error) when (error is DllNotFoundException or TypeInitializationException or ExternalException
            or EntryPointNotFoundException or BadImageFormatException or NotSupportedException)
        {
            return new(null, null, null, null, new CudaFacts(false, 0), (error.InnerException ?? error).Message);
        }
    }

    /// <summary>TorchSharp does not offer at::get_num_threads; the C++ function itself is a plain int f().</summary>
    private static unsafe int? ThreadCount(LoadedLibrary? libtorch)
    {
        string name = OperatingSystem.IsWindows() ? "?get_num_threads@at@@YAHXZ" : "_ZN2at15get_num_threadsEv";
        return libtorch?.Export(name) is { } function and not 0 ? ((delegate* unmanaged[Cdecl]<int>)function)() : null;
    }
}
