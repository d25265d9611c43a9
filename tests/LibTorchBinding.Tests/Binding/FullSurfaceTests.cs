using System.Reflection;
using TorchSharp;

namespace LibTorchBinding.Tests.Binding;

/// <summary>
/// Each signature is in TorchSharp 0.106's full list, which tells access, override, sealed, constraints and names of tuple elements.
/// </summary>
public class FullSurfaceTests
{
    // What compiles against these compiles against TorchSharp's: theirs have one more interface, are virtual, are public.
    private static readonly string[] Narrower =
    [
        "C protected TorchSharp.Modules.OptimizerHelper()",
        "P public bool TorchSharp.torch.nn.Module.training { get; }",
        "T abstract class TorchSharp.Modules.ParameterLessModule<T1, TResult> : TorchSharp.torch.nn.Module<T1, TResult>",
    ];

    private static readonly HashSet<string> TorchSharpApi =
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "torchsharp-0.106-full.txt")), .. Narrower];

    [Fact]
    public void Every_signature_is_one_of_TorchSharp_in_full()
    {
        var strangers = Strangers(typeof(torch).Assembly).ToList();
        Assert.True(strangers.Count == 0, string.Join(Environment.NewLine, strangers));
    }

    [Fact]
    public void A_wrong_surface_is_found_out_in_full() => Assert.Equal(
        [
            "C public TorchSharp.WrongOnPurpose(int name)",
            "F public static readonly double TorchSharp.WrongOnPurpose.eps",
            "M protected virtual void TorchSharp.WrongOnPurpose.Hidden(params long[] sizes)",
            "M public static TorchSharp.torch.Tensor TorchSharp.WrongOnPurpose.exp(TorchSharp.torch.Tensor input = null)",
            "P public long? TorchSharp.WrongOnPurpose.Count { get; }",
            "T class TorchSharp.WrongOnPurpose : List<int>",
            "T interface TorchSharp.IWrong",
        ],
        Strangers(typeof(FullSurfaceTests).Assembly).Where(line => line.Contains("WrongOnPurpose") || line.Contains("IWrong")));

    // Ours may be readonly or sealed where theirs is not: that forbids more.
    private static IEnumerable<string> Strangers(Assembly assembly) => TorchSharpSurface.Surface.Of(assembly)
        .Where(line => !TorchSharpApi.Contains(line) && !TorchSharpApi.Contains(line.Replace("readonly ", "").Replace("sealed ", "")));
}
