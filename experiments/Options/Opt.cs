using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using TorchAlign.Experiments.Settings;

namespace TorchAlign.Experiments.Options;

/// <summary>The few kinds of options there are. A number that is none, or out of range, and an empty text are usage errors.</summary>
internal static class Opt
{
    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    /// <summary>An option that may be absent; null then.</summary>
    public static Option<T?> Maybe<T>(string name, string description, string? help = null, NumberRange? range = null) =>
        Checked(new Option<T?>(name) { Description = description }, help, range);

    public static Option<T> Default<T>(string name, T value, string description, string? help = null, NumberRange? range = null) =>
        Checked(new Option<T>(name) { Description = description, DefaultValueFactory = _ => value }, help, range);

    /// <summary>One of some words, the first unless given.</summary>
    public static Option<string> Choice(string name, string description, params string[] values)
    {
        var option = Default(name, values[0], description);
        option.AcceptOnlyFromAmong(values);
        return option;
    }

    /// <summary>A text that must be there.</summary>
    public static Argument<string> Argument(string name, string description, string? help = null)
    {
        var argument = new Argument<string>(name) { Description = description };
        if (help is not null) argument.HelpName = help;
        argument.Validators.Add(result => RequireText(result, $"The argument {name}", result.Tokens));
        return argument;
    }

    /// <summary>Whether the command line names the option.</summary>
    public static bool IsGiven(this ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>Refuses options that are given and would do nothing.</summary>
    /// <param name="conditions">An option, whether it counts here, and where it does.</param>
    /// <exception cref="CommandException">The first of them.</exception>
    public static void RefuseIdle(this ParseResult parsed, params IEnumerable<(Option Option, bool Counts, string Where)> conditions)
    {
        foreach (var (option, counts, where) in conditions)
            if (!counts && parsed.IsGiven(option))
                throw new CommandException($"{option.Name} would do nothing here: it counts {where}. Leave it away, or change the rest.");
    }

    private static Option<T> Checked<T>(Option<T> option, string? help, NumberRange? range)
    {
        if (help is not null) option.HelpName = help;
        var type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        if (type == typeof(string)) option.Validators.Add(result => RequireText(result, option.Name, result.Tokens));
        else if (type == typeof(int) || type == typeof(long) || type == typeof(double))
            option.CustomParser = result => Number<T>(result, option.Name, type, range);
        return option;
    }

    private static void RequireText(SymbolResult result, string what, IReadOnlyList<Token> tokens)
    {
        if (tokens.Any(token => string.IsNullOrWhiteSpace(token.Value) || token.Value.Contains('\0')))
            result.AddError($"{what} is empty; it takes a text.");
    }

    private static T? Number<T>(ArgumentResult result, string option, Type type, NumberRange? range)
    {
        var text = result.Tokens[0].Value;
        var isWhole = type != typeof(double);
        // The greatest double that is a long is smaller than the greatest long.
        var most = type == typeof(int) ? int.MaxValue : Math.BitDecrement((double)long.MaxValue);
        var isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number);
        if (!isNumber || (isWhole && !double.IsInteger(number)))
            result.AddError($"{option} takes a {(isWhole ? "whole " : "")}number; got '{text}'.");
        else if (isWhole && Math.Abs(number) > most)
            result.AddError($"{option} takes a whole number of at most {most:0}; got '{text}'.");
        else if (range?.Problem(number) is { } must)
            result.AddError($"{option} {must}; got {text}.");
        else
            return (T)Convert.ChangeType(number, type, CultureInfo.InvariantCulture);
        return default;
    }
}
