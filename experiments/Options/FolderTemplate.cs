using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;

namespace TorchAlign.Experiments.Options;

/// <summary>
/// Names of folders with options in braces, as in <c>runs/{data}-L{depth}-seed{seed}</c>: each stands for its value in the run, that of
/// --data for the file's name without folder and extension. Doubled braces are braces.
/// </summary>
internal static partial class FolderTemplate
{
    /// <summary>These say where a run goes or what is printed.</summary>
    private static readonly string[] NotOfTheRun = ["out", "replace", "json", "describe", "resume", "help"];

    /// <exception cref="CommandException">There is no such option, or it has no value.</exception>
    public static string Expand(ParseResult parsed, string template) => Braces().Replace(template, match => match.Value switch
    {
        "{{" => "{",
        "}}" => "}",
        _ => ValueOf(parsed, match.Groups[1].Value),
    });

    /// <summary>The text that expands to this one.</summary>
    public static string Escape(string text) =>
        text.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);

    private static string ValueOf(ParseResult parsed, string name)
    {
        Option[] options = [.. parsed.CommandResult.Command.Options
            .Where(option => option.Name.StartsWith("--", StringComparison.Ordinal) && !NotOfTheRun.Contains(option.Name[2..]))];
        var option = options.FirstOrDefault(known => known.Name[2..] == name) ?? throw new CommandException(
            $"--out has {{{name}}}, and there is no option of that name; there are "
            + $"{string.Join(", ", options.Select(known => known.Name[2..]))}. Braces that are meant are doubled.");
        if (option is Option<bool> flag) return parsed.GetValue(flag) ? "true" : "false";
        var tokens = parsed.GetResult(option)?.Tokens ?? [];
        var value = tokens.Count > 0
            ? string.Join(',', tokens.Select(token => token.Value))
            : option.HasDefaultValue ? Convert.ToString(option.GetDefaultValue(), CultureInfo.InvariantCulture)!
            : throw new CommandException($"--out has {{{name}}}, and this run has no {option.Name}. Give it, or leave {{{name}}} away.");
        if (name == "data") value = Path.GetFileNameWithoutExtension(value);
        return string.Concat(value.Select(c => c is '/' or '\\' || Path.GetInvalidFileNameChars().Contains(c) ? '-' : c));
    }

    [GeneratedRegex(@"\{\{|\}\}|\{([^{}]*)\}")]
    private static partial Regex Braces();
}
