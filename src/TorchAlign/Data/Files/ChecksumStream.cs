namespace TorchAlign.Data;

/// <summary>Reads through to a stream and sums up what was read: CRC-32 as zip has it (ISO 3309, polynomial 0xEDB88320).</summary>
internal sealed class ChecksumStream(Stream inner) : Stream
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(Entry)];

    private uint _remainder = uint.MaxValue;
    private long _length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    /// <summary>Reads to the end; whether all of it has this length and this checksum. A stream that breaks off has neither.</summary>
    public bool EndsAs(long length, uint checksum)
    {
        var rest = new byte[1 << 16];
        try
        {
            while (_length <= length && Read(rest) > 0)
            {
                // What is read is summed up.
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            return false;
        }
        return _length == length && ~_remainder == checksum;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int got = inner.Read(buffer);
        foreach (byte b in buffer[..got]) _remainder = Table[(byte)(_remainder ^ b)] ^ (_remainder >> 8);
        _length += got;
        return got;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static uint Entry(int index)
    {
        var remainder = (uint)index;
        for (int bit = 0; bit < 8; bit++) remainder = (remainder & 1) == 0 ? remainder >> 1 : (remainder >> 1) ^ 0xEDB88320;
        return remainder;
    }
}
