namespace TorchAlign.Data;

/// <summary>What a reader found in a file: numbers, labels as written, and where each row came from.</summary>
internal sealed class RawTable
{
    public required string File { get; init; }

    /// <summary>Names of the d features.</summary>
    public required IReadOnlyList<string> FeatureNames { get; init; }

    /// <summary>The features (n, d), row-major, all finite.</summary>
    public required double[] Features { get; init; }

    /// <summary>The labels (n), in canonical form.</summary>
    public required string[] Labels { get; init; }

    /// <summary>Names of all columns of a text table in the file's order, the label's among them; none elsewhere.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>Where the label stands among <see cref="Columns"/>.</summary>
    public int LabelIndex { get; init; } = -1;

    /// <summary>Words for a row's place in the file, such as "line 12".</summary>
    public required Func<int, string> Place { get; init; }
}
