using TorchAlign.Recording;

namespace TorchAlign.Experiments.Compare;

/// <summary>Everything that `torchalign compare pytorch` found.</summary>
public sealed record CompareReport
{
    public string Schema { get; } = "torchalign.compare/1";

    /// <summary>The case, or the folder of the run.</summary>
    public required string Subject { get; init; }

    public required int Seed { get; init; }

    /// <summary>Of both sides.</summary>
    public required int Threads { get; init; }

    /// <summary>package | libtorch.</summary>
    public required string TorchSharpSource { get; init; }

    public required string OurTorch { get; init; }

    public required string TwinTorch { get; init; }

    /// <summary>Both sides call one libtorch, so that equal bits are asked for.</summary>
    public required bool SameLibtorch { get; init; }

    /// <summary>Whether every comparison is within its tolerance.</summary>
    public bool Met => Comparisons.Count > 0 && Comparisons.All(comparison => comparison.Met);

    public required IReadOnlyList<Comparison> Comparisons { get; init; }

    public string ToJson() => RecordJson.Serialize(this);
}

/// <summary>One trajectory of ours beside one of a twin.</summary>
public sealed record Comparison
{
    /// <summary>As in a run: L4.</summary>
    public required string Network { get; init; }

    public required IReadOnlyList<int> Widths { get; init; }

    public required string Loss { get; init; }

    /// <summary>constant 0.1, assumption5, ..., flow, or diagnostics of one of them.</summary>
    public required string Method { get; init; }

    /// <summary>sequential | autograd | fused.</summary>
    public required string Ours { get; init; }

    /// <summary>The script with its form.</summary>
    public required string Twin { get; init; }

    /// <summary>Steps of descent, or of our integrator.</summary>
    public required long Steps { get; init; }

    /// <summary>Points compared.</summary>
    public required int Points { get; init; }

    /// <summary>log R at the first and the last point: a run that stands still would prove nothing.</summary>
    public required double LogRiskFirst { get; init; }

    public required double LogRiskLast { get; init; }

    /// <summary>The bits of every number must agree.</summary>
    public required bool Bitwise { get; init; }

    /// <summary>How the bound grows with the steps, and why.</summary>
    public required string Tolerance { get; init; }

    public required IReadOnlyList<Deviation> Deviations { get; init; }

    public bool Met => Deviations.All(deviation => deviation.Met);
}
