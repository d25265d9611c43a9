using System.CommandLine;

namespace TorchAlign.Experiments.Options;

/// <summary>The few kinds of options there are.</summary>
internal static class Opt
{
    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    /// <summary>An option that may be absent; null then.</summary>
    public static Option<T?> Maybe<T>(string name, string description, string? help = null)
    {
        var option = new Option<T?>(name) { Description = description };
        if (help is not null) option.HelpName = help;
        return option;
    }

    public static Option<T> Default<T>(string name, T value, string description, string? help = null)
    {
        var option = new Option<T>(name) { Description = description, DefaultValueFactory = _ => value };
        if (help is not null) option.HelpName = help;
        return option;
    }

    /// <summary>One of some words, the first unless given.</summary>
    public static Option<string> Choice(string name, string description, params string[] values)
    {
        var option = Default(name, values[0], description);
        option.AcceptOnlyFromAmong(values);
        return option;
    }
}
