using System.Buffers.Binary;
using System.Text;
using TorchAlign.Data;
using TorchAlign.Recording;

namespace TorchAlign.Tests.Recording;

public sealed class SafetensorsTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheBytesAreThoseOfTheFormat()
    {
        SafetensorsWriter.Write(_folder["a.safetensors"],
            NpzArray.Float64("w", [1.5, -2], 1, 2), NpzArray.Float32("f", [0.25f]), NpzArray.Int64("n", [-3]));
        var file = File.ReadAllBytes(_folder["a.safetensors"]);
        const string Header = """
            {"w":{"dtype":"F64","shape":[1,2],"data_offsets":[0,16]},"f":{"dtype":"F32","shape":[1],"data_offsets":[16,20]},"n":{"dtype":"I64","shape":[1],"data_offsets":[20,28]}}
            """;
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        Assert.Equal(0, length % 8);
        Assert.Equal(Header, Encoding.UTF8.GetString(file, 8, length).TrimEnd(' '));
        Assert.Equal(8 + length + 28, file.Length);
        Assert.Equal(1.5, BitConverter.ToDouble(file, 8 + length));
        Assert.Equal(0.25f, BitConverter.ToSingle(file, 8 + length + 16));
        Assert.Equal(-3, BitConverter.ToInt64(file, 8 + length + 20));
    }

    [Fact]
    public void NumbersComeBackToTheBit()
    {
        double[] values = [-0.0, double.Epsilon, Math.PI, double.MaxValue, double.NaN, double.NegativeInfinity];
        SafetensorsWriter.Write(_folder["a.safetensors"],
            NpzArray.Float64("w", values, 2, 3), NpzArray.Float32("f", [0.1f]), NpzArray.Int64("n", [long.MinValue]));
        var back = SafetensorsReader.Read(_folder["a.safetensors"]);
        Assert.Equal([2, 3], back["w"].Shape);
        Assert.Equal(
            values.Select(BitConverter.DoubleToInt64Bits),
            back["w"].ToDoubles().Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal([0.1f], back["f"].ToDoubles());
        Assert.Equal([long.MinValue], back["n"].ToInt64s());
    }

    [Fact]
    public void MetadataAndOrderOfOtherWritersAreRead()
    {
        Write("""{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[],"data_offsets":[8,12]},"a":{"data_offsets":[0,8],"shape":[1],"dtype":"F64"}}""", new byte[12]);
        var back = SafetensorsReader.Read(_folder["x.safetensors"]);
        Assert.Equal([0.0], back["a"].ToDoubles());
        Assert.Empty(back["b"].Shape);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}""", 15, "'a' ends at byte 16 of 15")]
    [InlineData("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"F64","shape":[1],"data_offsets":[4,12]}}""", 12, "'b' overlaps")]
    [InlineData("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}}""", 16, "8 bytes before tensor 'a'")]
    [InlineData("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""", 9, "1 bytes after")]
    [InlineData("""{"a":{"dtype":"F64","shape":[3],"data_offsets":[0,8]}}""", 8, "takes 24")]
    [InlineData("""{"a":{"dtype":"F64","shape":[-1],"data_offsets":[0,8]}}""", 8, "cannot be")]
    [InlineData("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[8,0]}}""", 8, "cannot be")]
    [InlineData("""{"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}""", 2, "dtype BF16")]
    [InlineData("""{"a":{"dtype":"F64","data_offsets":[0,8]}}""", 8, "header does not parse")]
    [InlineData("""{"a":""", 0, "header does not parse")]
    [InlineData("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"a":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}}""", 16, "two tensors")]
    public void WhatIsWrongIsSaid(string header, int dataLength, string says)
    {
        Write(header, new byte[dataLength]);
        var error = Assert.Throws<DataException>(() => SafetensorsReader.Read(_folder["x.safetensors"]));
        Assert.Contains(says, error.Message);
        Assert.Contains("x.safetensors", error.Message);
    }

    [Fact]
    public void ATruncatedOrForeignFileIsRefused()
    {
        File.WriteAllBytes(_folder["x.safetensors"], [1, 2, 3]);
        Assert.Contains("3 bytes", Refusal("x.safetensors"));
        File.WriteAllText(_folder["x.safetensors"], "this is a text and no tensor");
        Assert.Contains("announced", Refusal("x.safetensors"));
        Assert.Contains("no such file", Refusal("none"));
        Assert.Throws<ArgumentException>(
            () => SafetensorsWriter.Write(_folder["y"], NpzArray.Float64("a", [1]), NpzArray.Float64("a", [1])));
    }

    private string Refusal(string file) =>
        Assert.Throws<DataException>(() => SafetensorsReader.Read(_folder[file])).Message;

    private void Write(string header, byte[] data)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)text.Length);
        File.WriteAllBytes(_folder["x.safetensors"], [.. length, .. text, .. data]);
    }
}
