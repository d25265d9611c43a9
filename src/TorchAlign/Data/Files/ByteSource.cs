using System.Buffers.Binary;
using System.IO.Compression;

namespace TorchAlign.Data;

/// <summary>
/// The bytes of a file in order, gzip undone where the file starts like it; every error names file and byte offset.
/// </summary>
internal sealed class ByteSource : IDisposable
{
    /// <summary>No byte of gzip stands for more than this many bytes (deflate's longest matches at its shortest codes).</summary>
    private const long LargestRatio = 1032;

    private readonly Stream _stream;
    private readonly string _remedy;
    private readonly long _atMost;

    private ByteSource(string path, Stream stream, bool gzip, long length, string remedy)
    {
        (Path, _stream, _remedy) = (path, stream, remedy);
        (Gzip, _atMost) = (gzip, gzip ? length * LargestRatio : length);
    }

    public string Path { get; }

    public bool Gzip { get; }

    /// <summary>Bytes read so far; of gzip, those that were packed.</summary>
    public long Offset { get; private set; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">An existing file.</param>
    /// <param name="remedy">What to do about a damaged file, as a sentence.</param>
    public static ByteSource Open(string path, string remedy)
    {
        var file = Guarded(path, () => File.OpenRead(path));
        try
        {
            Span<byte> start = stackalloc byte[2];
            var gzip = file.ReadAtLeast(start, 2, throwOnEndOfStream: false) == 2 && start is [0x1F, 0x8B];
            file.Position = 0;
            Stream stream = gzip ? new GZipStream(file, CompressionMode.Decompress) : file;
            return new ByteSource(path, new BufferedStream(stream, 1 << 16), gzip, file.Length, remedy);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether <paramref name="count"/> bytes from the file's start can be there at all; an error if not.</summary>
    /// <param name="count">Bytes that the file has to have.</param>
    /// <param name="what">What they are, for the error.</param>
    public void RequireRoom(long count, string what)
    {
        if (count > _atMost)
            throw Error(
                $"{what} need {count} bytes in all, but the file {(Gzip ? "unpacks to at most" : "has")} {_atMost}: it is truncated");
    }

    /// <summary>Fills the span or says that the file is truncated.</summary>
    public void Read(Span<byte> bytes, string what)
    {
        var start = Offset;
        var got = Get(bytes);
        if (got == bytes.Length) return;
        throw At(start, $"expected {bytes.Length} bytes of {what}, found {got} and the end of the file: it is truncated");
    }

    public uint ReadUInt32(string what)
    {
        Span<byte> bytes = stackalloc byte[4];
        Read(bytes, what);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    /// <summary>Reads as far as the span is long or the file goes.</summary>
    /// <returns>The number of bytes read.</returns>
    public int Get(Span<byte> bytes)
    {
        try
        {
            var got = _stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            Offset += got;
            return got;
        }
        catch (InvalidDataException e)
        {
            throw Error($"expected gzip data, found something else ({e.Message.TrimEnd('.')})");
        }
        catch (IOException e)
        {
            throw Error($"cannot be read ({e.Message.TrimEnd('.')})");
        }
    }

    /// <summary>An error unless every byte has been read.</summary>
    public void RequireEnd(string what)
    {
        Span<byte> one = stackalloc byte[1];
        var end = Offset;
        if (Get(one) != 0) throw At(end, $"expected the end of the file after {what}, found more bytes");
    }

    /// <summary>An error at the present offset, with the remedy.</summary>
    public DataException Error(string message) => At(Offset, message);

    /// <summary>An error at an offset, with the remedy.</summary>
    public DataException At(long offset, string message) =>
        new($"{Path}, byte offset {offset}{(Gzip ? " (unpacked)" : "")}: {message}. {_remedy}");

    public void Dispose() => _stream.Dispose();

    private static FileStream Guarded(string path, Func<FileStream> open)
    {
        try
        {
            return open();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path} cannot be read: {e.Message}", e);
        }
    }
}
