using System.Text.Json.Nodes;
using TorchAlign.Data;
using TorchAlignProgram = TorchAlign.Tests.Commands.Program;

namespace TorchAlign.Tests.Tasks;

/// <summary>What a run of a task has in common with every other: its folder, resume, JSON, sweeps.</summary>
public sealed class TaskRunTests : IDisposable
{
    private readonly TorchAlignProgram _program = new();

    public void Dispose() => _program.Dispose();

    [Fact]
    public void The_folder_has_the_files_of_a_run()
    {
        _program.Make("train", "--task", "classify", "--data", "iris", "--depth", "1,3", "--steps", "20", "--out", "run");
        foreach (var file in (string[])
            [
                "run.json", "trajectory.csv", "trajectory.npz", "singular-values.csv", "state.npz", "summary.json", "report.html",
                "risk.vl.json",
            ])
            Assert.True(File.Exists(Path.Combine(_program.Folder, "run", file)), file);
        var configuration = JsonNode.Parse(File.ReadAllText(Path.Combine(_program.Folder, "run", "run.json")))!["configuration"]!;
        Assert.Equal("classify", (string?)configuration["task"]!["name"]);
        Assert.Equal("cross-entropy", (string?)configuration["loss"]);
        // The same numbers in both forms.
        var arrays = NpzReader.Read(Path.Combine(_program.Folder, "run", "trajectory.npz"));
        Assert.Equal(_program.Column("run", "log10_risk"),
            arrays["L1_log10_risk"].ToDoubles().Concat(arrays["L3_log10_risk"].ToDoubles()));
        Assert.False(arrays.ContainsKey("L1_norm_2"));
        // Values of each layer and, as layer 0, of the product.
        var values = File.ReadLines(Path.Combine(_program.Folder, "run", "singular-values.csv"))
            .Where(line => line.StartsWith("L3,0,", StringComparison.Ordinal)).Select(line => line.Split(',')[2]).ToArray();
        Assert.Equal(["0", "1", "2", "3"], values.Distinct());
        Assert.Equal(3 + 4 + 4 + 3, values.Length);
    }

    [Fact]
    public void Json_is_all_there_is()
    {
        var result = _program.Run("train", "--task", "regress", "--data", "iris", "--targets", "petal_width", "--center", "--depth", "1",
            "--json", "--out", "run");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(File.ReadAllText(Path.Combine(_program.Folder, "run", "summary.json")), result.Output);
        Assert.Equal("least-loss", (string?)JsonNode.Parse(result.Output)!["result"]);
    }

    [Fact]
    public void A_run_of_one_output_is_what_it_was()
    {
        _program.Make("train", "--depth", "1", "--to", "1e-3", "--out", "plain");
        _program.Make("train", "--task", "binary", "--depth", "1", "--to", "1e-3", "--out", "named");
        Assert.Equal(File.ReadAllText(Path.Combine(_program.Folder, "plain", "trajectory.csv")),
            File.ReadAllText(Path.Combine(_program.Folder, "named", "trajectory.csv")));
        Assert.False(JsonNode.Parse(File.ReadAllText(Path.Combine(_program.Folder, "plain", "run.json")))!["configuration"]!.AsObject()
            .ContainsKey("task"));
    }

    [TheoryThatNeeds(Need.Unix)]
    [InlineData("--task classify --data iris --depth 1,3 --method descent --step 0.5 --steps 10000 --samples 10")]
    [InlineData("--task regress --data iris --targets 3,4 --center --depth 2,3 --scale 0.02 --time 200 --steps 1e6 --samples 10")]
    public void What_is_stopped_and_resumed_ends_in_the_same_bits(string line)
    {
        string[] words = ["train", .. line.Split(' '), "--threads", "1"];
        using (var process = _program.Start([.. words, "--out", "stopped", "--checkpoint-every", "0.05"]))
        {
            var checkpoint = Path.Combine(_program.Folder, "stopped", "checkpoint.npz");
            while (!File.Exists(checkpoint) && !process.WaitForExit(5))
            {
            }
            TorchAlignProgram.Signal("TERM", process.Id);
            Assert.Equal(143, TorchAlignProgram.Finish(process).ExitCode);
        }
        Assert.Equal("interrupted", (string?)_program.Summary("stopped")["result"]);
        Assert.StartsWith("Interrupted after", (string?)_program.Summary("stopped")["results"]!["found"]);
        Assert.Equal(0, _program.RunApart("train", "--resume", "stopped").ExitCode);
        Assert.Equal(0, _program.RunApart([.. words, "--out", "whole"]).ExitCode);
        foreach (var file in (string[])["trajectory.csv", "singular-values.csv", "state.npz", "trajectory.npz"])
            Assert.True(File.ReadAllBytes(Path.Combine(_program.Folder, "whole", file))
                .AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(_program.Folder, "stopped", file))), $"{file} differs");
        // What has ended has nothing left to do.
        var again = _program.Run("train", "--resume", Path.Combine(_program.Folder, "stopped"));
        Assert.Equal(0, again.ExitCode);
        Assert.Contains("finished; nothing to do", again.Output);
    }

    [Fact]
    public void Tasks_make_studies_too()
    {
        _program.Write("study.yaml", """
            name: tasks
            command: train
            fixed:
              task: regress
              data: iris
              targets: petal_width
              center: true
              depth: 2
              excess: 1e-6
            grid:
              scale: [0.1, 0.5]
            seeds: {count: 2, first: 1}
            """);
        var result = _program.Run("sweep", "study.yaml", "--out", "sweep");
        Assert.True(result.ExitCode == 0, result.Error);
        var rows = File.ReadAllLines(Path.Combine(_program.Folder, "sweep", "sweep.csv"));
        Assert.Equal(5, rows.Length);
        var header = rows[0].Split(',');
        foreach (var column in (string[])["results_landscape_excess_share", "log10_risk", "balancedness_drift"])
            Assert.Contains(header, name => name.EndsWith(column.Replace("results_", ""), StringComparison.Ordinal));
        Assert.All(rows.Skip(1), row => Assert.Contains("least-loss", row));
    }
}
