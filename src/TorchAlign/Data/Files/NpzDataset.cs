namespace TorchAlign.Data;

/// <summary>Labelled points from a .npz file: X (n, d), or (n,) for d = 1, or (n, ...) flattened, and y (n).</summary>
internal static class NpzDataset
{
    public static RawTable Read(string path)
    {
        IReadOnlyDictionary<string, NpyArray> arrays = NpzReader.Read(path);
        NpyArray x = Find("X"), y = Find("y");
        if (x.Shape.Count == 0 || x.Length == 0)
            throw new DataException(
                $"{path}, array 'X': the array is empty (shape ({string.Join(", ", x.Shape)})); it must be (n, d).");
        int n = x.Shape[0], d = x.Length / n;
        if (y.Length != n || y.Shape.Count(s => s != 1) > 1)
            throw new DataException(
                $"{path}, array 'y': shape ({string.Join(", ", y.Shape)}) does not give one label for each of the {n} rows of X.");
        if (x.IsText) throw new DataException($"{path}, array 'X': dtype {x.DType} is text; it must be numbers.");
        double[] features = x.ToDoubles();
        int bad = Array.FindIndex(features, v => !double.IsFinite(v));
        if (bad >= 0)
            throw new DataException(
                $"{path}, array 'X', row {bad / d}, column {bad % d} (from 0): the value is "
                + $"{(double.IsNaN(features[bad]) ? "not a number (NaN)" : "infinite")}; every value must be "
                + "finite. Correct it or remove the row.");
        string[] labels = y.ToLabels();
        int missing = Array.FindIndex(labels, l => l is "NaN" || CellText.IsMissing(l));
        if (missing >= 0)
            throw new DataException(
                $"{path}, array 'y', row {missing} (from 0): the label is missing ('{labels[missing]}').");
        return new RawTable
        {
            File = path,
            Features = features,
            Labels = labels,
            FeatureNames = [.. Enumerable.Range(0, d).Select(j => $"x{j}")],
            Place = i => $"array 'X', row {i} (from 0)",
        };

        NpyArray Find(string name) => arrays.TryGetValue(name, out NpyArray? array)
            ? array
            : throw new DataException(
                $"{path} has no array '{name}'; it has "
                + $"{(arrays.Count == 0 ? "none" : string.Join(", ", arrays.Keys))}. Write X (n, d) and y (n): "
                + "numpy.savez(path, X=X, y=y).");
    }
}
