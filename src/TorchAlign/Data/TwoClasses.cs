using TorchAlign.Numerics;

namespace TorchAlign.Data;

/// <summary>
/// From a file's table to points labelled -1 and +1: picks the classes, preprocesses, checks what is left.
/// </summary>
internal static class TwoClasses
{
    private const int ListedClasses = 20;

    public static LabelledSet Assemble(RawTable table, ReadOptions options)
    {
        var counts = new SortedDictionary<string, int>(Comparer<string>.Create(CellText.CompareLabels));
        foreach (string label in table.Labels) counts[label] = counts.GetValueOrDefault(label) + 1;
        (string positive, string? negative) = Choose(table.File, counts, options);

        int d = table.FeatureNames.Count;
        int[] kept = [.. Enumerable.Range(0, table.Labels.Length)
            .Where(i => negative is null || table.Labels[i] == positive || table.Labels[i] == negative)];
        var x = new double[kept.Length * d];
        var y = new sbyte[kept.Length];
        for (int k = 0; k < kept.Length; k++)
        {
            table.Features.AsSpan(kept[k] * d, d).CopyTo(x.AsSpan(k * d));
            y[k] = (sbyte)(table.Labels[kept[k]] == positive ? 1 : -1);
        }

        var prepared = PreparedFeatures.Of(table.File, new Matrix(kept.Length, d, x), table.FeatureNames, options);
        List<string> steps = [.. prepared.Steps];
        for (int k = 0; k < kept.Length; k++)
        {
            if (prepared.X.Row(k).IndexOfAnyExcept(0.0) >= 0) continue;
            string after = steps.Count == 0 ? "" : $" once {string.Join(" and ", steps)}";
            throw new DataException(
                $"{table.File}, {table.Place(kept[k])}, all columns: every feature is 0{after}; such a point lies "
                + "on every separating plane through the origin. Remove it, or append a constant feature (--append-constant).");
        }

        if (table.LeftOut.Count > 0) steps.Insert(0, $"left out: {string.Join(", ", table.LeftOut)}");
        return new LabelledSet(
            Printable.Of(Path.GetFileName(table.File)), prepared.X.Buffer, y, positive, negative ?? "rest", prepared.Names, steps)
        {
            Notes = table.Notes,
            Means = prepared.Means,
            Deviations = prepared.Deviations,
        };
    }

    private static (string Positive, string? Negative) Choose(string file, SortedDictionary<string, int> counts, ReadOptions options)
    {
        string[] classes = [.. counts.Keys];
        string listed = string.Join(", ", classes.Take(ListedClasses).Select(c => $"{CellText.Shorten(c)} ({counts[c]})"));
        if (classes.Length > ListedClasses) listed += $", and {classes.Length - ListedClasses} more";
        string? positive = Known(options.Positive, "positive");
        string? negative = Known(options.Negative, "negative");
        if (classes.Length < 2)
            throw new DataException($"{file}, label column: there is one class only, {listed}; two are needed.");
        if (positive is not null && positive == negative)
            throw new DataException(
                $"{file}, label column: positive and negative are both '{positive}'; name two different classes of {listed}.");
        if (positive is null && classes.Length > 2)
            throw new DataException(
                $"{file}, label column: there are {classes.Length} classes: {listed}. Name the one that is to be "
                + "+1 (--positive VALUE; all others become -1 unless --negative VALUE names one).");
        positive ??= negative is null ? classes[1] : classes.First(c => c != negative);
        if (classes.Length == 2) negative ??= classes.First(c => c != positive);
        return (positive, negative);

        string? Known(string? wanted, string role)
        {
            if (wanted is null) return null;
            string label = CellText.Label(wanted);
            return counts.ContainsKey(label) ? label : throw new DataException(
                $"{file}, label column: no row has the {role} class '{wanted}'. Classes: {listed}.");
        }
    }
}
