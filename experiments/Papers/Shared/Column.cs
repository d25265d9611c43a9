using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// A column, declared once: its name, what it means, the cell of a row, and how the report sums up a group of rows in it, if it does.
/// </summary>
/// <param name="Name">In the header.</param>
/// <param name="Meaning">For run.json.</param>
/// <param name="Of">The cell of a row. Numbers keep their bits, and null is an empty cell.</param>
internal sealed record Column<TRow>(string Name, string Meaning, Func<TRow, object?> Of)
{
    /// <summary>The report's head for the number of the group's first row.</summary>
    public string? First { get; init; }

    /// <summary>The report's head for the least number.</summary>
    public string? Least { get; init; }

    /// <summary>The report's head for the largest absolute value.</summary>
    public string? Largest { get; init; }

    /// <summary>The report's head for the median.</summary>
    public string? Median { get; init; }

    /// <summary>The names of an enumeration, for each of which the report counts the rows.</summary>
    public IReadOnlyList<string> Counted { get; init; } = [];

    /// <summary>The columns of the report.</summary>
    public IEnumerable<(string Head, Func<IEnumerable<TRow>, string> Text)> Shown()
    {
        foreach (var name in Counted) yield return (Cell.Words(name), rows => Numbers.Count(rows.Count(row => $"{Of(row)}" == name)));
        if (First is not null) yield return (First, rows => Numbers.CountOrShort(Number(rows.First())));
        if (Least is not null) yield return (Least, rows => Numbers.CountOrShort(rows.Min(Number)));
        if (Largest is not null) yield return (Largest, rows => Numbers.CountOrShort(rows.Max(row => Math.Abs(Number(row)))));
        if (Median is not null) yield return (Median, rows => Numbers.CountOrShort(Statistics.Median(rows.Select(Number))));
    }

    private double Number(TRow row) => Convert.ToDouble(Of(row), CultureInfo.InvariantCulture);
}

/// <summary>A table of an experiment: its file, its columns, and the rows that a job leaves in it.</summary>
/// <param name="Description">For run.json.</param>
/// <param name="Rows">Of a job's result.</param>
internal sealed record JobTable<TResult>(TableDescription Description, Func<TResult, IEnumerable<string[]>> Rows)
{
    /// <summary>A table with a row for each job.</summary>
    public static JobTable<TResult> Of(string file, params IReadOnlyList<Column<TResult>> columns) =>
        Of(file, result => [result], columns);

    public static JobTable<TResult> Of<TRow>(
        string file, Func<TResult, IEnumerable<TRow>> rows, params IReadOnlyList<Column<TRow>> columns) => new(
        new TableDescription(file, [.. columns.Select(column => new Column(column.Name, column.Meaning))]),
        result => rows(result).Select(row => columns.Select(column => Cell.Of(column.Of(row))).ToArray()));
}

/// <summary>Tables of a report that sum up groups of rows.</summary>
internal static class GroupTable
{
    /// <param name="heading">Above the table.</param>
    /// <param name="name">The head of the groups' names.</param>
    /// <param name="columns">Those that the report shows follow the number of rows.</param>
    /// <param name="groups">Named by their keys.</param>
    public static ReportTable Of<TRow>(
        string heading, string name, IReadOnlyList<Column<TRow>> columns, IEnumerable<IGrouping<string, TRow>> groups)
    {
        var shown = columns.SelectMany(column => column.Shown()).ToArray();
        return new ReportTable(heading, [name, "runs", .. shown.Select(column => column.Head)],
            [.. groups.Select(group => (IReadOnlyList<string>)
                [group.Key, Numbers.Count(group.Count()), .. shown.Select(column => column.Text(group))])]);
    }
}

/// <summary>Cells of tables on disk.</summary>
internal static partial class Cell
{
    /// <summary>Numbers in the shortest form that parses back to the same bits; words as they are; null as nothing.</summary>
    public static string Of(object? value) => value switch
    {
        null => "",
        double number => Of(number),
        Enum word => JsonNamingPolicy.CamelCase.ConvertName(word.ToString()),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    public static string Of(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static string Of(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>GlobalMinimum as "global minimum".</summary>
    public static string Words(string name) => Capital().Replace(name, " $0").TrimStart().ToLowerInvariant();

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();
}
