using System.Globalization;

namespace TorchAlign.Data;

/// <summary>Tables of text: one point a row, one column the label.</summary>
internal static class CsvDataset
{
    public static RawTable Read(string path, ReadOptions options)
    {
        string[]? names = null;
        int columns = 0, label = -1;
        bool first = true;
        var features = new List<double>();
        var labels = new List<string>();
        var lines = new List<int>();
        foreach ((int line, string[] cells) in TextTable.Rows(path))
        {
            if (first)
            {
                first = false;
                columns = cells.Length;
                if (columns < 2)
                    throw new DataException(
                        $"{path}, line {line}: one column ('{CellText.Shorten(cells[0])}'); a table needs at "
                        + "least one feature and a label, separated by commas, semicolons, tabs or (.txt) spaces.");
                bool header = options.HasHeader ?? IsHeader(path, line, cells, options.LabelColumn);
                if (header) names = cells;
                label = LabelIndex(path, options.LabelColumn, names, columns);
                if (header) continue;
            }

            if (cells.Length != columns)
                throw new DataException(
                    $"{path}, line {line}, column {Math.Min(cells.Length, columns) + 1}: the row has "
                    + $"{cells.Length} cells where the first has {columns}. Complete or remove it.");
            for (int j = 0; j < columns; j++)
            {
                if (j == label)
                {
                    if (CellText.IsMissing(cells[j]))
                        throw new DataException(
                            $"{Place(path, line, j, names)}: the label is missing ('{cells[j]}'). Fill it in or remove the row.");
                    labels.Add(CellText.Label(cells[j]));
                    continue;
                }

                int column = j;
                features.Add(CellText.Number(cells[j], () => Place(path, line, column, names)));
            }

            lines.Add(line);
        }

        if (labels.Count == 0)
            throw new DataException(first
                ? $"{path}, line 1: the file is empty."
                : $"{path}, line 2: there are no rows below the header. If line 1 is data, say so (--no-header).");
        return new RawTable
        {
            File = path,
            Features = [.. features],
            Labels = [.. labels],
            FeatureNames = [.. Enumerable.Range(0, columns).Where(j => j != label).Select(j => names?[j] ?? $"x{j + 1}")],
            Columns = [.. Enumerable.Range(0, columns).Select(j => names?[j] ?? $"x{j + 1}")],
            LabelIndex = label,
            Place = i => $"line {lines[i]}",
        };
    }

    /// <summary>
    /// A first line whose feature cells are words. Half words and half numbers may be a header or a slip: ask.
    /// </summary>
    private static bool IsHeader(string path, int line, string[] cells, string? labelColumn)
    {
        // A label named rather than counted can only be found in a header.
        if (labelColumn is not null && !IsNumber(labelColumn)) return true;
        int label = LabelIndex(path, labelColumn, null, cells.Length);
        int[] others = [.. Enumerable.Range(0, cells.Length).Where(j => j != label)];
        int[] words = [.. others.Where(j => !CellText.TryNumber(cells[j], out _) && !CellText.IsMissing(cells[j]))];
        if (words.Length == 0) return false;
        int number = Array.FindIndex(cells, c => CellText.TryNumber(c, out _));
        if (number >= 0 && others.Contains(number))
            throw new DataException(
                $"{path}, line {line}, column {words[0] + 1}: '{CellText.Shorten(cells[words[0]])}' is not a "
                + $"number, but column {number + 1} of the same line is ('{cells[number]}'). Say whether line "
                + $"{line} names the columns (--header) or is data to correct (--no-header).");
        return true;
    }

    private static int LabelIndex(string path, string? labelColumn, string[]? names, int columns)
    {
        if (labelColumn is null) return columns - 1;
        int[] named = names is null ? [] : [.. Enumerable.Range(0, columns).Where(j => names[j] == labelColumn)];
        if (named.Length == 1) return named[0];
        if (named.Length > 1)
            throw new DataException(
                $"{path}: columns {string.Join(" and ", named.Select(j => j + 1))} are both named '{labelColumn}'; "
                + "give the label's column by number.");
        if (int.TryParse(labelColumn, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
        {
            if (number >= 1 && number <= columns) return number - 1;
            if (number <= -1 && number >= -columns) return columns + number;
        }

        string known = names is null
            ? $"the file names none and has {columns}, counted from 1"
            : string.Join(", ", names.Select((name, j) => $"{j + 1} {name}"));
        throw new DataException($"{path}, line 1: there is no label column '{labelColumn}'. Columns: {known}.");
    }

    private static bool IsNumber(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private static string Place(string path, int line, int column, string[]? names) =>
        $"{path}, line {line}, column {column + 1}{(names is null ? "" : $" ({names[column]})")}";
}
