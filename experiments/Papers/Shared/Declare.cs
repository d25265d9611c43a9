using System.CommandLine;
using System.Globalization;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Settings;

namespace TorchAlign.Experiments.Papers;

/// <summary>The kinds of settings that experiments have.</summary>
internal static class Declare
{
    public static Setting<bool> Flag(string name, string help) => new(Opt.Flag(name, help));

    /// <summary>One of some words, the first unless given.</summary>
    public static Setting<string> Choice(string name, string help, params string[] words) => new(
        Opt.Choice(name, help, words), word => words.Contains(word) ? null : $"takes {string.Join(", ", words)}");

    /// <summary>More of anything is a slip of the pen, or takes longer than anybody waits.</summary>
    private const int Most = 1_000_000;

    /// <summary>A whole number.</summary>
    public static Setting<int> Count(
        string name, int unlessGiven, string help, int least = 1, string? unit = null, int most = Most) => new(
        Opt.Default(name, unlessGiven, help, unit), value => NumberRange.Between(least, most).Problem(value));

    /// <summary>The same, and null unless given.</summary>
    public static Setting<int?> CountOrNone(string name, string help, int least = 1, string? unit = null) => new(
        Opt.Maybe<int?>(name, help, unit), value => value is { } given ? NumberRange.Between(least, Most).Problem(given) : null);

    /// <summary>A finite number above 0.</summary>
    public static Setting<double> Positive(string name, double unlessGiven, string help, string? unit = null) => new(
        Opt.Default(name, unlessGiven, help, unit), Positive);

    /// <summary>The same, and null unless given.</summary>
    public static Setting<double?> PositiveOrNone(string name, string help, string? unit = null) => new(
        Opt.Maybe<double?>(name, help, unit), value => value is { } given ? Positive(given) : null);

    /// <summary>A number of steps; 1e6 is understood.</summary>
    public static Setting<long> Steps(string name, double unlessGiven, string help, string? unit = null) => new(
        Opt.Default(name, unlessGiven, help, unit), (parsed, option) => Whole(parsed.GetValue((Option<double>)option)), StepsInRange);

    /// <summary>The same, and null unless given.</summary>
    public static Setting<long?> StepsOrNone(string name, string help) => new(
        Opt.Maybe<double?>(name, help), (parsed, option) => parsed.GetValue((Option<double?>)option) is { } given ? Whole(given) : null,
        value => value is { } given ? StepsInRange(given) : null);

    /// <summary>--depth: different depths from <paramref name="least"/> to 100, ascending.</summary>
    public static Setting<int[]> Depths(string unlessGiven, int least = 2) => new(
        Opt.Default("--depth", unlessGiven, "Depths N."), (parsed, option) =>
        {
            var text = parsed.GetValue((Option<string>)option)!;
            int[] depths = [.. text.Split(',').Select(word => int.TryParse(word, out var depth) && depth >= least && depth <= 100
                ? depth
                : throw new CommandException($"--depth takes numbers from {least} to 100, such as 2,3,4; got '{text}'."))];
            if (depths.Distinct().Count() < depths.Length) throw new CommandException($"--depth names a depth twice: '{text}'.");
            return [.. depths.Order()];
        },
        depths => depths is { Length: > 0 } && depths.All(depth => depth >= least && depth <= 100) ? null : "names depths out of range");

    /// <summary>Positive numbers with commas between them.</summary>
    public static Setting<double[]> Positives(string name, string unlessGiven, string help) => new(
        Opt.Default(name, unlessGiven, help), (parsed, option) =>
        {
            var text = parsed.GetValue((Option<string>)option)!;
            return [.. text.Split(',').Select(word =>
                double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && Positive(value) is null
                    ? value
                    : throw new CommandException($"{name} takes positive numbers, such as 1,1000; got '{text}'."))];
        },
        values => values is { Length: > 0 } && values.All(value => Positive(value) is null) ? null : "takes positive numbers");

    /// <summary>Widths of hidden layers, as in 1024-64.</summary>
    public static Setting<int[]> HiddenWidths(string unlessGiven) => new(
        Opt.Default("--hidden", unlessGiven, "Hidden widths, as in 1024-64.", "W[-W...]"), (parsed, option) =>
        [
            .. parsed.GetValue((Option<string>)option)!.Split('-').Select(part =>
                int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var width) && width > 0
                    ? width
                    : throw new CommandException($"--hidden takes positive numbers, as in 1024-64; '{part}' is none.")),
        ],
        widths => widths is { Length: > 0 } && widths.All(width => width > 0) ? null : "takes positive numbers");

    /// <summary>A folder of files; null takes what ships.</summary>
    public static Setting<DataFolder?> Folder(string name, string help) => new(
        Opt.Maybe<string>(name, help, "DIR"),
        (parsed, option) => parsed.GetValue((Option<string?>)option) is { } path ? new DataFolder(path, null) : null);

    private static string? Positive(double value) => NumberRange.Positive.Problem(value);

    private static string? StepsInRange(long value) =>
        value is >= 1 and <= 1_000_000_000_000 ? null : "must be a whole number from 1 to 1e12";

    /// <summary>What is no number of steps becomes 0, which is none either.</summary>
    private static long Whole(double value) => value is >= 1 and <= 1e18 && double.IsInteger(value) ? (long)value : 0;
}

/// <summary>Where files of data lie; a run is the same wherever they are, so their hash stands for the path.</summary>
/// <param name="Path">As the user gave it.</param>
/// <param name="Sha256">Of what was read; null before it is.</param>
internal sealed record DataFolder(string Path, string? Sha256);
