using TorchSharp;

namespace LibTorchBinding.Tests.Binding;

/// <summary>What compiles against the binding must compile against TorchSharp: each signature is in its list.</summary>
public class SurfaceTests
{
    // The list leaves out every method whose name starts like an accessor's (add_, get_, set_). These are TorchSharp's
    // as well: src/TorchSharp/Tensor/Tensor.Math.cs, torch.Parallelism.cs, torch.LocallyDisablingGradientComputation.cs.
    private static readonly string[] LeftOutOfTheList =
    [
        "M TorchSharp.torch.Tensor TorchSharp.torch.Tensor.add_(TorchSharp.Scalar scalar)",
        "M TorchSharp.torch.Tensor TorchSharp.torch.Tensor.add_(TorchSharp.Scalar scalar, TorchSharp.Scalar alpha)",
        "M TorchSharp.torch.Tensor TorchSharp.torch.Tensor.add_(TorchSharp.torch.Tensor target)",
        "M TorchSharp.torch.Tensor TorchSharp.torch.Tensor.add_(TorchSharp.torch.Tensor target, TorchSharp.Scalar alpha)",
        "M static IDisposable TorchSharp.torch.set_grad_enabled(bool mode = true)",
        "M static int TorchSharp.torch.get_num_threads()",
        "M static void TorchSharp.torch.set_num_threads(int num)",
    ];

    private static readonly HashSet<string> TorchSharpApi =
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "torchsharp-api.txt")), .. LeftOutOfTheList,
    ];

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
