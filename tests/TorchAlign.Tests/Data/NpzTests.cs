using System.IO.Compression;
using System.Text;
using TorchAlign.Data;
using TorchAlign.Recording;

namespace TorchAlign.Tests.Data;

public class NpzTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_written_comes_back_bit_for_bit()
    {
        double[] values = [Math.PI, -0.0, double.Epsilon, double.MaxValue, double.NaN, double.NegativeInfinity];
        NpzWriter.Write(folder["a.npz"],
            NpzArray.Float64("w", values, 2, 3),
            NpzArray.Float64("v", [1]),
            NpzArray.Int64("k", [long.MinValue, 7], 2, 1, 1),
            NpzArray.Float64("e", [], 0, 4));
        IReadOnlyDictionary<string, NpyArray> read = NpzReader.Read(folder["a.npz"]);
        Assert.Equal(["w", "v", "k", "e"], read.Keys);
        Assert.Equal([2, 3], read["w"].Shape);
        Assert.Equal(values.Select(BitConverter.DoubleToInt64Bits), read["w"].ToDoubles().Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal([2, 1, 1], read["k"].Shape);
        Assert.Equal([long.MinValue, 7], read["k"].ToInt64s());
        Assert.Equal([0, 4], read["e"].Shape);
    }

    [Fact]
    public void Equal_arrays_give_equal_files_and_nothing_is_left_beside_them()
    {
        NpzWriter.Write(folder["a.npz"], NpzArray.Float64("w", [1, 2, 3]));
        File.WriteAllText(folder["b.npz"], "older");
        NpzWriter.Write(folder["b.npz"], NpzArray.Float64("w", [1, 2, 3]));
        Assert.Equal(File.ReadAllBytes(folder["a.npz"]), File.ReadAllBytes(folder["b.npz"]));
        Assert.Equal(2, Directory.GetFiles(folder.Folder).Length);
    }

    [Fact]
    public void Shapes_and_names_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => NpzArray.Float64("w", [1, 2, 3], 2, 2));
        Assert.Throws<ArgumentException>(() => NpzArray.Float64("a/b", [1]));
        Assert.Throws<ArgumentException>(() => NpzWriter.Write(folder["a.npz"], NpzArray.Float64("w", [1]), NpzArray.Int64("w", [1])));
    }

    [Theory]
    [InlineData("9999999999999,")]
    [InlineData("2147483647, 2147483647, 2147483647,")]
    [InlineData("1 2,")]
    public void A_header_with_numbers_that_are_none_is_damage(string shape)
    {
        WriteZip(("X", Npy("<f8", 1, false, shape, new byte[8])));
        var error = Assert.Throws<DataException>(() => NpzReader.Read(folder["x.npz"]));
        Assert.Contains("array 'X' is truncated or damaged", error.Message);
    }

    /// <summary>Any bit of an entry's bytes, in the header or in the numbers, stored or deflated.</summary>
    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void A_flipped_bit_is_found_by_its_checksum(CompressionLevel level)
    {
        byte[] x = Npy("<f8", 1, false, "4, 1", [.. Enumerable.Range(1, 4).SelectMany(i => BitConverter.GetBytes(1.0 / i))]);
        WriteZip(level, ("y", Npy("|u1", 1, false, "4,", [0, 1, 0, 1])), ("X", x));
        byte[] whole = File.ReadAllBytes(folder["x.npz"]);
        Assert.Equal(4, DataFile.Read(folder["x.npz"]).Count);
        // X comes last; after it stands the directory of the archive. Of a deflated entry's last byte some bits say nothing.
        int begin = whole.AsSpan().IndexOf("X.npy"u8) + "X.npy".Length;
        int end = whole.AsSpan().IndexOf("PK\u0001\u0002"u8) - 1;
        Assert.InRange(end - begin, 20, 200);
        int same = 0;
        for (int at = begin; at < end; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x10;
            File.WriteAllBytes(folder["x.npz"], damaged);
            try
            {
                // Deflated bytes can be written in two ways; what is read is what was written, then.
                Assert.Equal([1, 1.0 / 2, 1.0 / 3, 1.0 / 4], NpzReader.Read(folder["x.npz"])["X"].ToDoubles());
                same++;
            }
            catch (DataException error)
            {
                Assert.Contains("x.npz, array 'X' is damaged", error.Message);
                Assert.Contains("CRC-32", error.Message);
            }
        }
        Assert.InRange(same, 0, level == CompressionLevel.NoCompression ? 0 : 5);
    }

    [Fact]
    public void A_class_for_each_object_is_told_how_to_be_written() =>
        AssertError("array 'y' holds Python objects", "y.astype(str)",
            x: Npy("<f8", 1, false, "1, 1", new byte[8]), y: Npy("|O", 1, false, "1,", [0]));

    [Theory]
    [InlineData("<f8", 1, false)]
    [InlineData("<f8", 2, false)]
    [InlineData("<f8", 3, true)]
    [InlineData(">f8", 1, true)]
    public void Versions_orders_and_byte_orders_give_the_same_matrix(string dtype, int version, bool fortran)
    {
        double[] entries = fortran ? [1, 4, 2, 5, 3, 6] : [1, 2, 3, 4, 5, 6];
        byte[] data = [.. entries.SelectMany(v => dtype[0] == '>' ? BitConverter.GetBytes(v).Reverse() : BitConverter.GetBytes(v))];
        WriteZip(("X", Npy(dtype, version, fortran, "2, 3", data)), ("y", Npy("|i1", 1, false, "2,", [0xFF, 1])));
        LabelledSet set = DataFile.Read(folder["x.npz"]);
        Assert.Equal([1, 2, 3, 4, 5, 6], set.X);
        Assert.Equal([-1, 1], set.Y);
    }

    [Fact]
    public void What_is_wrong_with_an_npz_file_is_said()
    {
        byte[] x = Npy("<f8", 1, false, "2, 1", [.. BitConverter.GetBytes(1.0), .. BitConverter.GetBytes(double.NaN)]);
        byte[] good = Npy("<f8", 1, false, "2, 1", [.. BitConverter.GetBytes(1.0), .. BitConverter.GetBytes(2.0)]);
        byte[] y = Npy("|u1", 1, false, "2,", [0, 1]);
        AssertError("no array 'y'", "it has X", x: good);
        AssertError("row 1, column 0", "NaN", x: x, y: y);
        AssertError("array 'y'", "shape (3)", x: good, y: Npy("|u1", 1, false, "3,", [0, 1, 1]));
        AssertError("array 'X'", "truncated", x: good[..^4], y: y);
        AssertError("array 'X' holds Python objects", "dtype |O", x: Npy("|O", 1, false, "2,", []), y: y);
        AssertError("array 'X'", "damaged", x: Npy("<f8", 1, false, "4294967296, 4294967296", new byte[8]), y: y);
        AssertError("array 'X'", "not an array of plain numbers", x: Encoding.Latin1.GetBytes("\u0093NUMPY\u0001\0\u0002\0{}"), y: y);
        AssertError("array 'X'", "not in numpy's .npy format", x: "something else"u8.ToArray(), y: y);
        AssertError("array 'X'", "dtype <U1 is text", x: Npy("<U1", 1, false, "2, 1", new byte[8]), y: y);

        WriteZip(("X", good), ("y", y));
        byte[] whole = File.ReadAllBytes(folder["x.npz"]);
        File.WriteAllBytes(folder["x.npz"], whole[..(whole.Length / 2)]);
        Assert.Contains("x.npz", Assert.Throws<DataException>(() => DataFile.Read(folder["x.npz"])).Message);
        Assert.Contains("no such file", Assert.Throws<DataException>(() => NpzReader.Read(folder["none.npz"])).Message);
    }

    [NumpyFact]
    public void Numpy_reads_what_is_written()
    {
        NpzWriter.Write(folder["a.npz"], NpzArray.Float64("W1", [1, 2, 3, 4, 5, 0.1], 3, 2), NpzArray.Int64("steps", [1L << 60]));
        string output = Numpy.Run($"""
            import numpy
            a = numpy.load(r'{folder["a.npz"]}')
            print(sorted(a.files), a['W1'].dtype, a['W1'].shape, a['W1'].tolist(), a['steps'].dtype, a['steps'].tolist())
            """);
        Assert.Equal("['W1', 'steps'] float64 (3, 2) [[1.0, 2.0], [3.0, 4.0], [5.0, 0.1]] int64 [1152921504606846976]", output.Trim());
    }

    [NumpyFact]
    public void Numpy_s_files_are_read()
    {
        Numpy.Run($"""
            import numpy, zipfile, io
            X = numpy.array([[1.5, -2, 0.25], [3, 4, 5]])
            for t in ['float16', 'float32', 'float64', 'int8', 'int16', 'int32', 'int64', '>f4', '>i2']:
                numpy.savez_compressed(r'{folder.Folder}/' + t.replace('>', 'big') + '.npz', X=numpy.asfortranarray((4 * X).astype(t)), y=numpy.array(['no', 'yes']))
            for v in [(1, 0), (2, 0), (3, 0)]:
                with zipfile.ZipFile(r'{folder.Folder}/v%d.npz' % v[0], 'w') as z:
                    for name, a in [('X.npy', 4 * X), ('y.npy', numpy.array([False, True]))]:
                        b = io.BytesIO(); numpy.lib.format.write_array(b, a, version=v); z.writestr(name, b.getvalue())
            numpy.savez(r'{folder.Folder}/images.npz', X=(4 * X).reshape(2, 3, 1), y=numpy.array([b'a', b'b']).reshape(2, 1))
            """);
        string[] files = Directory.GetFiles(folder.Folder, "*.npz");
        Assert.Equal(13, files.Length);
        Assert.All(files, file =>
        {
            LabelledSet set = DataFile.Read(file);
            Assert.Equal([6, -8, 1, 12, 16, 20], set.X);
            Assert.Equal([-1, 1], set.Y);
        });
        Assert.Equal("yes", DataFile.Read(folder["int8.npz"]).PositiveLabel);
    }

    private static byte[] Npy(string dtype, int version, bool fortran, string shape, byte[] data)
    {
        byte[] header = Encoding.ASCII.GetBytes(
            $"{{'descr': '{dtype}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': ({shape}), }}\n");
        byte[] length = BitConverter.GetBytes(header.Length);
        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. version == 1 ? length[..2] : length, .. header, .. data];
    }

    private void WriteZip(params (string Name, byte[] Bytes)[] entries) => WriteZip(CompressionLevel.Optimal, entries);

    private void WriteZip(CompressionLevel level, params (string Name, byte[] Bytes)[] entries)
    {
        File.Delete(folder["x.npz"]);
        using ZipArchive archive = ZipFile.Open(folder["x.npz"], ZipArchiveMode.Create);
        foreach ((string name, byte[] bytes) in entries)
        {
            using Stream stream = archive.CreateEntry(name + ".npy", level).Open();
            stream.Write(bytes);
        }
    }

    private void AssertError(string place, string what, byte[]? x = null, byte[]? y = null)
    {
        List<(string, byte[])> entries = [];
        if (x is not null) entries.Add(("X", x));
        if (y is not null) entries.Add(("y", y));
        WriteZip([.. entries]);
        string message = Assert.Throws<DataException>(() => DataFile.Read(folder["x.npz"])).Message;
        Assert.Contains("x.npz", message);
        Assert.Contains(place, message);
        Assert.Contains(what, message);
    }
}
