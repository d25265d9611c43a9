using System.Runtime.InteropServices;
using TorchAlign.Devices;
using TorchSharp;

namespace TorchAlign.Experiments.Machines;

/// <summary>What the loaded torch says of itself. The only file of doctor that calls torch.</summary>
internal sealed record TorchFacts(
    LoadedLibtorch? Libtorch, string? TorchSharp, BlasFacts? Blas, int? Threads, CudaFacts Cuda, string? Error)
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
            LoadedLibtorch libtorch = LoadedLibtorch.Current;
            BlasFacts? blas = BlasFacts.Find(libtorch.Path is null ? null : new LoadedLibrary(libtorch.Path));
            return new(libtorch, torch.__version__, blas, torch.get_num_threads(), FindCuda(), null);
        }
        catch (Exception error) when (error is DllNotFoundException or TypeInitializationException or ExternalException
            or EntryPointNotFoundException or BadImageFormatException or NotSupportedException)
        {
            string message = (error is TypeInitializationException { InnerException: { } inner } ? inner : error).Message;
            return new(null, null, null, null, CudaFacts.None, message.Split('\n')[0].Trim());
        }
    }

    private static CudaFacts FindCuda()
    {
        int devices = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        CudaDriver driver = CudaDriver.Find();
        return new(devices > 0, devices, driver.VersionText, driver.Gpus, devices > 0 ? null : DeviceName.WhyNoCuda(driver));
    }
}
