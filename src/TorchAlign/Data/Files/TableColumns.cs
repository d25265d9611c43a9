using System.Globalization;
using System.Text.RegularExpressions;

namespace TorchAlign.Data;

/// <summary>
/// The columns of a table by name, by number from 1 (-1 is the last) or, for features, by a range of numbers as in 2-5; a name goes
/// before a number.
/// </summary>
/// <param name="path">Of the file, for errors.</param>
/// <param name="names">Of the columns; null where the file gives none.</param>
/// <param name="count">How many columns there are.</param>
internal sealed partial class TableColumns(string path, IReadOnlyList<string>? names, int count)
{
    /// <summary>Whether a list can only be read where the columns have names.</summary>
    public static bool AreNames(string? list) =>
        list is not null && Items(list).Any(item => !IsNumber(item) && !Range().IsMatch(item));

    /// <summary>The features that a choice leaves (ascending).</summary>
    /// <param name="candidates">The columns that can be features.</param>
    /// <param name="options">The choice.</param>
    /// <exception cref="DataException">A column is not there, is no candidate, or none is left.</exception>
    public int[] Features(IReadOnlyList<int> candidates, ReadOptions options)
    {
        if (options.Features is not null && options.Drop is not null)
            throw new DataException($"{path}: --features and --drop exclude each other; give the shorter list.");
        if ((options.Features ?? options.Drop) is not { } list) return [.. candidates];
        var option = options.Features is null ? "--drop" : "--features";
        int[] named = [.. Items(list).SelectMany(item => Find(item, option)).Distinct()];
        if (named.FirstOrDefault(j => !candidates.Contains(j), -1) is >= 0 and var label)
            throw new DataException($"{path}: {option} names column {label + 1}, which is the label. --label names another one.");
        int[] left = [.. candidates.Where(j => named.Contains(j) == (options.Features is not null))];
        return left.Length > 0 ? left : throw new DataException($"{path}: {option} {list} leaves no feature. Columns: {Known}.");
    }

    /// <summary>The columns that an option's list names, ranges left out, in its order.</summary>
    /// <exception cref="DataException">There is no such column, or there are two.</exception>
    public int[] Listed(string list, string option) =>
        [.. list.Split(',').Select(item => Single(item.Trim(), "", $", which {option} names"))];

    /// <summary>The label's column, the last where none is named.</summary>
    /// <exception cref="DataException">There is no such column, or there are two.</exception>
    public int Label(string? wanted) => wanted is null ? count - 1 : Single(wanted, "label ");

    /// <summary>The column of a number; null where it is none, or of no column.</summary>
    public static int? ByNumber(string text, int count) =>
        !int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? null
        : number >= 1 && number <= count ? number - 1
        : number <= -1 && number >= -count ? count + number
        : null;

    /// <summary>The numbered columns of a list, as far as they are there.</summary>
    public static IEnumerable<int> ByNumbers(string? list, int count) => Items(list ?? "").SelectMany(item =>
        RangeOf(item) is { } range && range.First >= 1 && range.Last <= count
            ? Enumerable.Range(range.First - 1, range.Last - range.First + 1)
            : ByNumber(item, count) is { } column ? [column] : Enumerable.Empty<int>());

    private static IEnumerable<string> Items(string list) =>
        list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool IsNumber(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private string Known => names is null
        ? $"the file names none and has {count}, counted from 1"
        : string.Join(", ", names.Select((name, j) => $"{j + 1} {CellText.Shorten(name)}"));

    private IEnumerable<int> Find(string item, string option)
    {
        if (names?.Contains(item) != true && RangeOf(item) is { } range)
        {
            if (range.First < 1 || range.First > range.Last || range.Last > count)
                throw new DataException($"{path}: {option} {item} is no range of columns. Columns: {Known}.");
            return Enumerable.Range(range.First - 1, range.Last - range.First + 1);
        }
        return [Single(item, "", $", which {option} names")];
    }

    private int Single(string wanted, string role, string why = "")
    {
        int[] named = names is null ? [] : [.. Enumerable.Range(0, count).Where(j => names[j] == wanted)];
        if (named.Length > 1)
            throw new DataException(
                $"{path}: columns {string.Join(" and ", named.Select(j => j + 1))} are both named '{wanted}'; "
                + $"give the {role}column by number.");
        if (named.Length == 1) return named[0];
        return ByNumber(wanted, count)
            ?? throw new DataException($"{path}, line 1: there is no {role}column '{wanted}'{why}. Columns: {Known}.");
    }

    private static (int First, int Last)? RangeOf(string item) => Range().Match(item) is { Success: true } match
        && int.TryParse(match.Groups[1].ValueSpan, out int first) && int.TryParse(match.Groups[2].ValueSpan, out int last)
            ? (first, last)
            : null;

    [GeneratedRegex(@"^([0-9]+)-([0-9]+)\z")]
    private static partial Regex Range();
}
