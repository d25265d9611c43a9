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

    /// <summary>Names of the columns that are neither feature nor label.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>What the reader guessed, for the user to know.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The table with the features that the options choose, for readers that take all.</summary>
    /// <exception cref="DataException">A feature is not there, or none is left.</exception>
    public RawTable Choose(ReadOptions options)
    {
        int d = FeatureNames.Count;
        int[] chosen = new TableColumns(File, FeatureNames, d).Features([.. Enumerable.Range(0, d)], options);
        if (chosen.Length == d) return this;
        var features = new double[Labels.Length * chosen.Length];
        for (int i = 0; i < Labels.Length; i++)
            for (int k = 0; k < chosen.Length; k++) features[i * chosen.Length + k] = Features[i * d + chosen[k]];
        return new RawTable
        {
            File = File,
            Features = features,
            Labels = Labels,
            FeatureNames = [.. chosen.Select(j => FeatureNames[j])],
            Columns = Columns,
            LabelIndex = LabelIndex,
            Place = Place,
            LeftOut = [.. Enumerable.Range(0, d).Except(chosen).Select(j => FeatureNames[j])],
            Notes = Notes,
        };
    }
}
