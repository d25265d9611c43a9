using System.Buffers.Binary;
using System.IO.Compression;
using TorchAlign.Data;

namespace TorchAlign.Tests.Data;

/// <summary>MNIST's and CIFAR-10's formats, on files written here byte by byte.</summary>
public sealed class ImageFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("train-images-idx3-ubyte", "train-labels-idx1-ubyte", false, false)]
    [InlineData("train-images.idx3-ubyte", "train-labels.idx1-ubyte", false, false)]
    [InlineData("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", true, false)]
    [InlineData("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte", false, true)] // unpacked, but not renamed
    public void Idx_files_read_plain_and_packed(string images, string labels, bool gzip, bool test)
    {
        var pixels = Enumerable.Range(0, 3 * 2 * 4).Select(i => (byte)(i * 11)).ToArray();
        Write(images, [.. Header(3, 3, 2, 4), .. pixels], gzip);
        Write(labels, [.. Header(1, 3), 7, 0, 7], gzip);
        var set = IdxFile.ReadFolder(_folder.Folder, test);
        Assert.Equal((3, 8, new ImageShape(1, 2, 4)), (set.Count, set.Dimension, set.Image!.Value));
        Assert.Equal(pixels.Select(p => (double)p), set.X.Values.ToArray());
        Assert.Equal([7, 0, 7], set.Labels);
        Assert.Equal(8, set.Classes);
        var two = IdxFile.ReadFolder(_folder.Folder, test, first: 2);
        Assert.Equal(set.First(2).Hash, two.Hash);
        if (!test) Assert.Equal(set.Hash, ClassifiedSet.Read(_folder.Folder).Hash);
    }

    [NumpyFact]
    public void Python_writes_what_is_read()
    {
        // An independent writer: numpy and gzip.
        Numpy.Run($"""
            import gzip, struct, numpy as np
            x = np.random.RandomState(5).randint(0, 256, (20, 5, 6)).astype(np.uint8)
            y = (np.arange(20) % 10).astype(np.uint8)
            with gzip.open('{_folder["train-images-idx3-ubyte.gz"]}', 'wb') as f:
                f.write(struct.pack('>IIII', 2051, *x.shape) + x.tobytes())
            with open('{_folder["train-labels-idx1-ubyte"]}', 'wb') as f:
                f.write(struct.pack('>II', 2049, 20) + y.tobytes())
            np.savez('{_folder["reference.npz"]}', X=x.reshape(20, -1), y=y)
            """);
        Assert.Equal(ClassifiedSet.Read(_folder["reference.npz"]).Hash, IdxFile.ReadFolder(_folder.Folder).Hash);
    }

    [Fact]
    public void A_damaged_idx_file_says_where_and_what()
    {
        const string Images = "train-images-idx3-ubyte", Labels = "train-labels-idx1-ubyte";
        byte[] good = [.. Header(3, 2, 2, 2), 1, 2, 3, 4, 5, 6, 7, 8];
        foreach (var gzip in new[] { false, true })
        {
            Write(Labels, [.. Header(1, 2), 0, 1], gzip);
            Write(Images, good, gzip);
            IdxFile.ReadFolder(_folder.Folder);
            Fails(Images, [.. Header(1, 2), 0, 1], "offset 0", "0x00000803", "found 0x00000801");
            Fails(Images, [0x1F, 0, 8, 3], "offset 0", "found 0x1F000803");
            Fails(Images, good[..9], "offset 8", "truncated", "found 1");
            Fails(Images, good[..^1], gzip ? "offset 20" : "offset 16", "truncated");
            Fails(Images, [.. good, 9], "offset 24", "found more bytes");
            Fails(Images, [.. Header(3, 3, 2, 2), .. good[16..], 1, 1, 1, 1], "offset 4", "expected 2 images", "found 3");
            Fails(Images, [.. Header(3, 2, 0, 2)], "offset 8", "found 0");
            Fails(Images, [.. Header(3, int.MaxValue, int.MaxValue, int.MaxValue)], "offset 16", "truncated");
            Fails(Images, [], "offset 0", "truncated");
            Write(Images, good, gzip);
            Fails(Labels, [.. Header(1, 2), 0], "truncated");
            Fails(Labels, [.. Header(1, 2), 0, 1, 1], "offset 10", "found more bytes");
            Fails(Labels, good, "found 0x00000803");

            void Fails(string name, byte[] bytes, params string[] parts)
            {
                Write(name, bytes, gzip);
                var message = Assert.Throws<DataException>(() => IdxFile.ReadFolder(_folder.Folder)).Message;
                foreach (var part in (string[])[_folder[name], .. parts, "Fetch"]) Assert.Contains(part, message);
            }
        }
        File.Delete(_folder[Labels]);
        Assert.Contains(Labels, Assert.Throws<DataException>(() => IdxFile.ReadFolder(_folder.Folder)).Message);
    }

    [Fact]
    public void Gzip_that_ends_or_is_spoilt_is_found_out()
    {
        Write("train-labels-idx1-ubyte", [.. Header(1, 500), .. new byte[500]], false);
        var noise = new byte[500 * 16];
        new Random(3).NextBytes(noise);
        Write("train-images-idx3-ubyte", [.. Header(3, 500, 4, 4), .. noise], true);
        var whole = File.ReadAllBytes(_folder["train-images-idx3-ubyte"]);
        Assert.Equal(500, IdxFile.ReadFolder(_folder.Folder).Count);
        File.WriteAllBytes(_folder["train-images-idx3-ubyte"], whole[..(whole.Length / 2)]);
        Assert.Throws<DataException>(() => IdxFile.ReadFolder(_folder.Folder));
        whole[whole.Length / 2] ^= 0x55; // only the checksum at the end can tell
        File.WriteAllBytes(_folder["train-images-idx3-ubyte"], whole);
        Assert.Contains("gzip", Assert.Throws<DataException>(() => IdxFile.ReadFolder(_folder.Folder)).Message);
    }

    [Theory]
    [InlineData("cifar-10-batches-bin/", "", false)]
    [InlineData("", "", false)]
    [InlineData("", ".gz", true)]
    public void Cifar_batches_read_in_order(string inside, string ending, bool gzip)
    {
        if (inside.Length > 0) Directory.CreateDirectory(_folder[inside]);
        for (var k = 1; k <= 5; k++)
            Write($"{inside}data_batch_{k}.bin{ending}", [.. Record(k, k), .. Record(9, 10 + k)], gzip);
        Write($"{inside}test_batch.bin{ending}", Record(0, 77), gzip);
        var set = ClassifiedSet.Read(_folder.Folder);
        Assert.Equal((10, 3072, 10, new ImageShape(3, 32, 32)), (set.Count, set.Dimension, set.Classes, set.Image!.Value));
        Assert.Equal([1, 9, 2, 9, 3, 9, 4, 9, 5, 9], set.Labels);
        Assert.Equal([1.0, 2.0, 3.0], set.X.Row(0)[..3].ToArray());
        Assert.Equal(((11 + 3071) % 256, "truck"), ((int)set.X[1, 3071], set.ClassNames[9]));
        var test = Cifar10.ReadFolder(_folder.Folder, test: true);
        Assert.Equal((1, 77.0), (test.Count, test.X[0, 0]));

        // Three images need two batches: the others may be missing.
        foreach (var k in new[] { 3, 4, 5 }) File.Delete(_folder[$"{inside}data_batch_{k}.bin{ending}"]);
        Assert.Equal(set.First(3).Hash, Cifar10.ReadFolder(_folder.Folder, first: 3).Hash);
        Assert.Contains("data_batch_3.bin", Assert.Throws<DataException>(() => Cifar10.ReadFolder(_folder.Folder)).Message);
    }

    [Fact]
    public void A_damaged_cifar_batch_says_where_and_what()
    {
        Fails([.. Record(1, 1), .. Record(10, 1)], "offset 3073", "expected a label of 0 to 9, found 10");
        Fails([.. Record(1, 1), .. Record(2, 1)[..^1]], "offset 3073", "found 3072", "truncated");
        Fails([], "offset 0", "empty");
        File.Delete(_folder["data_batch_1.bin"]);
        _folder.Write("data_batch_1", "pickled");
        Assert.Contains("Python's version", Assert.Throws<DataException>(() => ClassifiedSet.Read(_folder.Folder)).Message);

        void Fails(byte[] bytes, params string[] parts)
        {
            Write("data_batch_1.bin", bytes, gzip: false);
            var message = Assert.Throws<DataException>(() => Cifar10.ReadFolder(_folder.Folder)).Message;
            foreach (var part in (string[])[_folder["data_batch_1.bin"], .. parts, "binary version"]) Assert.Contains(part, message);
        }
    }

    /// <summary>A label and 3072 bytes that count up from <paramref name="start"/>.</summary>
    private static byte[] Record(int label, int start) =>
        [(byte)label, .. Enumerable.Range(start, 3072).Select(v => (byte)v)];

    private static byte[] Header(params int[] dimensions)
    {
        var bytes = new byte[4 * dimensions.Length];
        bytes[2] = 8;
        bytes[3] = (byte)dimensions[0];
        for (var k = 1; k < dimensions.Length; k++) BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 * k), dimensions[k]);
        return bytes;
    }

    private void Write(string name, byte[] bytes, bool gzip)
    {
        using var file = File.Create(_folder[name]);
        if (!gzip)
        {
            file.Write(bytes);
            return;
        }
        using var packed = new GZipStream(file, CompressionLevel.Fastest);
        packed.Write(bytes);
    }
}
