using TorchAlign.Alignment;
using TorchAlign.Networks;

namespace TorchAlign.Recording;

/// <summary>How a run ended: summary.json, and what `--json` prints. NaN becomes null.</summary>
public sealed record Summary
{
    public string Schema { get; } = "torchalign/1";

    public required string Command { get; init; }

    public required long Seed { get; init; }

    /// <summary>Null where the data have no maximum margin.</summary>
    public required MaxMarginSummary? MaxMargin { get; init; }

    public required IReadOnlyList<NetworkSummary> Networks { get; init; }

    public string ToJson() => RecordJson.Serialize(this);
}

/// <summary>The reference with its certificate: lower &lt;= gamma &lt;= upper.</summary>
public sealed record MaxMarginSummary
{
    public required double Gamma { get; init; }

    /// <summary>u_bar (d).</summary>
    public required IReadOnlyList<double> Direction { get; init; }

    public required double Lower { get; init; }

    public required double Upper { get; init; }

    public required double RelativeGap { get; init; }

    /// <summary>Rows of the data, counted from 0.</summary>
    public required IReadOnlyList<int> SupportVectors { get; init; }
}

/// <summary>One network at the end of its run.</summary>
public sealed record NetworkSummary
{
    public required int Depth { get; init; }

    public required IReadOnlyList<int> Widths { get; init; }

    public required double Log10Risk { get; init; }

    public required double OneMinusCosine { get; init; }

    public required double AngleTimesNorm { get; init; }

    /// <summary>|v|, the limit of sin(angle) ||w_prod||; NaN where it is not known.</summary>
    public required double PredictedAngleTimesNorm { get; init; }

    public required IReadOnlyList<double> SpectralRatio { get; init; }

    public required IReadOnlyList<double> AdjacentAlignment { get; init; }

    public required double BalancednessDrift { get; init; }

    public required long Evaluations { get; init; }

    /// <summary>Wall time.</summary>
    public required double Seconds { get; init; }

    /// <summary>Networks that were computed as one batched problem, this one among them; 1: it was alone.</summary>
    public required int Together { get; init; }

    /// <summary>The named result, e.g. "interrupted".</summary>
    public required string Result { get; init; }

    /// <summary>The summary of a network from the last point observed.</summary>
    public static NetworkSummary From(
        NetworkShape shape, Observation last, double predictedAngleTimesNorm, double seconds, string result, int together = 1) => new()
        {
            Depth = shape.Depth,
            Widths = shape.Widths,
            Log10Risk = last.Log10Risk,
            OneMinusCosine = last.OneMinusCosine,
            AngleTimesNorm = last.AngleTimesNorm,
            PredictedAngleTimesNorm = predictedAngleTimesNorm,
            SpectralRatio = last.SpectralRatios,
            AdjacentAlignment = last.AdjacentAlignments,
            BalancednessDrift = last.BalancednessDrift,
            Evaluations = last.Evaluations,
            Seconds = seconds,
            Together = together,
            Result = result,
        };
}
