using TorchAlign.Alignment;
using TorchAlign.Networks;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Reporting;

/// <summary>What a run of networks towards the maximum-margin direction hands to its report.</summary>
public sealed record ReportModel
{
    public required string Title { get; init; }

    /// <summary>One or two sentences: what is shown, and what was found.</summary>
    public required string Claim { get; init; }

    public required long Seed { get; init; }

    /// <summary>How the networks were moved, and on which loss.</summary>
    public MethodReport Method { get; init; } = new();

    /// <summary>What a reader has to know before the numbers.</summary>
    public IReadOnlyList<Fact> Facts { get; init; } = [];

    public required IReadOnlyList<NetworkReport> Networks { get; init; }

    /// <summary>Null where the data have no maximum margin.</summary>
    public ReferenceReport? Reference { get; init; }

    /// <summary>Null leaves the plane out; so do more than two features.</summary>
    public DataReport? Data { get; init; }

    /// <summary>Tells data apart.</summary>
    public string DataHash { get; init; } = "";

    /// <summary>The object that run.json holds too.</summary>
    public object? Configuration { get; init; }
}

/// <summary>How networks were moved.</summary>
public sealed record MethodReport
{
    public bool IsDescent { get; init; }

    /// <summary>The count of descent's steps was integrated along the flow: it is the clock of the observations.</summary>
    public bool IsForward { get; init; }

    /// <summary>Whether steps were made, so that what the flow keeps is moved by more than rounding.</summary>
    public bool MakesSteps => IsDescent && !IsForward;

    /// <summary>For the first screen: method and how it was set.</summary>
    public string Text { get; init; } = "gradient flow";

    public string Loss { get; init; } = "exponential";
}

/// <summary>A network, everything observed of it in order, and how its run ended.</summary>
public sealed record NetworkReport
{
    /// <summary>"L = 4"; different for each network of a report.</summary>
    public required string Label { get; init; }

    public required NetworkShape Shape { get; init; }

    public required IReadOnlyList<Observation> Observations { get; init; }

    /// <summary>The named result.</summary>
    public required string Result { get; init; }

    /// <summary>What sin(angle) ||w_prod|| tends to at the size of the layers at the end; NaN where it is not known.</summary>
    public double PredictedNorm { get; init; } = double.NaN;

    public required double Seconds { get; init; }

    public required long Evaluations { get; init; }
}

/// <summary>The maximum margin with its certificate, lower &lt;= gamma &lt;= upper, and what follows from its dual weights.</summary>
public sealed record ReferenceReport
{
    public required double Gamma { get; init; }

    /// <summary>u_bar (d).</summary>
    public required IReadOnlyList<double> Direction { get; init; }

    public required double Lower { get; init; }

    public required double Upper { get; init; }

    public required double RelativeGap { get; init; }

    /// <summary>Rows of the data, counted from 0.</summary>
    public required IReadOnlyList<int> SupportVectors { get; init; }

    /// <summary>|v|, the limit of sin(angle) ||w_prod||; NaN where it is not known.</summary>
    public double PredictedResidualNorm { get; init; } = double.NaN;

    /// <summary>libsvm's angle to <see cref="Direction"/> in radians, or why there is none; null leaves the line out.</summary>
    public string? Libsvm { get; init; }
}

/// <summary>The points as the networks saw them.</summary>
public sealed record DataReport
{
    public required string Name { get; init; }

    /// <summary>x_i (n rows of d), scaled to max ||x|| = 1.</summary>
    public required IReadOnlyList<double[]> X { get; init; }

    /// <summary>+1 or -1 (n).</summary>
    public required IReadOnlyList<int> Y { get; init; }

    /// <summary>Names of the d features, or empty.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>The names of classes +1 and -1.</summary>
    public string Positive { get; init; } = "+1";

    public string Negative { get; init; } = "−1";
}
