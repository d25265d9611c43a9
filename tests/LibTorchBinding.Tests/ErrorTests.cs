using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace LibTorchBinding.Tests;

/// <summary>libtorch's message arrives as ExternalException; TorchSharp's has the C++ stack below it.</summary>
public class ErrorTests
{
    [Fact]
    public void A_shape_mismatch_names_the_shapes()
    {
        using var scope = NewDisposeScope();
        var e = Assert.Throws<ExternalException>(() => zeros(2, 3).mm(zeros(4, 5)));
        Assert.Contains("2x3 and 4x5", e.Message);
        Assert.DoesNotContain("frame #", e.Message.Split('\n')[0]);
        e = Assert.Throws<ExternalException>(() => zeros(2, 3) + zeros(4));
        Assert.Contains("size of tensor a (3) must match the size of tensor b (4)", e.Message);
        Assert.Contains("[5]", Assert.Throws<ExternalException>(() => zeros(2, 3).view(5)).Message);
    }

    [Fact]
    public void Wrong_dtypes_dimensions_and_indices_are_refused()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ExternalException>(() => zeros(2, 2).mm(zeros(2, 2, dtype: float64)));
        Assert.Throws<ExternalException>(() => zeros(2, 3).sum(5));
        Assert.Throws<ExternalException>(() => zeros(2, 3)[2]);
        Assert.Throws<ExternalException>(() => zeros(2, 3)[0, 0, 0]);
        Assert.Throws<ExternalException>(() => linalg.cholesky(-eye(2, dtype: float64)));
        Assert.ThrowsAny<Exception>(() => zeros(2).cuda(new Device("cuda:77")));
    }

    [Fact]
    public void A_disposed_tensor_says_so()
    {
        var x = zeros(2);
        x.Dispose();
        x.Dispose();
        Assert.True(x.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => x.shape);
        Assert.Throws<InvalidOperationException>(() => x + 1);
    }

    [Fact]
    public void An_error_leaves_no_tensor_behind_and_the_next_call_works()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (zeros(2, 3), zeros(4, 5));
        var before = scope.DisposablesCount;
        for (var i = 0; i < 100; i++) Assert.Throws<ExternalException>(() => a.mm(b));
        Assert.Equal(before, scope.DisposablesCount);
        Assert.Equal([2, 2], a.mm(a.t()).shape);
    }

    [Fact]
    public void Devices_are_described_as_in_PyTorch()
    {
        Assert.Equal("cpu", CPU.ToString());
        Assert.Equal("cuda:1", new Device("cuda:1").ToString());
        Assert.Equal(DeviceType.CUDA, new Device("cuda").type);
        if (!cuda.is_available()) Assert.Throws<InvalidOperationException>(() => device("cuda"));
        else Assert.Equal(DeviceType.CUDA, device("cuda").type);
        Assert.ThrowsAny<Exception>(() => device("toaster"));
    }

    [Fact]
    public void The_build_says_what_it_is()
    {
        Assert.StartsWith("2.10.0", __version__);
        Assert.Equal(cuda.is_available(), cuda.device_count() > 0);
        var threads = get_num_threads();
        Assert.True(threads >= 1);
        set_num_threads(threads);
        Assert.Equal(threads, get_num_threads());
    }
}
