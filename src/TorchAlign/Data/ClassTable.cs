using TorchAlign.Numerics;

namespace TorchAlign.Data;

/// <summary>Labelled points with all classes of their file, as they are used.</summary>
/// <param name="Set">The points.</param>
/// <param name="Features">Names of the features (d), or none where they are pixels.</param>
/// <param name="Preprocessing">What was done to the file's numbers, in order, in words.</param>
public sealed record ClassTable(ClassifiedSet Set, IReadOnlyList<string> Features, IReadOnlyList<string> Preprocessing)
{
    /// <summary>Of more classes than this, each should have two points: else the labels are numbers that were measured.</summary>
    private const int FewClasses = 20;

    /// <summary>
    /// Reads a table, a .npz or sparse file, or a folder of images (see <see cref="ClassifiedSet.Read"/>); classes in the order of their
    /// labels, numbers by value.
    /// </summary>
    /// <exception cref="DataException">It cannot be read or used: one class only, a class without a point, as many classes as points, a
    /// point whose features are all 0.</exception>
    public static ClassTable Read(string path, ReadOptions options)
    {
        if (Directory.Exists(path)) return Of(path, ClassifiedSet.Read(path), [], i => $"image {i} (from 0)", options);
        var table = DataFile.ReadTable(path, options);
        string[] names = [.. table.Labels.Distinct().Order(Comparer<string>.Create(CellText.CompareLabels))];
        var numbers = names.Index().ToDictionary(name => name.Item, name => name.Index);
        var set = new ClassifiedSet(Path.GetFileName(path),
            new Matrix(table.Labels.Length, table.FeatureNames.Count, table.Features),
            [.. table.Labels.Select(label => numbers[label])], names);
        return Of(path, set, table.FeatureNames, table.Place, options);
    }

    /// <summary>The two classes of a labelled set, that of -1 first.</summary>
    public static ClassTable Of(LabelledSet set) => new(
        new ClassifiedSet(set.Name, new Matrix(set.Count, set.Dimension, [.. set.X]), [.. set.Y.Select(label => label > 0 ? 1 : 0)],
            [set.NegativeLabel, set.PositiveLabel]),
        set.FeatureNames, set.Preprocessing);

    private static ClassTable Of(
        string path, ClassifiedSet set, IReadOnlyList<string> names, Func<int, string> place, ReadOptions options)
    {
        var counts = new int[set.Classes];
        foreach (var label in set.Labels) counts[label]++;
        if (set.Classes < 2)
            throw new DataException($"{path}, label column: there is one class only, {CellText.Shorten(set.ClassNames[0])} "
                + $"({counts[0]}); two are needed.");
        var empty = Array.IndexOf(counts, 0);
        if (empty >= 0)
            throw new DataException($"{path}: class {CellText.Shorten(set.ClassNames[empty])} has no point; an output of its own would "
                + "have nothing to learn.");
        if (set.Classes > FewClasses && 2 * set.Classes > set.Count)
            throw new DataException($"{path}, label column: there are {set.Classes} classes among {set.Count} points. If these are numbers "
                + "that were measured, use --task regress; else name the column of the label (--label).");
        string[] features = names.Count > 0 ? [.. names] : [.. Enumerable.Range(1, set.Dimension).Select(j => $"x{j}")];
        var prepared = PreparedFeatures.Of(path, set.X, features, options);
        for (var i = 0; i < set.Count; i++)
        {
            if (prepared.X.Row(i).IndexOfAnyExcept(0.0) >= 0) continue;
            var after = prepared.Steps.Count == 0 ? "" : $" once {string.Join(" and ", prepared.Steps)}";
            throw new DataException($"{path}, {place(i)}, all columns: every feature is 0{after}; "
                + "such a point has equal scores in all classes. Remove it, or append a constant feature (--append-constant).");
        }
        return new ClassTable(new ClassifiedSet(set.Name, prepared.X, set.Labels, set.ClassNames), prepared.Names, prepared.Steps);
    }
}
