using System.Text.Json.Nodes;
using TorchAlign.Experiments;
using TorchAlign.Tests.Data;

namespace TorchAlign.Tests.Commands;

/// <summary>What <c>train</c> says of how its networks ended.</summary>
public sealed class ExitStatusTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--data iris --positive versicolor --method descent --rule constant --step 10 --depth 3 --steps 1000", "non-finite", 1)]
    [InlineData("--method descent --rule constant --step 0.01 --depth 2 --steps 20", "step-limit", 0)]
    [InlineData("--method descent --rule constant --step 0.01 --depth 2 --seconds 0.01", "time-limit", 0)]
    [InlineData("--depth 2 --to 1e-6", "found", 0)]
    [InlineData("--data iris --positive versicolor --loss logistic --method descent --rule constant --step 1000 --depth 1 --steps 21",
        "diverged", 1)]
    [InlineData("--depth 2 --seconds 600", "found", 0)]
    [InlineData("--depth 6 --width 16 --init equal-norms --scale 0.05 --seed 36 --to 1e-9 --steps 50", "crossed", 0)]
    [InlineData("--depth 2 --clock time --time 10", "time-reached", 0)]
    [InlineData("--depth 1 --risk -1e40 --steps 1e6", "float64-exhausted", 1)]
    public async Task It_follows_from_the_end_and_the_files_are_whole(string line, string end, int status)
    {
        string[] run = ["train", .. line.Split(' '), "--out", _folder["run"]];
        Assert.Equal(status, await Invoke(run));
        var summary = JsonNode.Parse(File.ReadAllText(_folder["run/summary.json"]))!;
        Assert.Equal([end], summary["networks"]!.AsArray().Select(network => (string)network!["result"]!));
        foreach (var file in (string[])["run.json", "trajectory.csv", "trajectory.npz", "state.npz", "report.html"])
            Assert.True(File.Exists(_folder[$"run/{file}"]), file);
        Assert.False(File.Exists(_folder["run/UNFINISHED"]));
        // Asked again, the finished run gives the same answer.
        Assert.Equal(status, await Invoke(["train", "--resume", _folder["run"]]));
    }

    [Fact]
    public async Task One_network_that_fails_is_enough()
    {
        // One layer is too flat for the step to throw it out, four are not.
        string[] run = [.. "train --data iris --positive versicolor --method descent --rule constant --loss logistic".Split(' '),
            .. "--step 10 --depth 1,4 --scale 1 --steps 300 --out".Split(' '), _folder["run"]];
        var status = await Invoke(run);
        var results = JsonNode.Parse(File.ReadAllText(_folder["run/summary.json"]))!["networks"]!.AsArray()
            .Select(network => (string)network!["result"]!).ToArray();
        Assert.Equal(["step-limit", "non-finite"], results);
        Assert.Equal(1, status);
    }

    private static Task<int> Invoke(string[] words) => CommandLine.Invoke(CommandLine.Root().Parse(words), CancellationToken.None);
}
