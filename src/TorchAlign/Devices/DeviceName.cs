using System.Diagnostics;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Devices;

/// <summary>The one place where the name of a device becomes a device that is there.</summary>
public static class DeviceName
{
    /// <summary><c>cpu</c>, <c>cuda</c> (the first GPU) or <c>cuda:i</c>.</summary>
    /// <exception cref="DeviceException">Another name, or a GPU that cannot be had: what was found, and the remedy.</exception>
    /// <remarks>Float32 products on CUDA keep all their bits from here on: TF32 is switched off.</remarks>
    public static Device Resolve(string name)
    {
        var device = Parse(name);
        if (device.type == DeviceType.CPU) return device;
        var count = cuda.is_available() ? cuda.device_count() : 0;
        if (count == 0) throw new DeviceException($"The device {name} cannot be had: {WhyNoCuda(CudaDriver.Find())}");
        if (device.index >= count) throw new DeviceException(OutOfRange(name, count));
        backends.cuda.matmul.allow_tf32 = false;
        return device;
    }

    /// <summary>A device for records: <c>cpu</c>, or <c>cuda:0 (NVIDIA H200)</c>.</summary>
    public static string Describe(Device device) => device.type == DeviceType.CUDA
        && CudaDriver.Find().Gpus is var gpus && device.index >= 0 && device.index < gpus.Count
            ? $"{device} ({gpus[device.index].Name})"
            : device.ToString();

    /// <summary>The device of that name, whether it is there or not.</summary>
    /// <exception cref="DeviceException">No name of a device.</exception>
    public static Device Parse(string name)
    {
        if (name == "cpu") return CPU;
        if (name == "cuda") return new Device(DeviceType.CUDA, 0);
        return name.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan("cuda:".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                ? new Device(DeviceType.CUDA, index)
                : throw new DeviceException($"Unknown device '{name}': there are cpu, cuda (the first GPU) and cuda:0, cuda:1, ...");
    }

    internal static string OutOfRange(string name, int count) =>
        $"There is no {name}: this process sees {count} GPU{(count == 1 ? "" : "s")}, cuda:0{(count == 1 ? "" : $" to cuda:{count - 1}")}.";

    /// <summary>Why torch has no GPU, and what to do about it; asked where it has none.</summary>
    public static string WhyNoCuda(CudaDriver driver) => WhyNoCuda(TorchHasCuda(), driver);

    internal static string WhyNoCuda(bool torchHasCuda, CudaDriver driver) => (torchHasCuda, driver) switch
    {
        (false, { Gpus.Count: > 0 }) => $"{Gpus(driver)}, but the libtorch in use was built without CUDA. {OtherTorch}",
        (false, _) => $"the libtorch in use was built without CUDA, and {driver.Problem}. {OtherTorch}",
        (true, { Version: null }) => $"libtorch has CUDA, but {driver.Problem}. Install NVIDIA's driver and see that nvidia-smi works.",
        (true, { Gpus.Count: 0 }) => $"libtorch has CUDA, but {driver.Problem}. See that nvidia-smi lists a GPU here.",
        _ => $"{Gpus(driver)}, but libtorch finds none: its CUDA is most likely newer than {driver.VersionText}, the newest that this "
            + "driver runs. Update the driver, or take a libtorch for an older CUDA.",
    };

    private const string OtherTorch =
        "Set TORCHALIGN_LIBTORCH to the torch folder of a PyTorch wheel with CUDA, or TorchSharpSource=package TorchDevice=cuda.";

    private static string Gpus(CudaDriver driver) =>
        $"the driver (CUDA {driver.VersionText}) has {string.Join(", ", driver.Gpus.Select(gpu => gpu.Name))}";

    /// <summary>A libtorch with CUDA keeps its kernels in a library of their own, which is loaded with it.</summary>
    private static bool TorchHasCuda()
    {
        using var process = Process.GetCurrentProcess();
        return process.Modules.Cast<ProcessModule>().Any(module =>
            module.ModuleName.StartsWith("libtorch_cuda", StringComparison.OrdinalIgnoreCase)
            || module.ModuleName.StartsWith("torch_cuda", StringComparison.OrdinalIgnoreCase));
    }
}
