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

    /// <summary>What was done to the data; null where nobody told.</summary>
    public DataSummary? Data { get; init; }

    /// <summary>What a reader has to know before the numbers: what was changed, which assumption fails, why a cell is empty.</summary>
    public IReadOnlyList<Fact> Facts { get; init; } = [];

    public string ToJson() => RecordJson.Serialize(this);
}

/// <summary>A fact of a run in words.</summary>
/// <param name="Name">What it is about: "classes", "L = 4, start".</param>
/// <param name="Value">A sentence or less.</param>
public sealed record Fact(string Name, string Value);

/// <summary>Labelled points and what was done to them before a network saw them.</summary>
public sealed record DataSummary
{
    public required int Count { get; init; }

    public required int Dimension { get; init; }

    /// <summary>The class that is +1, as the file writes it, and the one that is -1.</summary>
    public required string Positive { get; init; }

    public required string Negative { get; init; }

    /// <summary>What centring took from each feature, in the file's units; null where it was not asked for.</summary>
    public IReadOnlyList<double>? Means { get; init; }

    /// <summary>What standardising divided each centred feature by; null where it was not asked for.</summary>
    public IReadOnlyList<double>? Deviations { get; init; }

    /// <summary>What all features were divided by then, so that max ||x|| = 1.</summary>
    public required double Scale { get; init; }
}

/// <summary>The reference with its certificate: lower &lt;= gamma &lt;= upper.</summary>
public sealed record MaxMarginSummary
{
    public required double Gamma { get; init; }

    /// <summary>gamma before the features were divided by their scale.</summary>
    public required double GammaInDataUnits { get; init; }

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

    /// <summary>What sin(angle) ||w_prod|| tends to, at the layers' size at the end; NaN where it is not known.</summary>
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

    /// <summary>The result in words, with its reason; null where the run goes on.</summary>
    public string? Message { get; init; }

    /// <summary>log10 R where 1 - cos first was at most what was asked for; NaN where it never was, or nobody asked.</summary>
    public double CrossedAtLog10Risk { get; init; } = double.NaN;

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
