using System.Text;

namespace TorchAlign.Recording;

/// <summary>A column of a table and what its numbers mean.</summary>
public sealed record Column(string Name, string Meaning);

/// <summary>
/// A CSV file that grows row by row (RFC 4180, UTF-8, "\n"). Each row reaches the system in one write, so a run that is
/// killed leaves whole rows.
/// </summary>
public sealed class TableWriter : IDisposable
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private readonly FileStream _stream;
    private readonly StringBuilder _row = new();

    /// <summary>Creates or replaces the file and writes the header.</summary>
    /// <exception cref="RecordingException">The file cannot be written.</exception>
    public TableWriter(string path, IReadOnlyList<Column> columns)
    {
        if (columns.Count == 0) throw new ArgumentException("A table needs a column.", nameof(columns));
        FilePath = path;
        Columns = columns;
        // No buffer of the stream's own: it would be flushed in the middle of a row.
        _stream = RecordingException.Guard(path,
            () => new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0));
        try
        {
            Append([.. columns.Select(c => c.Name)]);
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    public string FilePath { get; }

    public IReadOnlyList<Column> Columns { get; }

    /// <summary>Adds a row; one cell for each column, "" where there is no value.</summary>
    /// <exception cref="RecordingException">The disk refused; the rows before this one stay whole.</exception>
    public void Append(IReadOnlyList<string> cells)
    {
        if (cells.Count != Columns.Count)
            throw new ArgumentException($"{Columns.Count} columns, {cells.Count} cells.", nameof(cells));
        _row.Clear();
        for (var i = 0; i < cells.Count; i++)
        {
            if (i > 0) _row.Append(',');
            _row.Append(Quote(cells[i]));
        }
        var bytes = Utf8.GetBytes(_row.Append('\n').ToString());
        var whole = _stream.Position;
        try
        {
            RecordingException.Guard(FilePath, () => _stream.Write(bytes));
        }
        catch (RecordingException)
        {
            // A full disk takes part of a row.
            _stream.SetLength(whole);
            throw;
        }
    }

    public void Dispose() => _stream.Dispose();

    private static string Quote(string cell) =>
        cell.AsSpan().IndexOfAny(",\"\r\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"")}\"";
}
