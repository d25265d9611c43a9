using System.CommandLine;
using System.Globalization;

namespace TorchAlign.Experiments.Sweeps.Studies;

/// <summary>The options of a command that a study can set, by their long names without dashes.</summary>
internal sealed class StudyOptions
{
    /// <summary>These are the sweep's to give.</summary>
    private static readonly string[] Reserved = ["out", "replace", "json", "describe", "resume", "help"];

    /// <summary>Counts that are read as numbers with a point, so that 1e6 is understood.</summary>
    private static readonly string[] Counts = ["steps"];

    private readonly Dictionary<string, Option> _options;

    public StudyOptions(Command command) => _options = command.Options
        .Where(option => option.Name.StartsWith("--", StringComparison.Ordinal))
        .ToDictionary(option => option.Name[2..]);

    /// <summary>Those of the command with these words.</summary>
    public static StudyOptions Of(IReadOnlyList<string> command, Command root) =>
        new(command.Aggregate(root, (at, word) => at.Subcommands.Single(sub => sub.Name == word)));

    public bool Has(string option) => _options.ContainsKey(option);

    /// <summary>What is wrong with the name of an option; null for nothing.</summary>
    public string? ProblemWith(string option)
    {
        if (Reserved.Contains(option)) return $"'{option}' is the sweep's own to say, not the study's.";
        return _options.ContainsKey(option)
            ? null
            : $"no option '{option}' of this command{Complaints.Nearest(option, _options.Keys.Except(Reserved).Order())}";
    }

    /// <summary>What is wrong with a value of a known option; null for nothing.</summary>
    public string? ProblemWith(string option, string text)
    {
        var type = TypeOf(option);
        if (type == typeof(bool)) return text is "true" or "false" ? null : $"{option} is true or false; got '{text}'.";
        if (type == typeof(int) || type == typeof(long))
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
                && (type == typeof(long) || whole == (int)whole)
                ? null
                : $"{option} is a whole number; got '{text}'.";
        if (type == typeof(double))
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                ? null
                : $"{option} is a number; got '{text}'.";
        return text.Any(char.IsControl) ? $"{option} is a text of one line." : null;
    }

    /// <summary>Whether a range between two such ends gives whole numbers; an option that takes text goes by its ends.</summary>
    public bool IsWhole(string option, string first, string last) =>
        TypeOf(option) == typeof(int) || TypeOf(option) == typeof(long) || Counts.Contains(option)
        || (TypeOf(option) == typeof(string) && long.TryParse(first, out _) && long.TryParse(last, out _));

    private Type TypeOf(string option) => Nullable.GetUnderlyingType(_options[option].ValueType) ?? _options[option].ValueType;
}
