using System.Numerics.Tensors;
using TorchAlign.Numerics;

namespace TorchAlign.Data;

/// <summary>n points of any number of classes. Its arrays must not be changed.</summary>
public sealed class ClassifiedSet
{
    private readonly Lazy<string> _hash;

    /// <param name="name">Where the points come from.</param>
    /// <param name="x">The points (n, d).</param>
    /// <param name="labels">Class numbers (n), each in 0..classes-1.</param>
    /// <param name="classNames">What the classes are called, at least one.</param>
    /// <param name="image">How a point is an image; null if it is none.</param>
    /// <exception cref="DataException">Counts or sizes differ, a label has no class, or a value is NaN or infinite.</exception>
    public ClassifiedSet(string name, Matrix x, int[] labels, IReadOnlyList<string> classNames, ImageShape? image = null)
    {
        if (labels.Length != x.Rows) throw new DataException($"{name}: {x.Rows} points, but {labels.Length} labels.");
        if (image is { } shape && shape.Size != x.Columns)
            throw new DataException($"{name}: an image of {shape} has {shape.Size} numbers; the points have {x.Columns}.");
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] < 0 || labels[i] >= classNames.Count)
                throw new DataException(
                    $"{name}: label {i} is {labels[i]}; with {classNames.Count} classes it must be 0 to {classNames.Count - 1}.");
            var row = x.Row(i);
            for (var j = 0; j < row.Length; j++)
                if (!double.IsFinite(row[j])) throw new DataException($"{name}: point {i}, feature {j} is {row[j]}; it must be finite.");
        }
        (Name, X, Labels, ClassNames, Image) = (name, x, labels, classNames, image);
        _hash = new(() => DataHash.OfClasses(X.Rows, X.Columns, X.Values, Labels));
    }

    /// <summary>Where the points come from: a file or folder, and what was done to them.</summary>
    public string Name { get; }

    /// <summary>The points (n, d).</summary>
    public Matrix X { get; }

    /// <summary>Class numbers (n), each in 0..classes-1.</summary>
    public int[] Labels { get; }

    /// <summary>What the classes are called, in the order of their numbers.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>How a point is an image; null if that is not known.</summary>
    public ImageShape? Image { get; }

    /// <summary>n.</summary>
    public int Count => X.Rows;

    /// <summary>d.</summary>
    public int Dimension => X.Columns;

    /// <summary>The number of classes; some may have no point.</summary>
    public int Classes => ClassNames.Count;

    /// <summary>SHA-256 (hex) of n, d, the bits of <see cref="X"/> and the labels.</summary>
    public string Hash => _hash.Value;

    /// <summary>
    /// Reads a table or .npz file (see <see cref="DataFile.Read"/>; classes in the order of their labels, numbers by value), a
    /// folder of MNIST's IDX files (see <see cref="IdxFile.ReadFolder"/>) or one of CIFAR-10's binary files (see
    /// <see cref="Cifar10.ReadFolder"/>): of the folders the training set.
    /// </summary>
    /// <param name="path">A file, or a folder.</param>
    /// <param name="labelColumn">Of a table: the label's column by name or number from 1; null is the last.</param>
    /// <param name="image">Of a file: how a point is an image.</param>
    /// <param name="first">Of a folder: the number of images to take from the start; null takes all.</param>
    /// <exception cref="DataException">It is missing or cannot be read; the message says where, what and what to do.</exception>
    public static ClassifiedSet Read(string path, string? labelColumn = null, ImageShape? image = null, int? first = null)
    {
        if (Directory.Exists(path))
            return Cifar10.IsFolder(path) ? Cifar10.ReadFolder(path, first: first) : IdxFile.ReadFolder(path, first: first);
        var table = DataFile.ReadTable(path, new ReadOptions { LabelColumn = labelColumn });
        string[] names = [.. table.Labels.Distinct().Order(Comparer<string>.Create(CellText.CompareLabels))];
        var numbers = names.Select((label, number) => (label, number)).ToDictionary(c => c.label, c => c.number);
        return new ClassifiedSet(
            Path.GetFileName(path), new Matrix(table.Labels.Length, table.FeatureNames.Count, table.Features),
            [.. table.Labels.Select(label => numbers[label])], names, image);
    }

    /// <summary>The labels as unit vectors (n, classes).</summary>
    public Matrix OneHot()
    {
        var result = new Matrix(Count, Classes);
        for (var i = 0; i < Count; i++) result[i, Labels[i]] = 1;
        return result;
    }

    /// <summary>The points with <see cref="OneHot"/> as targets.</summary>
    public RegressionSet ToRegression() => new(Name, X, OneHot());

    /// <summary>The first <paramref name="count"/> points.</summary>
    /// <exception cref="DataException">There are fewer.</exception>
    public ClassifiedSet First(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (count > Count) throw new DataException($"{Name} has {Count} points; the first {count} were asked for.");
        return Rows($"{Name}, first {count}", [.. Enumerable.Range(0, count)]);
    }

    /// <summary>The first <paramref name="count"/> points of each class that has any, in the set's order.</summary>
    /// <exception cref="DataException">One has fewer.</exception>
    public ClassifiedSet FirstOfEach(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        var taken = new int[Classes];
        int[] rows = [.. Enumerable.Range(0, Count).Where(i => taken[Labels[i]]++ < count)];
        for (var c = 0; c < Classes; c++)
            if (taken[c] > 0 && taken[c] < count)
                throw new DataException($"{Name}: class {ClassNames[c]} has {taken[c]} points; {count} of each class were asked for.");
        return Rows($"{Name}, first {count} of each class", rows);
    }

    /// <summary>All numbers by one affine map to [0, 1]: the least becomes 0, the greatest 1.</summary>
    /// <exception cref="DataException">All numbers are equal.</exception>
    public ClassifiedSet Scaled()
    {
        var (low, high) = (TensorPrimitives.Min<double>(X.Values), TensorPrimitives.Max<double>(X.Values));
        if (low == high) throw new DataException($"{Name}: every number is {low}; there is nothing to scale.");
        var scaled = new Matrix(Count, Dimension);
        // Each half alone, so that a range beyond float64 does not overflow.
        for (var k = 0; k < scaled.Values.Length; k++) scaled.Values[k] = (X.Values[k] / 2 - low / 2) / (high / 2 - low / 2);
        return new ClassifiedSet($"{Name}, scaled to [0, 1]", scaled, Labels, ClassNames, Image);
    }

    private ClassifiedSet Rows(string name, int[] rows)
    {
        var x = new Matrix(rows.Length, Dimension);
        for (var k = 0; k < rows.Length; k++) X.Row(rows[k]).CopyTo(x.Row(k));
        return new ClassifiedSet(name, x, [.. rows.Select(i => Labels[i])], ClassNames, Image);
    }
}
