using System.Text.Json.Nodes;
using TorchAlign.Data;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Sweeps;
using TorchAlign.Experiments.Sweeps.Local;
using TorchAlign.Recording;
using TorchAlignProgram = TorchAlign.Tests.Commands.Program;

namespace TorchAlign.Tests.Papers;

/// <summary>
/// kill -9 of every experiment of a paper, when one of its jobs has ended and another is under way: what is resumed ends in the bits of
/// a run that nobody killed.
/// </summary>
public sealed class KilledExperimentTests(KilledExperimentTests.Maker maker) : IClassFixture<KilledExperimentTests.Maker>, IDisposable
{
    private const int Attempts = 5;

    private readonly TorchAlignProgram _program = new();

    /// <summary>The one process that makes whatever nobody kills: a start of one costs as much as a run.</summary>
    public sealed class Maker : IDisposable
    {
        private readonly Lazy<WorkerProcess> _process = new(() =>
            new WorkerProcess(OwnProgram.Words, Path.GetTempPath(), (_, _) => { }, TimeSpan.FromMinutes(5), CancellationToken.None));

        /// <summary>Makes a run, or goes on with it where it was begun; says why, where it did not end well.</summary>
        public string? Make(string[] words, string folder)
        {
            string? cause = null;
            _process.Value.Run([new RunOrder(words, folder, ReportChoice.None)], (_, outcome) => cause = outcome.Cause);
            return cause;
        }

        public void Dispose()
        {
            if (_process.IsValueCreated) _process.Value.Dispose();
        }
    }

    public void Dispose() => _program.Dispose();

    /// <param name="line">Small, and long enough to be killed: about a second of work.</param>
    /// <param name="within">Whether a job under way is kept too.</param>
    [TheoryThatNeeds(Need.Unix)]
    [InlineData("nrt starts --starts 20", false)]
    [InlineData("nrt slack --dimension 8 --rank 4 --depth 2,3 --seeds 4 --steps 1000", false)]
    [InlineData("nrt completion --size 30 --rank 2 --seen 400 --depth 1,2 --steps 4000", true)]
    [InlineData("nrt curves --problem identity --dimension 12 --rank 6 --depth 2,3 --steps 20000", true)]
    [InlineData("nrt steps --dimension 12 --rank 6 --depth 2 --tau 1000 --steps 20000", true)]
    [InlineData("nrt saddles --dimension 6 --modes 3,1 --depth 2,3 --lr 5e-4", true)]
    [InlineData("rnbu binary --to 1e-300 --lr 1e-3 --steps 6000", true)]
    [InlineData("rnbu multiclass --images 40 --hidden 12-11 --to 1e-300 --steps 1000", true)]
    [InlineData("rnbu conv-factorisation --to 1e-300 --steps 1000", true)]
    [InlineData("rnbu conv-autoencoder --to 1e-300 --lr 1e-3 --steps 80", true)]
    [InlineData("jt nonlinear --images 60 --channels 2 --width 32 --batch 16 --loss 1e-12 --steps 300", true)]
    public void What_is_killed_and_resumed_ends_in_the_same_bits(string line, bool within)
    {
        string[] words = ["paper", .. line.Split(' '), "--threads", "1"];
        Kill(words, within);
        Assert.Equal(maker.Make(words, PathOf("whole")), maker.Make(words, PathOf("killed")));
        string[] files = [.. Directory.GetFiles(PathOf("whole")).Select(file => Path.GetFileName(file)!).Order()];
        Assert.Equal(files, Directory.GetFiles(PathOf("killed")).Select(file => Path.GetFileName(file)!).Order());
        foreach (var file in files.Where(file => Path.GetExtension(file) is ".csv" or ".npz"))
            Assert.True(File.ReadAllBytes(PathOf("whole", file)).AsSpan().SequenceEqual(File.ReadAllBytes(PathOf("killed", file))),
                $"{file} differs");
        Assert.Equal(Summary("whole").ToJsonString(), Summary("killed").ToJsonString());
        Assert.Single(JsonNode.Parse(File.ReadAllText(PathOf("killed", "run.json")))!["resumed"]!.AsArray());
    }

    [Fact]
    public void What_is_interrupted_claims_nothing_and_goes_on()
    {
        string[] words = ["paper", "nrt", "starts", "--starts", "40", "--threads", "1"];
        using (var process = _program.Start([.. words, "--out", "killed", "--checkpoint-every", "0.05"]))
        {
            WaitForCheckpoint(process, within: false);
            TorchAlignProgram.Signal("TERM", process.Id);
            Assert.Equal(143, TorchAlignProgram.Finish(process).ExitCode);
        }
        Assert.Equal("interrupted", (string?)Summary("killed")["result"]);
        Assert.Matches(@"Interrupted after \d+ of 80 jobs", File.ReadAllText(PathOf("killed", "report.html")));
        Assert.Null(maker.Make(words, PathOf("killed")));
        Assert.Equal("all-as-predicted", (string?)Summary("killed")["result"]);
        Assert.Equal(81, File.ReadLines(PathOf("killed", "starts.csv")).Count());
        var again = _program.Run("paper", "nrt", "starts", "--resume", "killed");
        Assert.Contains("finished", again.Output);
    }

    [Fact]
    public void What_was_changed_is_refused()
    {
        string[] resume = ["paper", "nrt", "starts", "--resume", "killed"];
        Kill(["paper", "nrt", "starts", "--starts", "20", "--threads", "1"], within: false, twice: true);
        Assert.Contains("it cannot be given with --starts", Refusal([.. resume, "--starts", "3"]));
        Assert.Contains("'paper nrt starts'", Refusal("paper", "rnbu", "binary", "--resume", "killed"));
        var run = PathOf("killed", "run.json");
        var description = File.ReadAllText(run);
        File.WriteAllText(run, description.Replace("\"starts\": 20", "\"starts\": 21"));
        Assert.Contains("has been changed since the run began", Refusal(resume));
        File.WriteAllText(run, description);
        var damaged = File.ReadAllBytes(PathOf("killed", "checkpoint.npz"));
        damaged[damaged.Length / 2] ^= 1;
        File.WriteAllBytes(PathOf("killed", "checkpoint.npz"), damaged);
        var resumed = _program.Run(resume);
        Assert.Equal(0, resumed.ExitCode);
        Assert.Contains("is damaged", resumed.Error);
        Assert.Contains("The checkpoint before it is used", resumed.Error);
    }

    /// <summary>Leaves the run "killed", which a signal ended in its middle.</summary>
    private void Kill(string[] words, bool within, bool twice = false)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            using var process = _program.Start([.. words, "--out", "killed", "--checkpoint-every", "0.05", "--replace"]);
            var waiting = WaitForCheckpoint(process, within, twice);
            TorchAlignProgram.Signal("KILL", process.Id);
            var (_, _, error) = TorchAlignProgram.Finish(process);
            Assert.True(error.Length == 0, error);
            if (waiting && File.Exists(PathOf("killed", RunFolder.UnfinishedFile))) return;
        }
        Assert.Fail("The run ended before it could be killed.");
    }

    /// <summary>
    /// Waits until a job is kept as ended, and another as under way, or a second checkpoint; false where the process ended before.
    /// </summary>
    private bool WaitForCheckpoint(System.Diagnostics.Process process, bool within, bool twice = false)
    {
        while (!process.HasExited)
        {
            try
            {
                var checkpoint = CheckpointFile.Read(PathOf("killed", CheckpointFile.Newest));
                var ended = JsonNode.Parse(checkpoint.ReadText("results"))!.AsArray().Any(job => job is not null);
                if (ended && (!twice || File.Exists(PathOf("killed", CheckpointFile.Before)))
                    && (!within || checkpoint.Entries.Keys.Any(name => name.StartsWith("job", StringComparison.Ordinal)))) return true;
            }
            catch (Exception error) when (error is IOException or DataException)
            {
                // Not there yet, or another one takes its place.
            }
            Thread.Sleep(2);
        }
        return false;
    }

    private string Refusal(params string[] words)
    {
        var refused = _program.Run(words);
        Assert.Equal(2, refused.ExitCode);
        return refused.Error;
    }

    /// <summary>summary.json without the wall time.</summary>
    private JsonObject Summary(string folder)
    {
        var summary = JsonNode.Parse(File.ReadAllText(PathOf(folder, "summary.json")))!.AsObject();
        Drop(summary);
        return summary;

        static void Drop(JsonNode? node)
        {
            if (node is JsonObject fields)
            {
                foreach (var name in fields.Select(field => field.Key).Where(name => name is "seconds" or "times").ToArray())
                    fields.Remove(name);
                foreach (var (_, inner) in fields) Drop(inner);
            }
            else if (node is JsonArray list)
            {
                foreach (var inner in list) Drop(inner);
            }
        }
    }

    private string PathOf(params string[] names) => Path.Combine([_program.Folder, .. names]);
}
