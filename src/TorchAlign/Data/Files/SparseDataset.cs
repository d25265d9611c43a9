using System.Globalization;

namespace TorchAlign.Data;

/// <summary>
/// The sparse text format of libsvm and SVMlight: a line is "label index:value index:value ...", indices ascending;
/// what is not written is 0; # begins a comment. Indices count from 1, or from 0 where index 0 occurs.
/// </summary>
internal static class SparseDataset
{
    public static RawTable Read(string path, string? encoding)
    {
        var text = TextLines.Of(path, encoding);
        var labels = new List<string>();
        var lines = new List<int>();
        var entries = new List<(int Row, int Index, double Value)>();
        int least = 1, most = 0, number = 0;
        foreach (string line in text.All())
        {
            number++;
            int comment = line.IndexOf('#');
            string[] cells = (comment < 0 ? line : line[..comment]).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (cells.Length == 0) continue;
            if (cells[0].Contains(':'))
                throw new DataException(
                    $"{path}, line {number}, column 1: the line begins with '{CellText.Shorten(cells[0])}' where "
                    + "its label should stand.");
            labels.Add(CellText.Label(cells[0]));
            int previous = -1;
            for (int c = 1; c < cells.Length; c++)
            {
                if (c == 1 && cells[c].StartsWith("qid:", StringComparison.Ordinal)) continue;
                (int index, double value) = Entry(path, number, c + 1, cells[c]);
                if (index <= previous)
                    throw new DataException(
                        $"{path}, line {number}, column {c + 1}: index {index} follows {previous}; indices must ascend within a line.");
                previous = index;
                least = Math.Min(least, index);
                most = Math.Max(most, index);
                entries.Add((labels.Count - 1, index, value));
            }

            lines.Add(number);
        }

        if (labels.Count == 0) throw new DataException($"{path}, line 1: the file is empty.");
        if (entries.Count == 0)
            throw new DataException(
                $"{path}, line {lines[0]}: no line has a feature; a line is 'label index:value index:value ...'.");
        // Indices 0 and 2^31 - 1 make a dimension that is no int.
        if (labels.Count * (most - least + 1L) > Array.MaxLength)
            throw new DataException(
                $"{path}: {labels.Count} points of dimension {most - least + 1L} are too many numbers for a dense array "
                + $"({Array.MaxLength} at most).");
        int d = most - least + 1;
        var features = new double[labels.Count * d];
        foreach ((int row, int index, double value) in entries) features[row * d + index - least] = value;
        return new RawTable
        {
            File = path,
            Features = features,
            Labels = [.. labels],
            FeatureNames = [.. Enumerable.Range(least, d).Select(i => $"x{i}")],
            Place = i => $"line {lines[i]}",
            Notes = text.Note is null ? [] : [text.Note],
        };
    }

    private static (int Index, double Value) Entry(string path, int line, int column, string cell)
    {
        string where() => $"{path}, line {line}, column {column}";
        int colon = cell.IndexOf(':');
        if (colon < 0)
            throw new DataException(
                $"{where()}: '{CellText.Shorten(cell)}' is not index:value. If this is a table, name the file .csv or .txt.");
        if (!int.TryParse(cell.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            throw new DataException(
                $"{where()}: '{CellText.Shorten(cell[..colon])}' is not an index; it must be a whole number from 1 (or 0) up.");
        return (index, CellText.Number(cell[(colon + 1)..], false, () => $"{where()} (index {index})"));
    }
}
