using System.Globalization;

namespace TorchAlign.Data;

/// <summary>
/// Whether the first line of a table names the columns. Words alone are names, numbers alone are data; what could be either is a
/// question to the user, never a guess.
/// </summary>
internal static class FirstLine
{
    /// <summary>From so many on, columns numbered 0, 1, 2, ... are more likely names, as pandas gives them, than a point.</summary>
    private const int Numbered = 3;

    /// <summary>What the line itself says.</summary>
    /// <exception cref="DataException">It could be either.</exception>
    public static bool NamesColumns(string path, int line, string[] cells, ReadOptions options)
    {
        // What is named rather than counted can only be found in a header.
        if (((string?[])[options.LabelColumn, options.Features, options.Drop]).Any(TableColumns.AreNames)) return true;
        int[] features = Features(cells.Length, options);
        // Data, which will be told of as such.
        if (!options.DecimalComma && features.Any(j => CellText.HasDecimalComma(cells[j]))) return false;
        bool isNumber(int j) => CellText.TryNumber(cells[j], options.DecimalComma, out _);
        int[] words = [.. features.Where(j => !isNumber(j) && !CellText.IsMissing(cells[j]))];
        int number = Array.FindIndex(features, isNumber);
        if (words.Length > 0 && number >= 0)
            throw new DataException(
                $"{path}, line {line}, column {words[0] + 1}: '{CellText.Shorten(cells[words[0]])}' is not a "
                + $"number, but column {features[number] + 1} of the same line is ('{cells[features[number]]}'). {Question(line)}");
        if (words.Length == 0 && number >= 0 && features.FirstOrDefault(j => !isNumber(j), -1) is >= 0 and var missing)
            throw new DataException(
                $"{path}, line {line}, column {missing + 1}: the cell is empty or missing, and others of the line are numbers. "
                + Question(line));
        return words.Length > 0;
    }

    /// <summary>
    /// Looks back at a first line of numbers that was taken for a point. It could have been a header, as pandas writes "0,1,2,species",
    /// where its label is a word that no other line has although the others' come again; or where all of its cells, the label too, are
    /// 0, 1, 2, ... in order and those are three or more, or the label is one that no other line has.
    /// </summary>
    /// <exception cref="DataException">It could be either.</exception>
    public static void RequireData(string path, int line, string[] cells, int label, IReadOnlyList<string> labels)
    {
        bool alone = labels.Skip(1).All(other => other != labels[0]);
        bool repeats = labels.Skip(1).Distinct().Count() < labels.Count - 1;
        bool inOrder = Enumerable.Range(0, cells.Length).All(j => cells[j] == j.ToString(CultureInfo.InvariantCulture));
        bool isWord = !CellText.TryNumber(cells[label], out _);
        if (!(isWord && alone && repeats) && !(inOrder && (cells.Length >= Numbered || (alone && repeats)))) return;
        throw new DataException(
            $"{path}, line {line}: '{CellText.Shorten(string.Join(',', cells))}' could be a point or the names of the columns: "
            + $"its features are numbers, but "
            + $"{(isWord ? $"no other line has the label '{CellText.Shorten(cells[label])}'" : "they count the columns")}. "
            + Question(line));
    }

    /// <summary>
    /// A column without a name that numbers the rows is the index that pandas writes: a feature that is none, unless somebody says so.
    /// </summary>
    /// <param name="path">Of the file, for the error.</param>
    /// <param name="names">Of the columns.</param>
    /// <param name="first">The first feature's values.</param>
    /// <exception cref="DataException">It is such a column.</exception>
    public static void RequireNoIndex(string path, IReadOnlyList<string> names, IReadOnlyList<double> first)
    {
        if (names[0] != "" || first.Count < Numbered || first[0] is not (0 or 1)) return;
        for (int i = 1; i < first.Count; i++)
            if (first[i] != first[0] + i) return;
        // Columns may have numbers for names, as pandas' do; from the end they have none.
        string last = (-names.Count).ToString(CultureInfo.InvariantCulture);
        throw new DataException(
            $"{path}, column 1: it has no name and numbers the rows from {first[0]:0}, as the index that pandas writes does. "
            + $"Leave it out (--drop={(names.Contains("1") ? last : "1")}), or keep it by naming all features "
            + $"(--features 1-{names.Count - 1}).");
    }

    private static string Question(int line) =>
        $"Say whether line {line} names the columns (--header) or is data to be used or corrected (--no-header).";

    private static int[] Features(int columns, ReadOptions options)
    {
        // A number of no column is complained about once the names are known.
        int label = options.LabelColumn is null ? columns - 1 : TableColumns.ByNumber(options.LabelColumn, columns) ?? -1;
        int[] chosen = [.. TableColumns.ByNumbers(options.Features, columns)], dropped = [.. TableColumns.ByNumbers(options.Drop, columns)];
        return [.. Enumerable.Range(0, columns)
            .Where(j => j != label && !dropped.Contains(j) && (chosen.Length == 0 || chosen.Contains(j)))];
    }
}
