using System.Text.Json;

namespace TorchAlign.Tests.Commands;

/// <summary>What a user of the command line sees.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly Program _program = new();

    public void Dispose() => _program.Dispose();

    /// <summary>What figure 1 promises: the direction, the alignment, the residual and the invariants.</summary>
    [Fact]
    public void Figure1_reaches_what_it_promises()
    {
        var result = _program.RunApart("figure1", "--seed", "7", "--json");
        Assert.Equal(0, result.ExitCode);
        using var summary = JsonDocument.Parse(result.Output);
        var root = summary.RootElement;
        Assert.Equal("torchalign/1", root.GetProperty("schema").GetString());
        Assert.True(root.GetProperty("maxMargin").GetProperty("relativeGap").GetDouble() <= 1e-12);
        var networks = root.GetProperty("networks").EnumerateArray().ToArray();
        Assert.Equal([1, 4], networks.Select(network => network.GetProperty("depth").GetInt32()));
        foreach (var network in networks)
        {
            Assert.True(network.GetProperty("oneMinusCosine").GetDouble() <= 1e-15);
            Assert.All(network.GetProperty("spectralRatio").EnumerateArray(), ratio => Assert.True(ratio.GetDouble() >= 1 - 1e-6));
            Assert.All(network.GetProperty("adjacentAlignment").EnumerateArray(), value => Assert.True(value.GetDouble() >= 1 - 1e-6));
            Assert.Equal(
                1, network.GetProperty("angleTimesNorm").GetDouble() / network.GetProperty("predictedAngleTimesNorm").GetDouble(), 0.01);
            Assert.True(network.GetProperty("balancednessDrift").GetDouble() <= 1e-9);
            Assert.Equal("found", network.GetProperty("result").GetString());
        }
        var folder = Path.Combine(_program.Folder, "runs", "figure1-seed7");
        foreach (var file in (string[])["run.json", "trajectory.csv", "state.npz", "summary.json", "report.html", "figure.vl.json"])
            Assert.True(File.Exists(Path.Combine(folder, file)), file);
        Assert.False(File.Exists(Path.Combine(folder, "UNFINISHED")));
    }

    [Fact]
    public void The_same_command_gives_the_same_numbers_to_the_last_digit()
    {
        string Trajectory(string folder)
        {
            Assert.Equal(0, _program.Run("train", "--depth", "3", "--to", "1e-6", "--out", folder).ExitCode);
            return File.ReadAllText(Path.Combine(_program.Folder, folder, "trajectory.csv"));
        }
        Assert.Equal(Trajectory("a"), Trajectory("b"));
    }

    [Theory]
    [InlineData("train --data digits --positive 3 --negative 5 --depth 1,2 --to 1e-6 --json")]
    [InlineData("train --data iris --positive setosa --center --depth 2 --to 1e-9 --json")]
    [InlineData("train --method descent --loss logistic --rule assumption5 --depth 2 --steps 2000 --json")]
    [InlineData("train --method descent --loss logistic --steps 1e30 --fast-forward --depth 2 --json")]
    [InlineData("train --method descent --rule loss-scaled --step 0.1 --steps 500 --depth 1 --json")]
    [InlineData("train --stepper dopri5 --clock arc-length --field autograd --to 1e-4 --depth 2 --json")]
    [InlineData("train --stepper euler --clock time --step 0.5 --time 20 --depth 1 --init balanced --scale 1 --json")]
    public void Every_way_to_train_ends_with_a_name(string line)
    {
        var result = _program.Run(line.Split(' '));
        Assert.True(result.ExitCode == 0, result.Error);
        using var summary = JsonDocument.Parse(result.Output);
        foreach (var network in summary.RootElement.GetProperty("networks").EnumerateArray())
            Assert.Contains(network.GetProperty("result").GetString(),
                (string[])["found", "step-limit", "clock-reached", "time-reached"]);
    }

    [Fact]
    public void Margin_prints_the_certified_solution()
    {
        var result = _program.Run("margin", "iris", "--positive", "setosa", "--json");
        Assert.Equal(0, result.ExitCode);
        using var margin = JsonDocument.Parse(result.Output);
        Assert.Equal("yes", margin.RootElement.GetProperty("separable").GetString());
        Assert.True(margin.RootElement.GetProperty("relativeGap").GetDouble() <= 1e-12);
        Assert.True(margin.RootElement.TryGetProperty("libsvm", out _));

        var not = _program.Run("margin", "iris", "--positive", "versicolor", "--json");
        Assert.Equal(0, not.ExitCode);
        using var no = JsonDocument.Parse(not.Output);
        Assert.Equal("no", no.RootElement.GetProperty("separable").GetString());
        Assert.NotEqual(0, no.RootElement.GetProperty("gordanCarriers").GetArrayLength());
    }

    [Theory]
    [InlineData("nonsense", "nonsense")]
    [InlineData("train --depth 0", "--depth")]
    [InlineData("train --hidden 3-x", "--hidden")]
    [InlineData("train --width -1", "--width")]
    [InlineData("train --steps 0", "--steps")]
    [InlineData("train --loss hinge", "hinge")]
    [InlineData("train --data missing.csv", "missing.csv")]
    [InlineData("train --data iris", "setosa")]
    [InlineData("train --data iris --positive virginica", "--append-constant")]
    [InlineData("train --data planar --center", "planar")]
    [InlineData("train --data iris --positive setosa --points 3", "--points")]
    [InlineData("train --method descent", "Assumption 5")]
    [InlineData("train --fast-forward", "--fast-forward")]
    [InlineData("train --field autograd --stepper seulex", "dopri5")]
    [InlineData("train --scale 0", "scale")]
    [InlineData("train --rtol -1", "rtol")]
    [InlineData("train --threads 0", "--threads")]
    [InlineData("verify --paper xyz", "jt")]
    public void Bad_input_is_one_clear_line_and_exit_code_2(string line, string mentions)
    {
        var result = _program.Run(line.Split(' '));
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("torchalign: ", result.Error);
        Assert.Contains(mentions, result.Error);
        Assert.DoesNotContain("   at ", result.Error);
        Assert.Equal("", result.Output);
        Assert.False(Directory.Exists(Path.Combine(_program.Folder, "runs")), "something was left behind");
    }

    [Fact]
    public void A_bad_cell_is_named_by_file_line_and_column()
    {
        _program.Write("bad.csv", "a,b,label\n1,2,x\n3,oops,y\n");
        var result = _program.Run("margin", "bad.csv");
        Assert.Equal(2, result.ExitCode);
        foreach (var part in (string[])["bad.csv", "line 3", "column 2", "oops"]) Assert.Contains(part, result.Error);
    }

    [Fact]
    public void A_finished_run_is_not_overwritten_by_accident()
    {
        string[] train = ["train", "--depth", "1", "--to", "1e-3", "--out", "kept"];
        Assert.Equal(0, _program.Run(train).ExitCode);
        var again = _program.Run(train);
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("finished run", again.Error);
        Assert.Equal(0, _program.Run([.. train, "--replace"]).ExitCode);
    }

    [FactThatNeeds(Need.Unix)]
    public void Interrupting_a_run_keeps_all_of_it()
    {
        using var process = _program.Start(
            "train", "--method", "descent", "--loss", "logistic", "--steps", "1e15", "--depth", "4", "--out", "long");
        var trajectory = Path.Combine(_program.Folder, "long", "trajectory.csv");
        // Ten rows are enough to know that it is under way.
        Assert.True(SpinWait.SpinUntil(() => File.Exists(trajectory) && Lines() > 10, TimeSpan.FromMinutes(2)), "The run wrote nothing.");
        Program.Signal("INT", process.Id);
        var result = Program.Finish(process);
        Assert.Equal(130, result.ExitCode);
        Assert.Contains("torchalign train --resume ", result.Output);
        using var summary = JsonDocument.Parse(File.ReadAllText(Path.Combine(_program.Folder, "long", "summary.json")));
        Assert.Equal("interrupted", summary.RootElement.GetProperty("networks")[0].GetProperty("result").GetString());
        foreach (var file in (string[])["run.json", "state.npz", "report.html"])
            Assert.True(File.Exists(Path.Combine(_program.Folder, "long", file)), file);
        Assert.False(File.Exists(Path.Combine(_program.Folder, "long", "UNFINISHED")));

        int Lines()
        {
            using var stream = new FileStream(trajectory, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return new StreamReader(stream).ReadToEnd().Count(character => character == '\n');
        }
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("train --help")]
    [InlineData("margin --help")]
    [InlineData("verify --help")]
    [InlineData("paper jt figure1 --help")]
    [InlineData("doctor --help")]
    public void Help_has_an_example(string line)
    {
        var result = _program.Run(line.Split(' '));
        Assert.Equal(0, result.ExitCode);
        Assert.Contains(line == "--help" ? "figure1" : "Example: torchalign", result.Output);
    }
}
