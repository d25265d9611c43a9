namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>A point of a curve and the step it was observed at.</summary>
public readonly record struct Sample(double X, double Y, long Step);

/// <summary>A curve of a line chart; points that the axes cannot show (NaN, not positive on a log axis) are left out.</summary>
public sealed record Series(string Label, string Color, IEnumerable<Sample> Samples)
{
    /// <summary>Lengths of strokes and gaps in pixels.</summary>
    public IReadOnlyList<int> Dash { get; init; } = Palette.Solid;

    /// <summary>Tells curves of one label apart, which share a legend entry; null where each has its own.</summary>
    public string? Path { get; init; }

    /// <summary>The panel that it is drawn in; null for a chart of one.</summary>
    public string? Panel { get; init; }

    /// <summary>In pixels. Of curves that coincide the ones drawn first should be wider.</summary>
    public double Width { get; init; } = 1.8;
}

/// <summary>A dashed horizontal line at a predicted or limiting value, with its name beside it.</summary>
public sealed record Rule(double Y, string Label, string Color)
{
    /// <summary>The name stands below the line, where curves come from above.</summary>
    public bool Below { get; init; }
}
