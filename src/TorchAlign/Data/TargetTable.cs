using System.Globalization;
using TorchAlign.Numerics;

namespace TorchAlign.Data;

/// <summary>Inputs and real targets of a file, as they are used.</summary>
/// <param name="Set">X (n, d) and Y (n, targets).</param>
/// <param name="Features">Names of the inputs (d).</param>
/// <param name="Targets">Names of the targets.</param>
/// <param name="Preprocessing">What was done to the file's numbers, in order, in words.</param>
public sealed record TargetTable(
    RegressionSet Set, IReadOnlyList<string> Features, IReadOnlyList<string> Targets, IReadOnlyList<string> Preprocessing)
{
    /// <summary>
    /// Reads a text table, whose columns <paramref name="targets"/> names, a sparse file, whose label is the target, or a .npz file with X
    /// (n, d) and Y, or y, (n,) or (n, targets). Centring takes the means of the targets away too.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Where a table's label is no target, it is left out if it is text or asked for, and an input otherwise.</param>
    /// <param name="targets">Columns by name or by number from 1 (-1 is the last), with commas between them; null: the label's.</param>
    /// <exception cref="DataException">It cannot be read or used: a target is missing, constant or no number, or named twice.</exception>
    public static TargetTable Read(string path, ReadOptions options, string? targets)
    {
        if (Path.GetExtension(path).Equals(".npz", StringComparison.OrdinalIgnoreCase)) return ReadArrays(path, options, targets);
        // Where the inputs are named one by one, the last column is one like the others.
        var label = options.LabelColumn ?? (options.Features is null ? null : targets?.Split(',')[0].Trim());
        var table = DataFile.ReadTable(path, options with { AlsoRead = targets, LabelColumn = label });
        if (table.Columns.Count > 0) return FromColumns(path, table, options, targets);
        RefuseNames(path, targets);
        var labels = Numbers(table.Labels, false, i => $"{path}, {table.Place(i)}, the label");
        return Of(path, new Matrix(labels.Length, table.FeatureNames.Count, table.Features), table.FeatureNames,
            new Matrix(labels.Length, 1, labels), ["label"], [], options);
    }

    /// <summary>The labels -1 and +1 as targets.</summary>
    public static TargetTable Of(LabelledSet set) => new(
        new RegressionSet(set.Name, new Matrix(set.Count, set.Dimension, [.. set.X]),
            new Matrix(set.Count, 1, [.. set.Y.Select(label => (double)label)])),
        set.FeatureNames, ["label"], set.Preprocessing);

    private static TargetTable FromColumns(string path, RawTable table, ReadOptions options, string? targets)
    {
        var (n, label) = (table.Labels.Length, table.LabelIndex);
        int[] chosen = targets is null ? [label] : new TableColumns(path, table.Columns, table.Columns.Count).Listed(targets, "--targets");
        if (chosen.Distinct().Count() < chosen.Length)
            throw new DataException($"{path}: --targets {targets} names a column twice.");
        List<string> steps = [];
        double[]? last = null;
        if (chosen.Contains(label))
            last = Numbers(table.Labels, options.DecimalComma, i => $"{path}, {table.Place(i)}, column {label + 1} ({table.Columns[label]})");
        else if (options.LabelColumn is null && table.Labels.All(label => IsFinite(label, options.DecimalComma, out _)))
            last = Numbers(table.Labels, options.DecimalComma, i => $"{path}, {table.Place(i)}");
        else
            steps.Add($"column {table.Columns[label]} left out");
        // The columns of the features in the file's order, and the label's where it holds numbers.
        int[] read = [.. Enumerable.Range(0, table.Columns.Count).Where(j => table.FeatureNames.Contains(table.Columns[j]) && j != label)];
        int[] inputs = [.. Enumerable.Range(0, table.Columns.Count)
            .Where(j => !chosen.Contains(j) && (j == label ? last is not null : read.Contains(j)))];
        if (inputs.Length == 0) throw new DataException($"{path}: every column is a target; at least one must be left as an input.");
        return Of(path, Pick(inputs), [.. inputs.Select(j => table.Columns[j])], Pick(chosen), [.. chosen.Select(j => table.Columns[j])],
            steps, options);

        Matrix Pick(int[] columns)
        {
            var picked = new Matrix(n, columns.Length);
            for (var c = 0; c < columns.Length; c++)
            {
                var place = Array.IndexOf(read, columns[c]);
                for (var i = 0; i < n; i++) picked[i, c] = place < 0 ? last![i] : table.Features[i * read.Length + place];
            }
            return picked;
        }
    }

    private static TargetTable ReadArrays(string path, ReadOptions options, string? targets)
    {
        RefuseNames(path, targets);
        var arrays = NpzReader.Read(path);
        var x = Numbers(path, arrays, "X");
        var y = Numbers(path, arrays, arrays.ContainsKey("Y") ? "Y" : "y");
        if (x.Rows != y.Rows) throw new DataException($"{path}: X has {x.Rows} rows and the targets {y.Rows}; each row is a sample.");
        return Of(path, x, [.. Enumerable.Range(0, x.Columns).Select(j => $"x{j}")],
            y, [.. Enumerable.Range(0, y.Columns).Select(j => $"y{j}")], [], options);
    }

    /// <summary>An array (n,) as one column, (n, ...) flattened behind its first index.</summary>
    private static Matrix Numbers(string path, IReadOnlyDictionary<string, NpyArray> arrays, string name)
    {
        if (!arrays.TryGetValue(name, out var array))
            throw new DataException($"{path} has no array '{name}'; it has "
                + $"{(arrays.Count == 0 ? "none" : string.Join(", ", arrays.Keys))}. "
                + "Write X (n, d) and Y (n, targets): numpy.savez(path, X=X, Y=Y).");
        if (array.IsText) throw new DataException($"{path}, array '{name}': dtype {array.DType} is text; it must be numbers.");
        if (array.Shape.Count == 0 || array.Length == 0)
            throw new DataException($"{path}, array '{name}': the array is empty (shape ({string.Join(", ", array.Shape)})).");
        var (rows, values) = (array.Shape[0], array.ToDoubles());
        var bad = Array.FindIndex(values, value => !double.IsFinite(value));
        if (bad >= 0)
            throw new DataException($"{path}, array '{name}', row {bad / (values.Length / rows)} (from 0): the value is {values[bad]}; "
                + "every value must be finite. Correct it or remove the row.");
        return new Matrix(rows, values.Length / rows, values);
    }

    private static TargetTable Of(
        string path, Matrix x, IReadOnlyList<string> features, Matrix y, IReadOnlyList<string> targets, List<string> steps,
        ReadOptions options)
    {
        for (var j = 0; j < y.Columns; j++)
        {
            var constant = true;
            for (var i = 1; i < y.Rows && constant; i++) constant = y[i, j] == y[0, j];
            if (constant)
                throw new DataException($"{path}, target {targets[j]}: every sample has the value {y[0, j]:R}; there is nothing to learn. "
                    + "Name another column (--targets).");
        }
        var prepared = PreparedFeatures.Of(path, x, features, options);
        if (options.Center || options.Standardize) PreparedFeatures.Center(y, steps, "targets centred");
        return new TargetTable(
            new RegressionSet(Path.GetFileName(path), prepared.X, y), prepared.Names, targets, [.. steps, .. prepared.Steps]);
    }

    private static void RefuseNames(string path, string? targets)
    {
        if (targets is not null)
            throw new DataException($"{path}: --targets names columns of a text table; of this file the targets are "
                + $"{(path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase) ? "the array Y (or y)" : "the labels")}.");
    }

    private static bool IsFinite(string label, bool decimalComma, out double value) =>
        CellText.TryNumber(label, decimalComma, out value) && double.IsFinite(value);

    private static double[] Numbers(string[] labels, bool decimalComma, Func<int, string> place) =>
    [
        .. labels.Select((label, i) => IsFinite(label, decimalComma, out var value)
            ? value
            : throw new DataException($"{place(i)}: '{CellText.Shorten(label)}' is no finite number; a target is one. "
                + "Name the columns of the targets (--targets).")),
    ];
}
