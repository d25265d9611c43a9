using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace TorchAlign.Experiments.Sweeps.Studies;

/// <summary>
/// <c>{linear: [a, b], count: n}</c> and <c>{log: [a, b], count: n}</c>: n values from a to b with equal differences or equal ratios.
/// Where the option takes whole numbers, a linear range must give them, and a log range is rounded to them, each once.
/// </summary>
internal static class StudyRange
{
    /// <summary>Counts that a complaint proposes.</summary>
    private const int Proposed = 6;

    /// <summary>The distance up to which whole numbers are exact, and to which counts are looked for one by one.</summary>
    private const double Furthest = 1e15;

    public static IReadOnlyList<string> Values(string option, YamlMappingNode mapping, StudyOptions options, Complaints complaints)
    {
        var fields = new YamlFields(mapping, ["linear", "log", "count"], complaints, "a range");
        var isLog = fields.Node("log") is not null;
        if (isLog == (fields.Node("linear") is not null) || fields.Whole("count", 2, StudyLimits.Values) is not { } count)
        {
            complaints.Add(fields.Place, "a range is {linear: [a, b], count: n} or {log: [a, b], count: n}, n at least 2.");
            return [];
        }
        var nodes = fields.List(isLog ? "log" : "linear").ToArray();
        if (nodes is not [YamlScalarNode { Value: { } first }, YamlScalarNode { Value: { } last }]
            || !TryNumber(first, out var a) || !TryNumber(last, out var b) || a == b)
        {
            complaints.Add(fields.Place, "the ends of a range are two different numbers, [a, b].");
            return [];
        }
        if (isLog && !(a > 0 && b > 0))
        {
            complaints.Add(fields.Place, $"the ends of a log range are positive; got {first} and {last}.");
            return [];
        }
        var whole = options.IsWhole(option, first, last);
        if (whole && ProblemWithWhole(option, a, b, count, isLog) is { } notWhole)
        {
            complaints.Add(fields.Place, notWhole);
            return [];
        }
        string[] texts = [.. Enumerable.Range(0, count).Select(i => Between(a, b, (double)i / (count - 1), isLog))
            .Select(value => whole ? Math.Round(value).ToString("0", CultureInfo.InvariantCulture) : Text(value)).Distinct()];
        foreach (var problem in texts.Select(text => options.ProblemWith(option, text)).OfType<string>().Take(1))
            complaints.Add(fields.Place, problem);
        return texts;
    }

    /// <summary>Why a range does not give the whole numbers that its option takes; null where it does.</summary>
    private static string? ProblemWithWhole(string option, double a, double b, int count, bool isLog)
    {
        if (!double.IsInteger(a) || !double.IsInteger(b) || Math.Abs(b - a) > Furthest)
            return $"{option} takes whole numbers, and so does a range of it; got [{Text(a)}, {Text(b)}].";
        var span = Math.Abs(b - a);
        if (isLog || span % (count - 1) == 0) return null;
        var counts = Enumerable.Range(1, (int)Math.Min(span, StudyLimits.Values - 1)).Where(steps => span % steps == 0)
            .Select(steps => steps + 1).OrderBy(other => Math.Abs(other - count)).Take(Proposed).Order();
        return FormattableString.Invariant(
            $"{option} takes whole numbers, and {count} from {Text(a)} to {Text(b)} differ by {Text(span / (count - 1))}. ")
            + $"A count that gives whole numbers: {string.Join(", ", counts)}; or list the values.";
    }

    /// <summary>The ends are met exactly.</summary>
    private static double Between(double a, double b, double share, bool isLog) => share switch
    {
        0 => a,
        1 => b,
        _ => isLog ? Math.Exp((1 - share) * Math.Log(a) + share * Math.Log(b)) : (1 - share) * a + share * b,
    };

    /// <summary>Twelve digits: 0.001 rather than 0.0010000000000000002.</summary>
    private static string Text(double value) => value.ToString("g12", CultureInfo.InvariantCulture);

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
}
