using System.Runtime.InteropServices;

namespace TorchAlign.Experiments.Doctor;

/// <summary>What the loaded torch says of itself.</summary>
internal sealed record TorchFacts(string? Version, string? Path, BlasFacts? Blas, int? Threads, CudaFacts Cuda, string? Error)
{
    public static TorchFacts Probe()
    {
        // Until the binding is merged: libtorch itself, without its C# surface.
        bool loads = NativeLibrary.TryLoad("libtorch_cpu.so", out _);
        LoadedLibrary? libtorch = LoadedLibrary.Find("libtorch_cpu.");
        return new(loads ? "unknown" : null, libtorch?.Path, BlasFacts.Find(libtorch), ThreadCount(libtorch), new CudaFacts(false, 0),
            loads ? null : "libtorch_cpu.so is not here");
    }

    /// <summary>TorchSharp does not offer at::get_num_threads; the C++ function itself is a plain int f().</summary>
    private static unsafe int? ThreadCount(LoadedLibrary? libtorch)
    {
        string name = OperatingSystem.IsWindows() ? "?get_num_threads@at@@YAHXZ" : "_ZN2at15get_num_threadsEv";
        return libtorch?.Export(name) is { } function and not 0 ? ((delegate* unmanaged[Cdecl]<int>)function)() : null;
    }
}
