using System.Runtime.InteropServices;
using TorchAlign.Devices;
using TorchAlign.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Devices;

/// <summary>What a problem takes, and what is said where there is not so much.</summary>
public class MemoryTests
{
    private const double Gibi = 1L << 30;

    private static readonly MemoryEstimate Large = new(new NetworkShape(1024, 1024, 1024, 1024, 1), 1_000_000, ScalarType.Float64);

    [Fact]
    public void The_parts_are_counted()
    {
        var shape = new NetworkShape(3, 4, 1);
        var one = new MemoryEstimate(shape, 10, ScalarType.Float64);
        Assert.Equal(8 * 10 * 3, one.DataBytes);
        Assert.Equal(8 * 4 * 16, one.StateBytes);
        Assert.Equal(8 * (5 * 10 + 6 * 8), one.WorkBytes);
        var five = one with { Members = 5 };
        Assert.Equal((one.DataBytes, 5 * one.StateBytes, 5 * one.WorkBytes), (five.DataBytes, five.StateBytes, five.WorkBytes));
        Assert.Equal(5 * one.DataBytes, (five with { SharedData = false }).DataBytes);
        Assert.Equal(one.TotalBytes / 2, (one with { DType = ScalarType.Float32 }).TotalBytes);
        Assert.Equal(8.192e9, Large.DataBytes);
    }

    [Fact]
    public void What_would_fit_does_and_one_more_does_not()
    {
        var ensemble = new MemoryEstimate(new NetworkShape(20, 30, 1), 1000, ScalarType.Float64, 400, SharedData: false);
        foreach (var (estimate, bytes) in new[] { (Large, 3e9), (Large, 9e8), (ensemble, 5e7), (ensemble, 1e6) })
        {
            var n = estimate.LargestCount(bytes);
            if (n > 0) Assert.True((estimate with { Count = n }).TotalBytes <= bytes);
            Assert.True((estimate with { Count = n + 1 }).TotalBytes > bytes);
            var members = (int)estimate.LargestMembers(bytes);
            if (members > 0) Assert.True((estimate with { Members = members }).TotalBytes <= bytes);
            Assert.True((estimate with { Members = members + 1 }).TotalBytes > bytes);
        }
        Assert.Equal(0, Large.LargestCount(1e6));
        Assert.Contains("float32", Large.Advice(5e9));
        Assert.DoesNotContain("float32", Large.Advice(1e9));
        Assert.Contains("networks at a time", ensemble.Advice(5e7));
        Assert.Contains("Nothing of this network fits", Large.Advice(1e6));
        Assert.Contains("something else", Large.Advice(1e12));
    }

    public static TheoryData<string, double?, double?, double?> Messages => new()
    {
        // libtorch 1.13 and 2.5 on CUDA, and the CPU's allocator.
        {
            "CUDA out of memory. Tried to allocate 7.63 GiB (GPU 0; 15.78 GiB total capacity; 1.50 GiB already allocated; "
            + "6.25 GiB free; 1.60 GiB reserved in total by PyTorch) If reserved memory is >> allocated memory try setting max_split_size",
            7.63 * Gibi, 15.78 * Gibi, 7.75 * Gibi
        },
        {
            "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 79.10 GiB of which 512.00 MiB is free. "
            + "Process 123 has 78.5 GiB memory in use. Of the allocated memory 70.00 GiB is allocated by PyTorch, and 1.02 GiB is reserved",
            20.0 * (1 << 20), 79.10 * Gibi, 70.5 * Gibi
        },
        {
            "[enforce fail at alloc_cpu.cpp:75] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate "
            + "8000000000000 bytes. Error code 12 (Cannot allocate memory)",
            8e12, null, null
        },
        { "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", null, null, null },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void Messages_of_libtorch_are_understood(string message, double? asked, double? total, double? available)
    {
        var shortage = MemoryShortage.Parse(message);
        Assert.NotNull(shortage);
        Assert.Equal((asked, total, available), (shortage.Asked, shortage.Total, shortage.Available));
    }

    [Fact]
    public void Other_messages_are_left_alone()
    {
        Assert.Null(MemoryShortage.Parse("mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)"));
        const string Other = "CUDA error: an illegal memory access was encountered";
        Assert.Throws<ExternalException>(() => Large.Guard<Tensor>(CPU, () => throw new ExternalException(Other)));
    }

    [Theory, OnCpu, OnCuda]
    public void An_allocation_that_fails_says_what_was_asked_and_what_would_fit(string device)
    {
        var place = DeviceName.Resolve(device);
        var huge = Large with { Count = 1_000_000_000_000 };
        var error = Assert.Throws<DeviceMemoryException>(() =>
            huge.Guard(place, () => empty([huge.Count, 1024], dtype: float64, device: place)));
        Assert.Equal(8.192e15, error.Shortage.Asked!.Value, 1e13);
        Assert.StartsWith($"The memory of {place} ran out when it was asked for 8192000.0 GB", error.Message);
        Assert.Contains("1,000,000,000,000 x 1024 float64", error.Message);
        Assert.Matches("What would fit: n = [0-9,]+ points", error.Message);
    }
}
