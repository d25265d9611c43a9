using System.Text.Json.Serialization;
using TorchAlign.Data;

namespace TorchAlign.Experiments.Settings;

/// <summary>Everything that decides the numbers of a run; written to run.json as it stands.</summary>
public sealed record RunSettings
{
    public required DataSettings Data { get; init; }

    /// <summary>One entry a network; all see the same data.</summary>
    public required IReadOnlyList<NetworkSettings> Networks { get; init; }

    /// <summary>exponential | logistic.</summary>
    public required string Loss { get; init; }

    public required MethodSettings Method { get; init; }

    public required StopSettings Stop { get; init; }

    public required int Seed { get; init; }

    /// <summary>Samples a decade of the clock or of the steps.</summary>
    public required int SamplesPerDecade { get; init; }
}

/// <summary>Where the data come from and how they are prepared.</summary>
public sealed record DataSettings
{
    /// <summary>planar | gaussian | iris | digits | a file.</summary>
    public required string Source { get; init; }

    /// <summary>Of the generators.</summary>
    public int? Points { get; init; }

    public int? Dimension { get; init; }

    public double? Margin { get; init; }

    public required ReadOptions Read { get; init; }
}

/// <summary>A network and its start.</summary>
public sealed record NetworkSettings
{
    /// <summary>Hidden widths; none for one layer.</summary>
    public required IReadOnlyList<int> Hidden { get; init; }

    /// <summary>gaussian | zero-first | balanced | rank-one | equal-norms; of no account where a file gives the start.</summary>
    public required string Init { get; init; }

    /// <summary>The file that gives the start; null where <see cref="Init"/> does.</summary>
    public StartFile? Start { get; init; }

    public required double Scale { get; init; }

    /// <summary>What to do with a start that breaks Assumption 2: rescale | require | ignore.</summary>
    public required string Assumption2 { get; init; }
}

/// <summary>A start from a file, with what it takes to know it again.</summary>
/// <param name="Path">.npz or .safetensors.</param>
/// <param name="Sha256">Of the file's bytes.</param>
/// <param name="Tensors">The tensors that became W_1 .. W_L.</param>
/// <param name="Note">What was done to the numbers, such as widening float32.</param>
public sealed record StartFile(string Path, string Sha256, IReadOnlyList<string> Tensors, string? Note);

/// <summary>Flow or descent, and how.</summary>
public sealed record MethodSettings
{
    /// <summary>flow | descent.</summary>
    public required string Method { get; init; }

    /// <summary>Of the flow: seulex | dopri5 | euler.</summary>
    public required string Stepper { get; init; }

    /// <summary>Of the flow: log-risk | arc-length | time.</summary>
    public required string Clock { get; init; }

    /// <summary>Of the flow: relative tolerance (seulex, dopri5).</summary>
    public required double Rtol { get; init; }

    /// <summary>Of descent: assumption5 | constant | loss-scaled.</summary>
    public required string Rule { get; init; }

    /// <summary>Of descent: how Assumption 5 raises its radius, smallest | increment | factor.</summary>
    public required string Radius { get; init; }

    /// <summary>The step of Euler and of the constant and loss-scaled rules.</summary>
    public required double Step { get; init; }

    /// <summary>Of descent with assumption5: integrate the step count along the flow instead of making the steps.</summary>
    public bool FastForward { get; init; }

    /// <summary>fused | torch | autograd | sequential.</summary>
    public required string Field { get; init; }

    /// <summary>cpu | cuda | cuda:i.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>float64 | float32; the latter of the torch field alone.</summary>
    public string Dtype { get; init; } = "float64";

    /// <summary>Threads of torch and of the fused field.</summary>
    public required int Threads { get; init; }
}

/// <summary>What ends a run; null is not asked for.</summary>
public sealed record StopSettings
{
    public double? OneMinusCosine { get; init; }

    /// <summary>Nobody named that goal, and there is a limit: on data without a maximum-margin direction the run goes without it.</summary>
    [JsonIgnore]
    public bool MayGoWithoutTarget { get; init; }

    /// <summary>1 - ratio and 1 - alignment of all layers at most this.</summary>
    public double? Alignment { get; init; }

    /// <summary>gamma - margin of the direction, relative to gamma.</summary>
    public double? MarginGap { get; init; }

    public double? Log10Risk { get; init; }

    public bool Separated { get; init; }

    public bool Stagnation { get; init; }

    public double? Time { get; init; }

    /// <summary>Of a fast-forward any number; else at most that of a long.</summary>
    public required double Steps { get; init; }

    public double? Seconds { get; init; }
}
