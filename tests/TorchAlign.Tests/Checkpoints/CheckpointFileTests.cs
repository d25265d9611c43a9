using TorchAlign.Checkpoints;
using TorchAlign.Data;
using TorchAlign.Numerics;
using TorchAlign.Recording;
using TorchAlign.Tests.Data;

namespace TorchAlign.Tests.Checkpoints;

public sealed class CheckpointFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Newest => _folder[CheckpointFile.Newest];

    private string Before => _folder[CheckpointFile.Before];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Numbers_come_back_with_their_bits_and_texts_as_they_are()
    {
        double[] numbers = [0.1, -0.0, double.NaN, double.NegativeInfinity, double.Epsilon, double.MaxValue];
        CheckpointFile.Write(_folder.Folder, Sample(numbers));
        var read = CheckpointFile.Read(Newest);
        Assert.Equal(numbers.Select(BitConverter.DoubleToInt64Bits), read.ReadDoubles("w", 6).Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal([long.MinValue, long.MaxValue, 0], read.Part("part").ReadInt64s("counts", 3));
        Assert.Equal("R = 1e-9 — “ū” 🙂", read.ReadText("text"));
        Assert.Equal("", read.ReadText("nothing"));
        Assert.Equal(0, read.LengthOf("none"));
        Assert.True(read.Has("none"));
    }

    [NumpyFact]
    public void Numpy_reads_it()
    {
        CheckpointFile.Write(_folder.Folder, Sample([0.1]));
        var output = Numpy.Run($"""
            import numpy
            c = numpy.load(r'{Newest}')
            print(c['w'][0] == 0.1, c['part.counts'].tolist(), c['nothing'][0] == '', str(c['schema'][0]), c['text'][0][:8])
            """);
        Assert.Equal("True [-9223372036854775808, 9223372036854775807, 0] True torchalign/checkpoint/1 R = 1e-9", output.Trim());
    }

    [Fact]
    public void The_one_before_is_kept()
    {
        for (var i = 1; i <= 3; i++) CheckpointFile.Write(_folder.Folder, Sample([i]));
        Assert.Equal([3], CheckpointFile.Read(Newest).ReadDoubles("w", 1));
        Assert.Equal([2], CheckpointFile.Read(Before).ReadDoubles("w", 1));
        Assert.Equal(2, Directory.GetFiles(_folder.Folder).Length);
    }

    /// <summary>The last step of a write is the rename; what stands there before it stays until it has been made.</summary>
    [Fact]
    public void A_rename_that_fails_loses_nothing()
    {
        CheckpointFile.Write(_folder.Folder, Sample([1]));
        Assert.Throws<RecordingException>(() => AtomicFile.Write(Newest, temporary => File.Delete(temporary), Before));
        Assert.Equal([1], CheckpointFile.Read(Newest).ReadDoubles("w", 1));
    }

    /// <summary>Each single bit and each length: what is read is what was written, or an error that names the file.</summary>
    [Fact]
    public void No_damage_goes_unseen()
    {
        CheckpointFile.Write(_folder.Folder, Sample([0.1, 0.2]));
        var whole = File.ReadAllBytes(Newest);
        var random = new RandomStream(1);
        var (same, refused) = (0, 0);
        for (var i = 0; i < 600; i++)
        {
            var bytes = (byte[])whole.Clone();
            if (i % 3 == 0) bytes = bytes[..random.NextInt32(bytes.Length)];
            else bytes[random.NextInt32(bytes.Length)] ^= (byte)(1 << random.NextInt32(8));
            File.WriteAllBytes(Before, bytes);
            try
            {
                var read = CheckpointFile.Read(Before);
                Assert.Equal([0.1, 0.2], read.ReadDoubles("w", 2));
                Assert.Equal([long.MinValue, long.MaxValue, 0], read.ReadInt64s("part.counts", 3));
                Assert.Equal("R = 1e-9 — “ū” 🙂", read.ReadText("text"));
                Assert.Equal(5, read.Entries.Count);
                same++;
            }
            catch (DataException error)
            {
                Assert.Contains(Before, error.Message);
                refused++;
            }
        }
        // Dates and padding of the archive say nothing, nearly all else does.
        Assert.InRange(refused, 300, 600);
        Assert.True(same > 0);
    }

    [Fact]
    public void A_file_that_is_another_thing_is_refused()
    {
        NpzWriter.Write(Newest, NpzArray.Float64("w", [1]));
        Assert.Contains("torchalign/checkpoint/1", Assert.Throws<DataException>(() => CheckpointFile.Read(Newest)).Message);
    }

    private static Snapshot Sample(double[] numbers)
    {
        var sample = new Snapshot();
        sample.Write("w", numbers);
        sample.Part("part").Write("counts", [long.MinValue, long.MaxValue, 0]);
        sample.Write("text", "R = 1e-9 — “ū” 🙂");
        sample.Write("nothing", "");
        sample.Write("none", ReadOnlySpan<double>.Empty);
        return sample;
    }
}
