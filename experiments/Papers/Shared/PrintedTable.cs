using Spectre.Console;
using TorchAlign.Experiments.Reporting;

namespace TorchAlign.Experiments.Papers;

/// <summary>A table of a report on a console: on its side where it would not fit otherwise, since a cut head says nothing.</summary>
internal static class PrintedTable
{
    /// <summary>Between two columns: two spaces and a line.</summary>
    private const int Border = 3;

    public static Table Of(ReportTable shown, int width)
    {
        if (shown.Columns.Count > 0 && Width(shown) > width && Width(Turned(shown)) < Width(shown)) shown = Turned(shown);
        var table = new Table().RoundedBorder().Title(shown.Heading.EscapeMarkup());
        for (var i = 0; i < shown.Rows.Max(row => row.Count); i++)
        {
            var column = new TableColumn(i < shown.Columns.Count ? shown.Columns[i].EscapeMarkup() : "");
            table.AddColumn(i == 0 ? column : column.RightAligned());
        }
        if (shown.Columns.Count == 0) table.HideHeaders();
        foreach (var row in shown.Rows) table.AddRow([.. row.Select(cell => new Text(cell))]);
        return table;
    }

    /// <summary>What was a column as a row; its head goes first.</summary>
    internal static ReportTable Turned(ReportTable table) => table with
    {
        Columns = [table.Columns[0], .. table.Rows.Select(row => row[0])],
        Rows =
        [
            .. Enumerable.Range(1, table.Columns.Count - 1).Select(i => (string[])[table.Columns[i], .. table.Rows.Select(row => row[i])]),
        ],
    };

    /// <summary>The least width without a cut: heads and the names of rows wrap between words, cells do not.</summary>
    internal static int Width(ReportTable table) => 1 + table.Columns.Select((head, i) => Border
        + Math.Max(Longest(head), table.Rows.Select(row => i == 0 ? Longest(row[i]) : row[i].Length).DefaultIfEmpty().Max())).Sum();

    private static int Longest(string text) => text.Split(' ').Max(word => word.Length);
}
