using TorchAlign.Data;
using TorchAlign.Networks;
using TorchAlign.Recording;

namespace TorchAlign.Tests.Recording;

public sealed class StateFileTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("W1", "W2", "W3")]
    [InlineData("0.weight", "2.weight", "10.weight")]
    [InlineData("layer1.weight", "layer2.weight", "layer3.weight")]
    [InlineData("net.0.weight", "net.1.weight", "net.2.weight")]
    [InlineData("L3_W1_final", "L3_W2_final", "L3_W3_final")]
    public void LayersAreFoundByTheirNamesInBothFormats(string first, string second, string third)
    {
        // The order in the file says nothing: .safetensors sorts.
        NpzArray[] arrays =
        [
            NpzArray.Float64(third, [11, 12], 1, 2), NpzArray.Float64(second, [7, 8, 9, 10], 2, 2),
            NpzArray.Float64(first, [1, 2, 3, 4, 5, 6], 2, 3),
        ];
        NpzWriter.Write(_folder["s.npz"], arrays);
        SafetensorsWriter.Write(_folder["s.safetensors"], arrays);
        foreach (var file in (string[])["s.npz", "s.safetensors"])
        {
            var content = StateFile.Read(_folder[file]);
            Assert.Equal([3, 2, 2, 1], content.Shape.Widths);
            Assert.Equal(Enumerable.Range(1, 12).Select(i => (double)i), content.State);
            Assert.Equal([first, second, third], content.Tensors);
            Assert.Equal(64, content.Sha256.Length);
            Assert.Null(content.Note);
        }
    }

    [Fact]
    public void A_flipped_bit_of_a_layer_is_found()
    {
        NpzWriter.Write(_folder["s.npz"], NpzArray.Float64("W1", [0.75, 3], 1, 2));
        var bytes = File.ReadAllBytes(_folder["s.npz"]);
        bytes[bytes.AsSpan().IndexOf(BitConverter.GetBytes(0.75))] ^= 1;
        File.WriteAllBytes(_folder["s.npz"], bytes);
        var message = Assert.Throws<DataException>(() => StateFile.Read(_folder["s.npz"])).Message;
        foreach (var part in (string[])["s.npz", "'W1'", "CRC-32"]) Assert.Contains(part, message);
    }

    [Fact]
    public void Float32IsWidenedExactlyAndSaid()
    {
        SafetensorsWriter.Write(_folder["s.safetensors"], NpzArray.Float32("weight", [0.1f, 3], 1, 2));
        var content = StateFile.Read(_folder["s.safetensors"]);
        Assert.Equal([0.1f, 3], content.State);
        Assert.Contains("float32", content.Note);
    }

    [Fact]
    public void TheStateOfARunGivesTheFinalLayersOfTheDepthAskedFor()
    {
        NetworkShape[] shapes = [NetworkShape.Uniform(2, 1, 1), NetworkShape.Uniform(2, 2, 1)];
        using (var run = RunFolder.Create(_folder["run"], Samples.Description(shapes)))
            run.WriteState(new NetworkState("L1", [1, 2], [3, 4]), new NetworkState("L2", [1, 2, 3], [4, 5, 6]));
        Assert.Equal([3, 4], StateFile.Read(_folder["run/state.npz"], depth: 1).State);
        Assert.Equal([4, 5, 6], StateFile.Read(_folder["run/state.npz"], depth: 2).State);
        Assert.Contains("L1, L2", Assert.Throws<DataException>(() => StateFile.Read(_folder["run/state.npz"])).Message);
        Assert.Contains("depth 7",
            Assert.Throws<DataException>(() => StateFile.Read(_folder["run/state.npz"], 7)).Message);
    }

    [Fact]
    public void ARunOfOneNetworkHasItsLayersUnderPlainNames()
    {
        using (var run = RunFolder.Create(_folder["run"], Samples.Description(NetworkShape.Uniform(2, 2, 1))))
        {
            run.WriteState(new NetworkState("L2", [1, 2, 3], [4, 5, 6]));
            run.WriteTrajectory(("L2", [Samples.Observation(2, 2), Samples.Observation(2, 2, 5)]));
        }
        var state = NpzReader.Read(_folder["run/state.npz"]);
        Assert.Equal([4, 5], state["W1"].ToDoubles());
        Assert.Equal([1, 2], state["W1"].Shape);
        var rows = NpzReader.Read(_folder["run/trajectory.npz"]);
        Assert.Equal([3, 3], rows["L2_step"].ToInt64s());
        Assert.Equal(
            [Samples.Observation(2, 2).OneMinusCosine, Samples.Observation(2, 2, 5).OneMinusCosine],
            rows["one_minus_cosine"].ToDoubles());
        Assert.True(rows.ContainsKey("L2_norm_2"));
        Assert.False(rows.ContainsKey("L2_adjacent_alignment_2"));
    }

    [Theory]
    [InlineData("0.bias", "a bias")]
    [InlineData("W3", "'W2' is missing")]
    [InlineData("X", "no layers")]
    public void NamesThatDoNotFitAreSaid(string name, string says)
    {
        NpzArray[] arrays = name == "X"
            ? [NpzArray.Float64("X", [1, 2], 1, 2)]
            : [NpzArray.Float64("W1", [1, 2], 1, 2), NpzArray.Float64(name, [1], 1, 1)];
        Refused(says, name, arrays);
    }

    [Fact]
    public void ShapesTypesAndNumbersThatDoNotFitAreSaid()
    {
        Refused("shape (2)", "W1", NpzArray.Float64("W1", [1, 2]));
        Refused("missing between", "W2", NpzArray.Float64("W1", [1, 2], 1, 2), NpzArray.Float64("W2", [1, 2], 1, 2));
        Refused("dtype", "W1", NpzArray.Int64("W1", [1, 2], 1, 2));
        Refused("row 0, column 1", "W1", NpzArray.Float64("W1", [1, double.NaN], 1, 2));
        Refused("infinite", "W1", NpzArray.Float64("W1", [1, double.PositiveInfinity], 1, 2));
        Assert.Contains(".csv", Assert.Throws<DataException>(() => StateFile.Read(_folder["s.csv"])).Message);
        Assert.Contains("no such file",
            Assert.Throws<DataException>(() => StateFile.Read(_folder["none.npz"])).Message);
    }

    private void Refused(string says, string tensor, params NpzArray[] arrays)
    {
        NpzWriter.Write(_folder["s.npz"], arrays);
        SafetensorsWriter.Write(_folder["s.safetensors"], arrays);
        foreach (var file in (string[])["s.npz", "s.safetensors"])
        {
            var message = Assert.Throws<DataException>(() => StateFile.Read(_folder[file])).Message;
            Assert.Contains(says, message);
            Assert.Contains(file, message);
            Assert.Contains(tensor, message);
        }
    }
}
