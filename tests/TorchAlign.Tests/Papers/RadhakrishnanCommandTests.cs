using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Papers;

/// <summary>The experiments as users call them; each test starts the program, at about a second each.</summary>
public sealed class RadhakrishnanCommandTests : IDisposable
{
    private readonly Commands.Program _program = new();

    public void Dispose() => _program.Dispose();

    [Fact]
    public void MnistIsReadAndEverythingIsWritten()
    {
        WriteMnist();
        var result = _program.Run(
            "paper rnbu conv-autoencoder --mnist mnist --image 3 --steps 30 --every 10 --out run --json".Split(' '));
        Assert.True(result.ExitCode == 0, result.Error);
        using var summary = JsonDocument.Parse(result.Output);
        var root = summary.RootElement;
        Assert.Equal("torchalign/1", root.GetProperty("schema").GetString());
        Assert.Equal("paper rnbu conv-autoencoder", root.GetProperty("command").GetString());
        var results = root.GetProperty("results");
        var networks = results.GetProperty("networks").EnumerateArray().ToArray();
        Assert.Equal(root.GetProperty("result").GetString(), networks[0].GetProperty("result").GetString());
        Assert.Contains(networks[0].GetProperty("name").GetString()!, results.GetProperty("found").GetString());
        foreach (var network in networks)
        {
            Assert.Equal([36, 36, 36, 36], network.GetProperty("widths").EnumerateArray().Select(width => width.GetInt32()));
            Assert.True(network.GetProperty("loss").GetDouble() < network.GetProperty("initialLoss").GetDouble());
            foreach (var list in (string[])["offDiagonal", "leftScore", "rightScore", "spectralNorms", "innerOffDiagonal"])
                Assert.Equal(3, network.GetProperty("final").GetProperty(list).GetArrayLength());
            Assert.Equal(2, network.GetProperty("final").GetProperty("adjacent").GetArrayLength());
        }

        string PathOf(string file) => Path.Combine(_program.Folder, "run", file);
        string[] files = ["run.json", "state.npz", "summary.json", "report.html", "loss.vl.json", "singular-values-1.vl.json"];
        foreach (var file in files)
            Assert.True(File.Exists(PathOf(file)), file);
        using var run = JsonDocument.Parse(File.ReadAllText(PathOf("run.json")));
        foreach (var table in (string[])["descent.csv", "singular-values.csv"])
        {
            var rows = File.ReadAllLines(PathOf(table)).Select(line => line.Split(',')).ToArray();
            var columns = run.RootElement.GetProperty("tables").GetProperty(table).EnumerateObject().Select(column => column.Name);
            Assert.Equal(columns, rows[0]);
            Assert.All(rows, row => Assert.Equal(rows[0].Length, row.Length));
        }
        var steps = File.ReadAllLines(PathOf("descent.csv"))
            .Where(line => line.StartsWith("zero padding,", StringComparison.Ordinal)).Select(line => line.Split(',')[1]);
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7", "8", "10", "20", "30"], steps);
    }

    [Theory]
    [InlineData("paper rnbu multiclass --mnist nowhere", "nowhere")]
    [InlineData("paper rnbu binary --mnist mnist --images 9", "mnist")]
    [InlineData("paper rnbu conv-factorisation --depth 0", "--depth")]
    [InlineData("paper rnbu conv-autoencoder --image 99999", "digits.csv")]
    public void BadInputIsOneClearLineAndExitCode2(string line, string mentions)
    {
        WriteMnist();
        var result = _program.Run(line.Split(' '));
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("torchalign: ", result.Error);
        Assert.Contains(mentions, result.Error);
        Assert.DoesNotContain("   at ", result.Error);
        Assert.False(Directory.Exists(Path.Combine(_program.Folder, "runs")), "something was left behind");
    }

    /// <summary>Eight random images of 6x6 pixels, gzip, and their labels.</summary>
    private void WriteMnist()
    {
        const int Count = 8, Size = 6;
        var random = new RandomStream(1);
        var folder = Directory.CreateDirectory(Path.Combine(_program.Folder, "mnist")).FullName;
        byte[] pixels = [.. Enumerable.Range(0, Count * Size * Size).Select(_ => (byte)random.NextInt32(256))];
        using (var file = new GZipStream(File.Create(Path.Combine(folder, "train-images-idx3-ubyte.gz")), CompressionLevel.Fastest))
            file.Write([.. Header(0x803, Count, Size, Size), .. pixels]);
        File.WriteAllBytes(Path.Combine(folder, "train-labels-idx1-ubyte"), [.. Header(0x801, Count), 5, 0, 4, 1, 9, 2, 1, 3]);
    }

    private static byte[] Header(params int[] numbers)
    {
        var bytes = new byte[4 * numbers.Length];
        for (var i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 * i), numbers[i]);
        return bytes;
    }
}
