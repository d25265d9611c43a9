using TorchAlign.Experiments.Machines;
using TorchAlign.Experiments.Reporting;
using TorchAlign.MaxMargin;
using TorchSharp;

namespace TorchAlign.Tests;

/// <summary>What a test needs of the machine that it runs on.</summary>
public enum Need
{
    /// <summary>Signals, as Unix has them.</summary>
    Unix,

    /// <summary>/usr/bin/cc, on Linux.</summary>
    CCompiler,

    /// <summary>node.</summary>
    Node,

    /// <summary>node and Vega.</summary>
    Charts,

    /// <summary>No GPU.</summary>
    NoCuda,

    /// <summary>libsvm, and Linux, where it can be seen that a process has loaded it.</summary>
    LoadedLibSvm,

    /// <summary>No libsvm.</summary>
    NoLibSvm,
}

/// <summary>A test that is skipped, with the reason, on a machine that has not what it needs.</summary>
public sealed class FactThatNeedsAttribute : FactAttribute
{
    public FactThatNeedsAttribute(Need need) => Skip = Needs.Lack(need);
}

/// <inheritdoc cref="FactThatNeedsAttribute"/>
public sealed class TheoryThatNeedsAttribute : TheoryAttribute
{
    public TheoryThatNeedsAttribute(Need need) => Skip = Needs.Lack(need);
}

internal static class Needs
{
    /// <summary>Why the test is skipped; null where the machine has what it needs.</summary>
    public static string? Lack(Need need) => need switch
    {
        Need.Unix when OperatingSystem.IsWindows() => "Windows has no such signals, and no sh.",
        Need.CCompiler when !OperatingSystem.IsLinux() || !File.Exists("/usr/bin/cc") => "There is no /usr/bin/cc: apt-get install gcc.",
        Need.Node when NodeFacts.Find().Version is null => "There is no node: apt-get install nodejs.",
        Need.Charts when NodeFacts.Find().Version is null || VegaAssets.Find() is null =>
            "Charts need node and Vega: apt-get install nodejs npm; npm ci --prefix experiments/report.",
        Need.NoCuda when torch.cuda.is_available() => "This machine has a GPU.",
        Need.LoadedLibSvm when !OperatingSystem.IsLinux() || !LibSvmWitness.Available => "There is no libsvm: apt-get install libsvm3.",
        Need.NoLibSvm when LibSvmWitness.Available => "This machine has libsvm.",
        _ => null,
    };
}
