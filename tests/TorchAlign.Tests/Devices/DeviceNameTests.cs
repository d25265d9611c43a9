using System.Diagnostics;
using TorchAlign.Devices;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Devices;

/// <summary>Names of devices, and what is said where one cannot be had.</summary>
public class DeviceNameTests
{
    private static readonly CudaGpu Gpu = new("Test GPU", 80_000_000_000);

    [Fact]
    public void The_CPU_is_always_there() => Assert.Equal(DeviceType.CPU, DeviceName.Resolve("cpu").type);

    [Theory, OnCuda]
    public void A_GPU_comes_with_its_number_and_all_bits_of_float32(string device)
    {
        backends.cuda.matmul.allow_tf32 = true;
        Assert.Equal(device, DeviceName.Resolve(device).ToString());
        Assert.False(backends.cuda.matmul.allow_tf32);
        Assert.Equal("cuda:0", DeviceName.Resolve("cuda").ToString());
        Assert.Contains($"sees {cuda.device_count()} GPU", Assert.Throws<DeviceException>(() => DeviceName.Resolve("cuda:99")).Message);
    }

    [FactThatNeeds(Need.NoCuda)]
    public void Without_CUDA_the_answer_names_what_was_found_and_the_remedy()
    {
        var message = Assert.Throws<DeviceException>(() => DeviceName.Resolve("cuda")).Message;
        Assert.StartsWith("The device cuda cannot be had: ", message);
        Assert.Contains(CudaDriver.Find().Version is null ? "no NVIDIA driver" : "CUDA", message);
        Assert.Matches("TORCHALIGN_LIBTORCH|driver", message);
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:one")]
    [InlineData("CUDA")]
    [InlineData("")]
    public void Another_name_is_no_device(string name) =>
        Assert.Contains($"Unknown device '{name}'", Assert.Throws<DeviceException>(() => DeviceName.Resolve(name)).Message);

    [Fact]
    public void Each_reason_has_its_words()
    {
        var none = new CudaDriver(null, [], "there is no NVIDIA driver");
        var empty = new CudaDriver(12040, [], "the NVIDIA driver finds no GPU");
        var full = new CudaDriver(12040, [Gpu], null);
        Assert.Contains("built without CUDA, and there is no NVIDIA driver", Words(false, none));
        Assert.Contains("TORCHALIGN_LIBTORCH", Words(false, none));
        Assert.Contains("Test GPU, but the libtorch in use was built without CUDA", Words(false, full));
        Assert.Contains("Install NVIDIA's driver", Words(true, none));
        Assert.Contains("finds no GPU", Words(true, empty));
        Assert.Contains("newer than 12.4", Words(true, full));
        Assert.Equal("There is no cuda:3: this process sees 2 GPUs, cuda:0 to cuda:1.", DeviceName.OutOfRange("cuda:3", 2));
        Assert.Equal("There is no cuda:1: this process sees 1 GPU, cuda:0.", DeviceName.OutOfRange("cuda:1", 1));

        static string Words(bool torchHasCuda, CudaDriver driver) => DeviceName.WhyNoCuda(torchHasCuda, driver);
    }

    [Fact]
    public void Without_a_driver_the_driver_is_absent()
    {
        var driver = CudaDriver.Find("libthere-is-no-such-driver.so.1");
        Assert.Equal((null, "there is no NVIDIA driver"), (driver.Version, driver.Problem));
        Assert.Empty(driver.Gpus);
    }

    /// <summary>A stand-in for NVIDIA's library with the same functions: the calls into it are real.</summary>
    [TheoryThatNeeds(Need.CCompiler)]
    [InlineData(0, 2, null)]
    [InlineData(100, 0, "finds no GPU")]
    [InlineData(804, 0, "does not start (CUDA error 804)")]
    public void The_driver_is_asked_in_its_own_words(int status, int count, string? problem)
    {
        var folder = Directory.CreateTempSubdirectory("torchalign-driver-");
        var (source, library) = (Path.Combine(folder.FullName, "driver.c"), Path.Combine(folder.FullName, "libcuda.so.1"));
        File.WriteAllText(source, $$"""
            #include <stdio.h>
            #include <string.h>
            int cuInit(unsigned flags) { return flags == 0 ? {{status}} : 1; }
            int cuDriverGetVersion(int *version) { *version = 12060; return 0; }
            int cuDeviceGetCount(int *count) { *count = {{count}}; return 0; }
            int cuDeviceGet(int *device, int ordinal) { *device = 70 + ordinal; return 0; }
            int cuDeviceGetName(char *name, int length, int device) { snprintf(name, length, "Card %d", device); return 0; }
            int cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = ((size_t)device << 32) + 5; return 0; }
            """);
        using (var compiler = Process.Start("/usr/bin/cc", ["-shared", "-fPIC", "-o", library, source])) compiler.WaitForExit();
        var driver = CudaDriver.Find(library);
        Assert.Equal("12.6", driver.VersionText);
        if (problem is null)
            Assert.Equal([new CudaGpu("Card 70", (70L << 32) + 5), new CudaGpu("Card 71", (71L << 32) + 5)], driver.Gpus);
        else
            Assert.Contains(problem, driver.Problem);
        folder.Delete(recursive: true);
    }
}
