namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>What a line chart shows; <see cref="Charts.Line"/> draws it.</summary>
public sealed record LinePlot
{
    /// <summary>The name of its files, without extension.</summary>
    public required string Name { get; init; }

    public required string Title { get; init; }

    /// <summary>A sentence on what to look for.</summary>
    public required string Caption { get; init; }

    public required Axis X { get; init; }

    public required Axis Y { get; init; }

    public required IEnumerable<Series> Series { get; init; }

    public IReadOnlyList<Rule> Rules { get; init; } = [];

    /// <summary>Why there is no curve at all; null leaves the chart out then.</summary>
    public string? Without { get; init; }
}
