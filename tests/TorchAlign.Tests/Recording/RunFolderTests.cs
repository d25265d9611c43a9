using System.Text.Json.Nodes;
using TorchAlign.Networks;
using TorchAlign.Recording;

namespace TorchAlign.Tests.Recording;

public sealed class RunFolderTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly RunDescription _run = Samples.Description(NetworkShape.Uniform(2, 1, 1), NetworkShape.Uniform(2, 4, 3));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheDescriptionIsThereFromTheStart()
    {
        using var run = RunFolder.Create(_folder["deep/run"], _run);
        var json = JsonNode.Parse(File.ReadAllText(run.PathOf("run.json")))!.AsObject();
        Assert.Equal("torchalign/run/1", (string?)json["schema"]);
        Assert.Equal(7, (int?)json["seed"]);
        Assert.Equal(["torchalign", "figure1", "--seed", "7"], json["commandLine"]!.AsArray().Select(a => (string?)a));
        Assert.Equal(0.1, (double?)json["configuration"]!["scale"]);
        Assert.Null(json["configuration"]!["cap"]);
        Assert.Equal("2026-02-03T04:06:07Z", (string?)json["startedAt"]);
        Assert.Equal("cpu", (string?)json["device"]);
        Assert.Equal("float64", (string?)json["dtype"]);
        Assert.Equal("planar <7>", (string?)json["data"]!["name"]);
        Assert.Equal(new string('a', 64), (string?)json["data"]!["sha256"]);
        Assert.Equal(["torchAlign", "gitCommit", "torch", "dotNet", "os", "torchSharp", "build"], json["versions"]!.AsObject().Select(p => p.Key));
        Assert.Equal("2.4.0 (test)", (string?)json["versions"]!["torch"]);
        Assert.Equal(["L1", "L4"], json["networks"]!.AsArray().Select(n => (string?)n!["name"]));
        Assert.Equal([2, 3, 3, 3, 1], json["networks"]![1]!["widths"]!.AsArray().Select(w => (int)w!));
        Assert.Equal(File.ReadLines(run.PathOf("trajectory.csv")).First().Split(','),
            json["columns"]!.AsObject().Select(p => p.Key));
    }

    [Fact]
    public void TheSummaryHasTheAgreedSchema()
    {
        var json = JsonNode.Parse(Samples.Summary().ToJson())!.AsObject();
        Assert.Equal(["schema", "command", "seed", "maxMargin", "networks", "data", "facts"], json.Select(p => p.Key));
        Assert.Equal("torchalign/1", (string?)json["schema"]);
        Assert.Equal(["gamma", "gammaInDataUnits", "direction", "lower", "upper", "relativeGap", "supportVectors"],
            json["maxMargin"]!.AsObject().Select(p => p.Key));
        Assert.Equal(["depth", "widths", "log10Risk", "oneMinusCosine", "angleTimesNorm", "predictedAngleTimesNorm",
            "spectralRatio", "adjacentAlignment", "balancednessDrift", "evaluations", "seconds", "together", "result",
            "message", "crossedAtLog10Risk"],
            json["networks"]![0]!.AsObject().Select(p => p.Key));
        Assert.Equal(Samples.Observation(4, 2).OneMinusCosine, (double?)json["networks"]![0]!["oneMinusCosine"]);
    }

    [Fact]
    public void NaNBecomesNull()
    {
        var json = JsonNode.Parse(Samples.Summary().ToJson())!;
        Assert.True(json["networks"]![0]!.AsObject().ContainsKey("predictedAngleTimesNorm"));
        Assert.Null(json["networks"]![0]!["predictedAngleTimesNorm"]);
    }

    [Fact]
    public void ARunThatFailedBeforeItsFirstRowGoesAwayAndNothingElseDoes()
    {
        using (var run = RunFolder.Create(_folder["own"], _run)) run.DiscardIfEmpty();
        Assert.False(Directory.Exists(_folder["own"]));

        Directory.CreateDirectory(_folder["shared"]);
        File.WriteAllText(_folder["shared/notes.txt"], "mine");
        using (var run = RunFolder.Create(_folder["shared"], _run)) run.DiscardIfEmpty();
        Assert.Equal([_folder["shared/notes.txt"]], Directory.GetFileSystemEntries(_folder["shared"]));

        using (var run = RunFolder.Create(_folder["begun"], _run))
        {
            run.Append("L1", Samples.Observation(1, 0));
            run.DiscardIfEmpty();
        }
        Assert.Equal(2, File.ReadAllLines(_folder["begun/trajectory.csv"]).Length);
        Assert.True(File.Exists(_folder["begun/UNFINISHED"]));
    }

    [Fact]
    public void ARunIsMarkedUntilItIsWhole()
    {
        using var run = RunFolder.Create(_folder.Path, _run);
        Assert.True(File.Exists(run.PathOf("UNFINISHED")));
        Assert.False(RunFolder.IsFinished(_folder.Path));
        run.Finish(Samples.Summary());
        Assert.True(RunFolder.IsFinished(_folder.Path));
        Assert.Equal(["run.json", "summary.json", "trajectory.csv"],
            Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void ARunThatBreaksOffKeepsItsMarkAndItsRows()
    {
        using (var run = RunFolder.Create(_folder.Path, _run)) run.Append("L1", Samples.Observation(1, 2));
        Assert.True(File.Exists(_folder["UNFINISHED"]));
        Assert.Equal(2, File.ReadLines(_folder["trajectory.csv"]).Count());
        Assert.False(File.Exists(_folder["summary.json"]));
        // The next run takes its place without being told.
        RunFolder.Create(_folder.Path, _run).Dispose();
        Assert.Single(File.ReadLines(_folder["trajectory.csv"]));
    }

    [Fact]
    public void AFinishedRunIsReplacedOnlyOnRequest()
    {
        using (var run = RunFolder.Create(_folder.Path, _run)) run.Finish(Samples.Summary());
        File.WriteAllText(_folder["plane.vl.json"], "{}");
        File.WriteAllText(_folder["plane.svg"], "<svg/>");
        File.WriteAllText(_folder["notes.txt"], "mine");
        var before = File.ReadAllText(_folder["summary.json"]);

        var error = Assert.Throws<RecordingException>(() => RunFolder.Create(_folder.Path, _run));
        Assert.Contains("finished run", error.Message);
        Assert.Equal(before, File.ReadAllText(_folder["summary.json"]));
        Assert.True(RunFolder.IsFinished(_folder.Path));

        RunFolder.Create(_folder.Path, _run, replace: true).Dispose();
        Assert.Equal(["UNFINISHED", "notes.txt", "run.json", "trajectory.csv"],
            Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void FilesOfOthersAreLeftAlone(bool replace)
    {
        File.WriteAllText(_folder["summary.json"], "{}");
        var error = Assert.Throws<RecordingException>(() => RunFolder.Create(_folder.Path, _run, replace));
        Assert.Contains("summary.json", error.Message);
        Assert.Equal("{}", File.ReadAllText(_folder["summary.json"]));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void TwoRunsDoNotShareAFolder()
    {
        using var run = RunFolder.Create(_folder.Path, _run);
        var error = Assert.Throws<RecordingException>(() => RunFolder.Create(_folder.Path, _run));
        Assert.Contains("Another run", error.Message);
        run.Append("L1", Samples.Observation(1, 2));
    }

    [Fact]
    public void AFileInTheWayIsNamed()
    {
        File.WriteAllText(_folder["file"], "");
        var error = Assert.Throws<RecordingException>(() => RunFolder.Create(_folder["file/run"], _run));
        Assert.Contains("file", error.Message);
    }

    [Fact]
    public void AFileThatFailsHalfwayIsNotThere()
    {
        File.WriteAllText(_folder["a.txt"], "before");
        Assert.Throws<RecordingException>(() => AtomicFile.Write(_folder["a.txt"], stream =>
        {
            stream.WriteByte(1);
            throw new IOException("No space left on device");
        }));
        Assert.Equal("before", File.ReadAllText(_folder["a.txt"]));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void AnUnknownNetworkIsRefused()
    {
        using var run = RunFolder.Create(_folder.Path, _run);
        Assert.Contains("L1, L4", Assert.Throws<ArgumentException>(
            () => run.Append("L7", Samples.Observation(1, 2))).Message);
    }

    [Fact]
    public void TheStateHoldsEachLayerInItsShape()
    {
        var shape = NetworkShape.Uniform(2, 4, 3);
        double[] initial = [.. Enumerable.Range(0, shape.Length).Select(i => i + 0.5)], final = [.. initial.Select(x => -x)];
        using var run = RunFolder.Create(_folder.Path, _run);
        run.WriteState(new NetworkState("L1", [1, 2], [3, 4]), new NetworkState("L4", initial, final));

        using var zip = System.IO.Compression.ZipFile.OpenRead(_folder["state.npz"]);
        Assert.Equal(
            ["L1_W1_final", "L1_W1_initial", .. Enumerable.Range(1, 4).SelectMany(k => new[] { $"L4_W{k}_final", $"L4_W{k}_initial" })],
            zip.Entries.Select(e => Path.GetFileNameWithoutExtension(e.Name)).Order(StringComparer.Ordinal));
        using var stream = new MemoryStream();
        using (var entry = zip.GetEntry("L4_W2_final.npy")!.Open()) entry.CopyTo(stream);
        var bytes = stream.ToArray();
        Assert.Contains("'shape': (3, 3)", System.Text.Encoding.ASCII.GetString(bytes));
        // W_2 comes after the 3 x 2 entries of W_1.
        Assert.Equal(-6.5, BitConverter.ToDouble(bytes, bytes.Length - 9 * sizeof(double)));
    }

    [Fact]
    public void AStateOfTheWrongLengthIsRefused()
    {
        using var run = RunFolder.Create(_folder.Path, _run);
        Assert.Contains("2 parameters", Assert.Throws<ArgumentException>(
            () => run.WriteState(new NetworkState("L1", [1], [3, 4]))).Message);
        Assert.False(File.Exists(_folder["state.npz"]));
    }

    [Fact]
    public void EqualDepthsGetDifferentNames() =>
        Assert.Equal(["L4", "L1", "L4_2"], NetworkIdentity.ByDepth(
            [NetworkShape.Uniform(2, 4, 3), NetworkShape.Uniform(2, 1, 1), NetworkShape.Uniform(2, 4, 9)]).Select(n => n.Name));
}
