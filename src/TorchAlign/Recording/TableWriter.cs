using System.Security.Cryptography;
using System.Text;

namespace TorchAlign.Recording;

/// <summary>A column of a table and what its numbers mean.</summary>
public sealed record Column(string Name, string Meaning);

/// <summary>How far a table had come: its length in bytes, and the SHA-256 (lower-case hexadecimal) of those bytes.</summary>
public sealed record TableMark(long Length, string Sha256);

/// <summary>
/// A CSV file that grows row by row (RFC 4180, UTF-8, "\n"). Each row reaches the system in one write, so a run that is
/// killed leaves whole rows.
/// </summary>
public sealed class TableWriter : IDisposable
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private readonly FileStream _stream;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly StringBuilder _row = new();

    /// <summary>Creates or replaces the file and writes the header.</summary>
    /// <exception cref="RecordingException">The file cannot be written.</exception>
    public TableWriter(string path, IReadOnlyList<Column> columns) : this(path, columns, FileMode.Create)
    {
        try
        {
            Append([.. columns.Select(c => c.Name)]);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private TableWriter(string path, IReadOnlyList<Column> columns, FileMode mode)
    {
        if (columns.Count == 0) throw new ArgumentException("A table needs a column.", nameof(columns));
        FilePath = path;
        Columns = columns;
        // No buffer of the stream's own: it would be flushed in the middle of a row.
        _stream = RecordingException.Guard(path,
            () => new FileStream(path, mode, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0));
    }

    public string FilePath { get; }

    public IReadOnlyList<Column> Columns { get; }

    /// <summary>Whether a row follows the header.</summary>
    public bool HasRows => _stream.Position > Line([.. Columns.Select(c => c.Name)]).Length;

    /// <summary>Opens the file of an earlier run; <see cref="CutBackTo"/> must come before the first row.</summary>
    /// <exception cref="RecordingException">There is no such file, or its header names other columns.</exception>
    public static TableWriter Open(string path, IReadOnlyList<Column> columns)
    {
        var table = new TableWriter(path, columns, FileMode.Open);
        var header = table.Line([.. columns.Select(c => c.Name)]);
        var found = new byte[header.Length];
        if (table._stream.ReadAtLeast(found, found.Length, throwOnEndOfStream: false) == found.Length && found.SequenceEqual(header))
            return table;
        table.Dispose();
        throw new RecordingException($"'{path}' does not begin with the columns that this version of TorchAlign writes.");
    }

    /// <summary>Adds a row; one cell for each column, "" where there is no value.</summary>
    /// <exception cref="RecordingException">The disk refused; the rows before this one stay whole.</exception>
    public void Append(IReadOnlyList<string> cells)
    {
        if (cells.Count != Columns.Count)
            throw new ArgumentException($"{Columns.Count} columns, {cells.Count} cells.", nameof(cells));
        var bytes = Line(cells);
        var whole = _stream.Position;
        try
        {
            lock (AtomicFile.Gate) RecordingException.Guard(FilePath, () => _stream.Write(bytes));
        }
        catch (RecordingException)
        {
            // A full disk takes part of a row.
            _stream.SetLength(whole);
            throw;
        }
        _hash.AppendData(bytes);
    }

    /// <summary>Brings all rows to the disk and says how far they go.</summary>
    /// <exception cref="RecordingException">The disk refused.</exception>
    public TableMark Mark()
    {
        RecordingException.Guard(FilePath, () => _stream.Flush(flushToDisk: true));
        return new TableMark(_stream.Position, Convert.ToHexStringLower(_hash.GetCurrentHash()));
    }

    /// <summary>Whether the file begins with what it held at the mark.</summary>
    public bool Reaches(TableMark mark)
    {
        if (_stream.Length < mark.Length) return false;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Feed(hash, mark.Length);
        return Convert.ToHexStringLower(hash.GetCurrentHash()) == mark.Sha256;
    }

    /// <summary>Takes the rows after the mark, which the file <see cref="Reaches"/>, away.</summary>
    /// <exception cref="RecordingException">The disk refused.</exception>
    public void CutBackTo(TableMark mark) => RecordingException.Guard(FilePath, () =>
    {
        _stream.SetLength(mark.Length);
        Feed(_hash, mark.Length);
    });

    public void Dispose()
    {
        _stream.Dispose();
        _hash.Dispose();
    }

    private void Feed(IncrementalHash hash, long length)
    {
        var block = new byte[1 << 16];
        _stream.Position = 0;
        while (_stream.Position < length)
        {
            var count = (int)Math.Min(block.Length, length - _stream.Position);
            _stream.ReadExactly(block, 0, count);
            hash.AppendData(block, 0, count);
        }
    }

    private byte[] Line(IReadOnlyList<string> cells)
    {
        _row.Clear();
        for (var i = 0; i < cells.Count; i++)
        {
            if (i > 0) _row.Append(',');
            _row.Append(Quote(cells[i]));
        }
        return Utf8.GetBytes(_row.Append('\n').ToString());
    }

    private static string Quote(string cell) =>
        cell.AsSpan().IndexOfAny(",\"\r\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"")}\"";
}
