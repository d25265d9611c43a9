namespace TorchAlign.Data;

/// <summary>n labelled points as they are used: preprocessed, not yet scaled. Its arrays must not be changed.</summary>
public sealed class LabelledSet
{
    private readonly Lazy<string> hash;

    /// <summary>
    /// Takes over <paramref name="x"/> (n, d), row-major, and <paramref name="y"/> (n) with entries -1 and +1.
    /// </summary>
    /// <exception cref="DataException">No points, no features, shapes that do not fit, a NaN or infinity, or a label
    /// other than -1 and +1.</exception>
    public LabelledSet(string name, double[] x, sbyte[] y, string positiveLabel = "+1", string negativeLabel = "-1",
        IReadOnlyList<string>? featureNames = null, IReadOnlyList<string>? preprocessing = null)
    {
        if (y.Length == 0) throw new DataException($"{name}: there are no points.");
        if (x.Length == 0) throw new DataException($"{name}: the points have no features.");
        if (x.Length % y.Length != 0)
            throw new DataException($"{name}: {x.Length} numbers cannot be {y.Length} points of equal dimension.");
        Name = name;
        X = x;
        Y = y;
        Dimension = x.Length / y.Length;
        PositiveLabel = positiveLabel;
        NegativeLabel = negativeLabel;
        FeatureNames = featureNames ?? [.. Enumerable.Range(1, Dimension).Select(j => $"x{j}")];
        Preprocessing = preprocessing ?? [];
        if (FeatureNames.Count != Dimension)
            throw new DataException($"{name}: {FeatureNames.Count} feature names for {Dimension} features.");
        for (int i = 0; i < y.Length; i++)
            if (y[i] is not (1 or -1)) throw new DataException($"{name}: label {i} is {y[i]}; it must be -1 or +1.");
        for (int k = 0; k < x.Length; k++)
            if (!double.IsFinite(x[k]))
                throw new DataException(
                    $"{name}: point {k / Dimension}, feature {FeatureNames[k % Dimension]} is {x[k]}; it must be "
                    + "finite.");
        hash = new(() => DataHash.Of(Count, Dimension, X, Y));
    }

    /// <summary>Where the points come from: a file name or a generator with its arguments.</summary>
    public string Name { get; }

    /// <summary>n, the number of points.</summary>
    public int Count => Y.Length;

    /// <summary>d, the number of features (an appended constant included).</summary>
    public int Dimension { get; }

    /// <summary>The points (n, d), row-major.</summary>
    public double[] X { get; }

    /// <summary>The labels (n), each -1 or +1.</summary>
    public sbyte[] Y { get; }

    /// <summary>The class that is +1, as the file writes it.</summary>
    public string PositiveLabel { get; }

    /// <summary>The class that is -1, as the file writes it; "rest" where it is several.</summary>
    public string NegativeLabel { get; }

    /// <summary>One name per feature (d).</summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>What was done to the file's numbers, in order, in words.</summary>
    public IReadOnlyList<string> Preprocessing { get; }

    /// <summary>What centring took from each feature, and standardising divided it by; null where nobody asked for it.</summary>
    public IReadOnlyList<double>? Means { get; init; }

    public IReadOnlyList<double>? Deviations { get; init; }

    /// <summary>SHA-256 (hex) of n, d, the bits of <see cref="X"/> and the labels.</summary>
    public string Hash => hash.Value;

    /// <summary>Point <paramref name="i"/> (d).</summary>
    public ReadOnlySpan<double> Row(int i) => X.AsSpan(i * Dimension, Dimension);

    /// <summary>z_i = y_i x_i (n, d), divided by the largest norm.</summary>
    /// <exception cref="DataException">All points are 0.</exception>
    public SignedPoints ToSignedPoints() => new(X, Y, Count, Dimension);
}
