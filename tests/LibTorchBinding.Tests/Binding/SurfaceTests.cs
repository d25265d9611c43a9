using TorchSharp;

namespace LibTorchBinding.Tests.Binding;

/// <summary>What compiles against the binding must compile against TorchSharp: each signature is in its list.</summary>
public class SurfaceTests
{
    private static readonly HashSet<string> TorchSharpApi =
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "torchsharp-api.txt"))];

    [Fact]
    public void Every_public_signature_is_one_of_TorchSharp()
    {
        var surface = Surface.Of(typeof(torch).Assembly);
        var strangers = surface.Where(line => !TorchSharpApi.Contains(line)).ToList();
        Assert.True(strangers.Count == 0, string.Join(Environment.NewLine, strangers));
        Assert.True(surface.Count > 500, $"only {surface.Count} signatures were found: is the right assembly read?");
    }

    [Fact]
    public void A_wrong_surface_is_found_out()
    {
        var strangers = Surface.Of(typeof(SurfaceTests).Assembly)
            .Where(line => line.Contains("TorchSharp.WrongOnPurpose") || line.Contains("TorchSharp.IWrong"))
            .Where(line => !TorchSharpApi.Contains(line));
        Assert.Equal(
            [
                "C TorchSharp.WrongOnPurpose(int name)",
                "F static double TorchSharp.WrongOnPurpose.eps",
                "M protected virtual void TorchSharp.WrongOnPurpose.Hidden(params long[] sizes)",
                "M static TorchSharp.torch.Tensor TorchSharp.WrongOnPurpose.exp(TorchSharp.torch.Tensor input = null)",
                "P long? TorchSharp.WrongOnPurpose.Count { get; }",
                "T class TorchSharp.WrongOnPurpose : List<int>",
                "T interface TorchSharp.IWrong",
            ],
            strangers);
    }
}
