using System.Globalization;

namespace TorchAlign.Data;

/// <summary>Texts of strangers, such as the cells of a file, as a terminal may show them.</summary>
public static class Printable
{
    /// <summary>
    /// The text with every control character made visible, so that no escape sequence reaches a terminal: those of ASCII by their Unicode
    /// picture (U+241B for escape), the others by their number.
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <param name="keepLines">Whether line feeds and tabs stay as they are.</param>
    public static string Of(string text, bool keepLines = false) => !text.Any(char.IsControl)
        ? text
        : string.Concat(text.Select(c => !char.IsControl(c) || (keepLines && c is '\n' or '\t') ? c.ToString()
            : c == '\x7F' ? "\u2421"
            : c < ' ' ? ((char)(0x2400 + c)).ToString()
            : string.Create(CultureInfo.InvariantCulture, $"<{(int)c:X2}>")));
}
