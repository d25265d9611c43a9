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
            return new(torch.__version__, libtorch?.Path, BlasFacts.Find(libtorch), torch.get_num_threads(),
                new CudaFacts(cuda, cuda ? torch.cuda.device_count() : 0), null);
        }
        catch (Exception error) when (error is DllNotFoundException or TypeInitializationException or ExternalException
            or EntryPointNotFoundException or BadImageFormatException or NotSupportedException)
        {
            string message = (error.InnerException ?? error).Message;
            return new(null, null, null, null, new CudaFacts(false, 0), message.Split('\n')[0].Trim());
        }
    }
}
