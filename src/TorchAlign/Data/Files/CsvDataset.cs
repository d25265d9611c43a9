namespace TorchAlign.Data;

/// <summary>Tables of text: one point a row, one column the label.</summary>
internal static class CsvDataset
{
    public static RawTable Read(string path, ReadOptions options)
    {
        var text = TextLines.Of(path, options.Encoding);
        string[]? names = null, begin = null;
        int[] chosen = [];
        int label = -1, beginLine = 0;
        var features = new List<double>();
        var labels = new List<string>();
        var lines = new List<int>();
        foreach ((int line, string[] cells) in TextTable.Rows(text, options.DecimalComma))
        {
            if (begin is null)
            {
                (begin, beginLine) = (cells, line);
                if (cells.Length < 2)
                    throw new DataException(
                        $"{path}, line {line}: one column ('{CellText.Shorten(cells[0])}'); a table needs at "
                        + "least one feature and a label, separated by commas, semicolons, tabs or (.txt) spaces.");
                bool header = options.HasHeader ?? FirstLine.NamesColumns(path, line, cells, options);
                if (header) names = [.. cells.Select(cell => Printable.Of(cell))];
                var columns = new TableColumns(path, names, cells.Length);
                label = columns.Label(options.LabelColumn);
                chosen = columns.Features([.. Enumerable.Range(0, cells.Length).Where(j => j != label)], options);
                if (options.AlsoRead is { } also)
                    chosen = [.. chosen.Union(columns.Listed(also, "--targets").Where(j => j != label)).Order()];
                if (header) continue;
            }

            if (cells.Length != begin.Length)
                throw new DataException(
                    $"{path}, line {line}, column {Math.Min(cells.Length, begin.Length) + 1}: the row has "
                    + $"{cells.Length} cells where the first has {begin.Length}. Complete or remove it.");
            if (CellText.IsMissing(cells[label]))
                throw new DataException(
                    $"{Place(path, line, label, names)}: the label is missing ('{cells[label]}'). Fill it in or remove the row.");
            foreach (int j in chosen) features.Add(CellText.Number(cells[j], options.DecimalComma, () => Place(path, line, j, names)));
            labels.Add(CellText.Label(cells[label]));
            lines.Add(line);
        }

        if (labels.Count == 0)
            throw new DataException(begin is null
                ? $"{path}, line 1: the file is empty."
                : $"{path}, line 2: there are no rows below the header. If line 1 is data, say so (--no-header).");
        if (names is null && options.HasHeader is null) FirstLine.RequireData(path, beginLine, begin!, label, labels);
        if (names is not null && (options.Features ?? options.Drop) is null && chosen[0] == 0)
            FirstLine.RequireNoIndex(path, names, [.. Enumerable.Range(0, labels.Count).Select(i => features[i * chosen.Length])]);
        int[] left = [.. Enumerable.Range(0, begin!.Length).Where(j => j != label && !chosen.Contains(j))];
        return new RawTable
        {
            File = path,
            Features = [.. features],
            Labels = [.. labels],
            FeatureNames = [.. chosen.Select(j => Name(j, names))],
            Columns = [.. Enumerable.Range(0, begin.Length).Select(j => Name(j, names))],
            LabelIndex = label,
            Place = i => $"line {lines[i]}",
            LeftOut = [.. left.Select(j => Name(j, names))],
            Notes = text.Note is null ? [] : [text.Note],
        };
    }

    private static string Name(int column, string[]? names) => names?[column] ?? $"x{column + 1}";

    private static string Place(string path, int line, int column, string[]? names) =>
        $"{path}, line {line}, column {column + 1}{(names is null ? "" : $" ({names[column]})")}";
}
