using TorchAlign.Devices;

namespace TorchAlign.Experiments.Machines;

/// <param name="Available">Whether torch can compute there.</param>
/// <param name="Devices">GPUs that torch sees.</param>
/// <param name="Driver">The newest CUDA that NVIDIA's driver runs, such as 12.4; null without a driver.</param>
/// <param name="Gpus">What the driver lists, in torch's order.</param>
/// <param name="Problem">Why torch has no GPU, and what to do; null where it has one.</param>
public sealed record CudaFacts(bool Available, int Devices, string? Driver, IReadOnlyList<CudaGpu> Gpus, string? Problem)
{
    public static CudaFacts None { get; } = new(false, 0, null, [], "torch does not load");
}
