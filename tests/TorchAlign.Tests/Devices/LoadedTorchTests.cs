using System.Reflection;
using System.Runtime.InteropServices;
using TorchAlign.Devices;
using TorchSharp;

namespace TorchAlign.Tests.Devices;

public class LoadedTorchTests
{
    [Fact]
    public void The_loaded_library_tells_its_version()
    {
        torch.ones(1).Dispose();
        Assert.True(File.Exists(LoadedTorch.Path), LoadedTorch.Path);
        Assert.Matches(@"^\d+\.\d+", LoadedTorch.Version);
    }

    /// <summary>Where the file's name has a version, libtorch's own configuration has the same.</summary>
    [Fact]
    public void The_name_of_the_file_and_the_configuration_agree()
    {
        torch.ones(1).Dispose();
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) return;
        var configured = (string?)typeof(LoadedTorch).GetMethod("FromConfiguration", BindingFlags.NonPublic | BindingFlags.Static)!
            .Invoke(null, [LoadedTorch.Path!]);
        Assert.StartsWith(configured!.Split('+', 'a')[0], LoadedTorch.Version!);
    }

    [Fact]
    public void Of_an_error_of_libtorch_the_first_line_is_shown()
    {
        Assert.Equal("mat1 and mat2", TorchError.Text(new ExternalException("mat1 and mat2\nException raised from mm\nframe #0: c10")));
        Assert.Equal("one\ntwo", TorchError.Text(new InvalidOperationException("one\ntwo")));
    }
}
