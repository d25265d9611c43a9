using System.Text.Json.Nodes;
using TorchAlign.Alignment;
using TorchAlign.Checkpoints;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Recording;
using TorchAlign.Tests.Recording;

namespace TorchAlign.Tests.Checkpoints;

/// <summary>The folder of a run that stopped: its checkpoints, its rows and its lock.</summary>
public sealed class ResumedFolderTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly RunDescription _run = Samples.Description(NetworkShape.Uniform(2, 1, 1), NetworkShape.Uniform(2, 4, 3)) with
    {
        Tables = [new TableDescription("modes.csv", [new Column("mode", "j"), new Column("value", "s_j")])],
    };

    private readonly List<string> _notices = [];

    private string Table => File.ReadAllText(_folder["trajectory.csv"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rows_after_the_checkpoint_are_taken_away_and_the_run_goes_on_there()
    {
        string before;
        using (var run = Begin())
        {
            before = Table;
            run.Append("L1", Samples.Observation(1, 2, 9));
            run.Table("modes.csv").Append(["3", "0.5"]);
        }
        using (var run = Resume(out var checkpoint))
        {
            Assert.Equal(7, checkpoint!.ReadDouble("at"));
            Assert.Equal(before, Table);
            Assert.Equal("mode,value\n1,0.5\n", File.ReadAllText(_folder["modes.csv"]));
            run.Append("L4", Samples.Observation(4, 2, 2));
            run.WriteCheckpoint(At(8));
        }
        using (Resume(out var checkpoint)) Assert.Equal(8, checkpoint!.ReadDouble("at"));
        Assert.StartsWith(before, Table);
        Assert.Equal(4, Table.Count(c => c == '\n'));
        Assert.Empty(_notices);
    }

    [Theory]
    [InlineData(CheckpointFile.Newest)]
    [InlineData("trajectory.csv")]
    public void A_damaged_checkpoint_is_named_and_the_one_before_is_used(string damaged)
    {
        using (var run = Begin())
        {
            run.Append("L4", Samples.Observation(4, 2, 2));
            run.WriteCheckpoint(At(8));
        }
        // Of the table, the row that only the newer checkpoint knows.
        using (var file = new FileStream(_folder[damaged], FileMode.Open)) file.SetLength(file.Length - 30);
        using (Resume(out var checkpoint)) Assert.Equal(7, checkpoint!.ReadDouble("at"));
        Assert.Contains(damaged, Assert.Single(_notices));
        Assert.Contains("checkpoint.npz", _notices[0]);
    }

    /// <summary>Whole, with its digest, but of something else: of another program, or of another version of this one.</summary>
    [Theory]
    [InlineData("run_sha256")]
    [InlineData("tables.modes.csv.length")]
    public void A_checkpoint_that_lacks_an_entry_gives_way_to_the_one_before(string lacking)
    {
        using (var run = Begin()) run.WriteCheckpoint(At(8));
        var partial = new Snapshot();
        foreach (var (name, values) in CheckpointFile.Read(_folder[CheckpointFile.Newest]).Entries)
            if (name != lacking) partial.Add(name, values);
        File.Move(_folder[CheckpointFile.Before], _folder["kept"]);
        CheckpointFile.Write(_folder.Path, partial);
        File.Move(_folder["kept"], _folder[CheckpointFile.Before], overwrite: true);
        RunFolder.Read(_folder.Path);
        using (Resume(out var checkpoint)) Assert.Equal(7, checkpoint!.ReadDouble("at"));
        Assert.Contains(lacking, Assert.Single(_notices));
    }

    [Fact]
    public void Where_both_are_damaged_nothing_is_touched_and_both_are_named()
    {
        using (var run = Begin()) run.WriteCheckpoint(At(8));
        foreach (var file in (string[])[CheckpointFile.Newest, CheckpointFile.Before]) File.WriteAllText(_folder[file], "no");
        var before = Contents();
        var error = Assert.Throws<RecordingException>(() => Resume(out _));
        foreach (var part in (string[])["checkpoint.npz", "checkpoint.previous.npz", "--replace"]) Assert.Contains(part, error.Message);
        Assert.Equal(before, Contents());
        Assert.Empty(_notices);
    }

    [Fact]
    public void A_run_without_a_checkpoint_begins_anew()
    {
        using (var run = RunFolder.Create(_folder.Path, _run)) run.Append("L1", Samples.Observation(1, 2));
        using var again = Resume(out var checkpoint);
        Assert.Null(checkpoint);
        Assert.Equal(1, Table.Count(c => c == '\n'));
    }

    [Fact]
    public void A_table_of_other_columns_is_refused()
    {
        Begin().Dispose();
        var other = _run with { Tables = [new TableDescription("modes.csv", [new Column("mode", "j"), new Column("other", "s_j")])] };
        var error = Assert.Throws<RecordingException>(() => RunFolder.Resume(_folder.Path, other, _notices.Add, out _));
        Assert.Contains("modes.csv", error.Message);
    }

    [Fact]
    public void A_finished_run_keeps_no_checkpoint_unless_asked()
    {
        using (var run = Begin()) run.Finish(Samples.Summary(), keepCheckpoint: true);
        Assert.True(File.Exists(_folder[CheckpointFile.Newest]));
        Assert.False(File.Exists(_folder["UNFINISHED"]));
        using (var run = Resume(out var checkpoint))
        {
            Assert.NotNull(checkpoint);
            Assert.True(File.Exists(_folder["UNFINISHED"]));
            run.Finish(Samples.Summary());
        }
        Assert.False(File.Exists(_folder[CheckpointFile.Newest]));
    }

    [Fact]
    public void What_cannot_be_taken_up_is_left_as_it_was_found()
    {
        using (var run = Begin()) run.Finish(Samples.Summary(), keepCheckpoint: true);
        File.WriteAllText(_folder[CheckpointFile.Newest], "no");
        var before = Contents();
        Assert.Throws<RecordingException>(() => Resume(out _));
        Assert.Equal(before, Contents());
        Assert.True(RunFolder.IsFinished(_folder.Path));
    }

    [Fact]
    public void A_run_under_way_is_not_taken_up()
    {
        using var run = Begin();
        Assert.Contains("Another run", Assert.Throws<RecordingException>(() => Resume(out _)).Message);
        run.Append("L1", Samples.Observation(1, 2));
    }

    /// <summary>Every number of the tables and charts comes back from trajectory.csv.</summary>
    [Fact]
    public void Observations_come_back_with_the_numbers_that_were_written()
    {
        var random = new RandomStream(3);
        var written = new List<(string Network, Observation Seen)>();
        using (var run = Begin())
        {
            foreach (var line in run.ReadTrajectory()) written.Add(line);
            for (var i = 0; i < 500; i++)
            {
                var (name, depth) = i % 2 == 0 ? ("L1", 1) : ("L4", 4);
                var seen = Samples.Observation(depth, 2, Math.Exp(40 * random.NextDouble() - 20)) with
                {
                    LogRisk = -Math.Exp(60 * random.NextDouble() - 30),
                    OneMinusCosine = i == 7 ? double.NaN : random.NextDouble(),
                    LogTime = i == 8 ? double.NegativeInfinity : random.NextGaussian(),
                };
                run.Append(name, seen);
                written.Add((name, seen));
            }
            var table = new TrajectoryTable(_run.Networks);
            var read = run.ReadTrajectory();
            Assert.Equal(written.Select(row => table.Row(row.Network, row.Seen)), read.Select(row => table.Row(row.Network, row.Observation)));
            Assert.All(written.Zip(read), pair => Assert.InRange(
                Math.Abs(pair.First.Seen.LogRisk - pair.Second.Observation.LogRisk), 0, Math.BitIncrement(-pair.First.Seen.LogRisk) * 3e-16));
        }
    }

    [Fact]
    public void Who_went_on_is_in_the_description()
    {
        using var run = Begin();
        foreach (var step in (long[])[5, 9])
            run.AddSession(new RunSession(["torchalign", "train"], RunVersions.Current("9.9"), "cpu", "L4", step));
        var sessions = JsonNode.Parse(File.ReadAllText(_folder["run.json"]))!["resumed"]!.AsArray();
        Assert.Equal([5, 9], sessions.Select(session => (long)session!["step"]!));
        Assert.Equal("9.9", (string?)sessions[1]!["versions"]!["torch"]);
        Assert.Equal(0.1, (double?)RunFolder.Read(_folder.Path).Configuration["scale"]);
    }

    private RunFolder Begin()
    {
        var run = RunFolder.Create(_folder.Path, _run);
        run.Append("L1", Samples.Observation(1, 2));
        run.Append("L1", Samples.Observation(1, 2, 3));
        run.Table("modes.csv").Append(["1", "0.5"]);
        run.WriteCheckpoint(At(7));
        return run;
    }

    private RunFolder Resume(out Snapshot? checkpoint) => RunFolder.Resume(_folder.Path, _run, _notices.Add, out checkpoint);

    private static Snapshot At(double value)
    {
        var snapshot = new Snapshot();
        snapshot.Write("at", value);
        return snapshot;
    }

    private List<string> Contents() =>
        [.. Directory.GetFiles(_folder.Path).Order().Select(file => $"{file}: {File.ReadAllText(file)}")];
}
