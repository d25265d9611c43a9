using System.Text.RegularExpressions;

namespace TorchSharpSurface;

/// <summary>Cuts a line of the list into pieces.</summary>
internal static partial class ListText
{
    /// <summary>Splits at a separator that stands outside of all brackets and quotes.</summary>
    internal static List<string> Split(string text, string separator)
    {
        List<string> pieces = [];
        var (depth, start, quoted) = (0, 0, false);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"') quoted = !quoted;
            else if (quoted) continue;
            else if ("<[({".Contains(text[i])) depth++;
            else if (">])}".Contains(text[i])) depth--;
            else if (depth == 0 && string.CompareOrdinal(text, i, separator, 0, separator.Length) == 0)
            {
                pieces.Add(text[start..i]);
                start = i + separator.Length;
            }
        }
        if (text.Length > 0) pieces.Add(text[start..]);
        return pieces;
    }

    /// <summary>Takes " [Obsolete]" off the end.</summary>
    internal static bool TakeObsolete(ref string text)
    {
        const string mark = " [Obsolete]";
        if (!text.EndsWith(mark, StringComparison.Ordinal)) return false;
        text = text[..^mark.Length];
        return true;
    }

    /// <summary>Takes " {first, second}", the names of a tuple's elements, off the end; "_" is an element without a name.</summary>
    internal static IReadOnlyList<string> TakeTupleNames(ref string text) => Take(ref text, TupleNames())?.Split(", ") ?? [];

    /// <summary>Takes " { get; set; }" off the end.</summary>
    internal static string TakeAccessors(ref string text) => Take(ref text, Accessors()) ?? throw new FormatException(text);

    /// <summary>Takes " where T : A, B where U : C" off the end.</summary>
    internal static IReadOnlyList<string> TakeConstraints(ref string text)
    {
        var pieces = Split(text, " where ");
        text = pieces[0];
        return pieces[1..];
    }

    private static string? Take(ref string text, Regex pattern)
    {
        var match = pattern.Match(text);
        if (!match.Success) return null;
        text = text[..match.Index];
        return match.Groups[1].Value;
    }

    [GeneratedRegex(@" \{([^{};]*)\}$")]
    private static partial Regex TupleNames();

    [GeneratedRegex(@" \{( [^{}]*;) \}$")]
    private static partial Regex Accessors();
}
