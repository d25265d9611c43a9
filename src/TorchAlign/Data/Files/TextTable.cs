using System.Text;

namespace TorchAlign.Data;

/// <summary>
/// Rows of cells of a text file, each with its line number; blank lines are skipped, a byte order mark is not data.
/// </summary>
internal static class TextTable
{
    private static readonly char[] Delimiters = [',', ';', '\t'];

    /// <param name="text">The file.</param>
    /// <param name="decimalComma">A comma separates columns only where nothing else does.</param>
    public static IEnumerable<(int Line, string[] Cells)> Rows(TextLines text, bool decimalComma)
    {
        char delimiter = HasExtension(text, ".tsv") ? '\t' : FindDelimiter(text, decimalComma);
        return delimiter == ' ' ? Spaced(text) : Delimited(text, delimiter);
    }

    private static bool HasExtension(TextLines text, string extension) =>
        Path.GetExtension(text.Path).Equals(extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// The most frequent delimiter of the first line outside quotes; spaces only in .txt, where none of the others
    /// occurs.
    /// </summary>
    private static char FindDelimiter(TextLines text, bool decimalComma)
    {
        string line = text.All().FirstOrDefault(l => !string.IsNullOrWhiteSpace(l)) ?? "";
        bool quoted = false;
        var counts = new int[Delimiters.Length];
        foreach (char c in line)
        {
            if (c == '"') quoted = !quoted;
            int which = Array.IndexOf(Delimiters, c);
            if (!quoted && which >= 0) counts[which]++;
        }

        if (decimalComma && (counts.Sum() > counts[0] || HasExtension(text, ".txt"))) counts[0] = 0;
        int most = Array.IndexOf(counts, counts.Max());
        return counts[most] == 0 && HasExtension(text, ".txt") ? ' ' : Delimiters[most];
    }

    private static IEnumerable<(int, string[])> Spaced(TextLines text)
    {
        int number = 0;
        foreach (string line in text.All())
        {
            number++;
            string[] cells = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (cells.Length > 0 && !cells[0].StartsWith('#')) yield return (number, cells); // numpy.savetxt's comments
        }
    }

    /// <summary>
    /// RFC 4180 with any delimiter: a cell may stand in quotes, within which a quote is doubled and lines may break.
    /// </summary>
    private static IEnumerable<(int, string[])> Delimited(TextLines text, char delimiter)
    {
        int number = 0, start = 0;
        var cells = new List<string>();
        var cell = new StringBuilder();
        bool quoted = false;
        foreach (string line in text.All())
        {
            number++;
            if (quoted)
            {
                cell.Append('\n');
            }
            else
            {
                if (string.IsNullOrWhiteSpace(line)) continue;
                start = number;
            }

            bool closed = false; // this cell's quotes have ended
            for (int k = 0; k < line.Length; k++)
            {
                char c = line[k];
                if (quoted)
                {
                    if (c != '"') cell.Append(c);
                    else if (k + 1 < line.Length && line[k + 1] == '"') cell.Append(line[++k]);
                    else (quoted, closed) = (false, true);
                }
                else if (c == delimiter)
                {
                    closed = false;
                    EndCell();
                }
                else if (c == '"' && !closed && IsBlank(cell))
                {
                    cell.Clear();
                    quoted = true;
                }
                else if (closed && !char.IsWhiteSpace(c))
                {
                    throw new DataException(
                        $"{text.Path}, line {number}, column {cells.Count + 1}: '{c}' follows a closing quotation "
                        + "mark. Double a quotation mark that belongs to the cell.");
                }
                else
                {
                    cell.Append(c);
                }
            }

            if (quoted) continue;
            EndCell();
            yield return (start, [.. cells]);
            cells.Clear();
        }

        if (quoted)
            throw new DataException(
                $"{text.Path}, line {start}, column {cells.Count + 1}: a quotation mark is opened and never closed.");

        void EndCell()
        {
            cells.Add(cell.ToString().Trim());
            cell.Clear();
        }

        static bool IsBlank(StringBuilder begun)
        {
            for (int k = 0; k < begun.Length; k++)
                if (!char.IsWhiteSpace(begun[k])) return false;
            return true;
        }
    }
}
