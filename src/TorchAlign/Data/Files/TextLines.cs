using System.Text;
using System.Text.Unicode;

namespace TorchAlign.Data;

/// <summary>The lines of a text file, in the encoding that is asked for or found.</summary>
/// <param name="Path">The file.</param>
/// <param name="Encoding">One that throws at bytes that are none of it.</param>
/// <param name="Note">What was guessed; null for nothing.</param>
internal sealed record TextLines(string Path, Encoding Encoding, string? Note)
{
    private const string Fallback = "windows-1252";

    /// <summary>What Python and others call encodings that .NET knows by other names.</summary>
    private static readonly Dictionary<string, string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["latin-1"] = "iso-8859-1",
        ["cp1252"] = Fallback,
        ["ansi"] = Fallback,
        ["utf8"] = "utf-8",
        ["utf16"] = "utf-16",
    };

    /// <summary>
    /// A byte order mark decides; without one a file is UTF-8 where it can be, else windows-1252, which holds all of latin-1 that is
    /// printed.
    /// </summary>
    /// <param name="path">An existing file.</param>
    /// <param name="name">An encoding's name, such as latin-1; null: find out.</param>
    /// <exception cref="DataException">There is no encoding of that name.</exception>
    public static TextLines Of(string path, string? name)
    {
        if (name is not null) return new TextLines(path, Named(path, name), null);
        var strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        try
        {
            using var reader = new StreamReader(path, strict);
            var buffer = new char[1 << 14];
            while (reader.Read(buffer) > 0)
            {
                // It decodes.
            }
            return new TextLines(path, strict, null);
        }
        catch (DecoderFallbackException)
        {
            var line = 1 + File.ReadLines(path, Encoding.Latin1).TakeWhile(text => Utf8.IsValid(Encoding.Latin1.GetBytes(text))).Count();
            return new TextLines(path, Named(path, Fallback),
                $"{path}, line {line}: not UTF-8; the file was read as {Fallback} (--encoding says otherwise).");
        }
    }

    /// <exception cref="DataException">The bytes are none of the encoding.</exception>
    public IEnumerable<string> All()
    {
        using var lines = File.ReadLines(Path, Encoding).GetEnumerator();
        while (true)
        {
            try
            {
                if (!lines.MoveNext()) yield break;
            }
            catch (DecoderFallbackException e)
            {
                throw new DataException(
                    $"{Path} is not {Encoding.WebName}: {e.Message.TrimEnd('.')}. Name another encoding (--encoding latin-1, say).", e);
            }
            yield return lines.Current;
        }
    }

    private static Encoding Named(string path, string name)
    {
        var known = Names.GetValueOrDefault(name, name);
        var (encoder, decoder) = (EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(known, encoder, decoder) ?? Encoding.GetEncoding(known, encoder, decoder);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new DataException(
                $"{path}: there is no encoding '{name}'; utf-8, utf-16, latin-1, windows-1252, windows-1251, shift_jis and others are "
                + "known.", e);
        }
    }
}
