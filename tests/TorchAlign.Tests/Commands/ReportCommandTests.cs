using TorchAlign.Experiments;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Sweeps;

namespace TorchAlign.Tests.Commands;

/// <summary><c>torchalign report</c>, and which runs of a sweep have a report at all.</summary>
public sealed class ReportCommandTests : IDisposable
{
    private readonly Program _program = new();

    public void Dispose() => _program.Dispose();

    [Fact]
    public void A_page_made_again_is_the_page()
    {
        Train("a", "--depth", "1,2");
        Again("a");
        Assert.Equal(0, _program.Run("paper", "nrt", "starts", "--dimension", "3", "--rank", "2", "--points", "6", "--starts", "2",
            "--depth", "2", "--threads", "1", "--out", "starts").ExitCode);
        Again("starts");

        void Again(string folder)
        {
            var before = File.ReadAllText(In(folder, "report.html"));
            File.Delete(In(folder, "report.html"));
            Assert.Equal(0, _program.Run("report", folder).ExitCode);
            Assert.Equal(before, File.ReadAllText(In(folder, "report.html")));
        }
    }

    [Fact]
    public void Several_runs_are_laid_over_each_other()
    {
        Train("a", "--depth", "2");
        Train("b", "--depth", "2", "--seed", "8");
        var result = _program.Run("report", "a", "b", "--out", "both");
        Assert.Equal((0, ""), (result.ExitCode, Lines(result.Error, "torchalign")));
        var html = File.ReadAllText(In("both", "report.html"));
        foreach (var label in (string[])["a: L = 2", "b: L = 2", "Their data differ"]) Assert.Contains(label, html);
        // Once more into the same folder, which holds nothing but that page.
        Assert.Equal(0, _program.Run("report", "a", "b", "--out", "both").ExitCode);
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        Train("a", "--depth", "2");
        Directory.CreateDirectory(In("empty"));
        Refused("has no run.json", "empty");
        Train("b", "--depth", "2", "--seed", "8");
        Refused("--out DIR", "a", "b");
        Refused("holds no page alone", "a", "b", "--out", "a");
        Refused("named twice", "a", "a", "--out", "both");
        Assert.False(Directory.Exists(In("both")));
        File.Delete(In("a", "trajectory.csv"));
        Refused("trajectory.csv", "a");

        void Refused(string words, params string[] arguments)
        {
            var result = _program.Run(["report", .. arguments]);
            Assert.Equal(CommandLine.BadInput, result.ExitCode);
            Assert.Contains(words, result.Error);
        }
    }

    [Theory]
    [InlineData(ReportChoice.All, true, true)]
    [InlineData(ReportChoice.Failed, false, true)]
    [InlineData(ReportChoice.None, false, false)]
    public async Task A_sweep_has_the_reports_that_are_wanted(string wanted, bool ofGood, bool ofFailed)
    {
        // The steps of the latter are too long.
        string[] words =
        [
            "train", "--data=iris", "--positive=versicolor", "--method=descent", "--rule=constant", "--depth=3", "--threads=1", "--steps=1000",
        ];
        foreach (var (name, step, report) in ((string, string, bool)[])[("good", "0.01", ofGood), ("bad", "10", ofFailed)])
        {
            var folder = In("runs", name);
            await RunStart.Execute(CommandLine.Root(), [new RunOrder([.. words, $"--step={step}"], folder, wanted)], (_, _) => { },
                CancellationToken.None);
            Assert.Equal(name == "good", RunStates.Of(folder) == RunState.Done);
            Assert.True(File.Exists(Path.Combine(folder, "summary.json")));
            Assert.Equal(report, File.Exists(Path.Combine(folder, "report.html")));
        }
    }

    private void Train(string folder, params string[] more) => Assert.Equal(0, _program.Run(
        ["train", "--to", "1e-2", "--threads", "1", .. more, "--out", folder]).ExitCode);

    private string In(params string[] names) => Path.Combine([_program.Folder, .. names]);

    /// <summary>Lines but for those on charts that a machine without vega does not draw.</summary>
    private static string Lines(string text, string start) => string.Concat(text.Split('\n')
        .Where(line => line.StartsWith(start, StringComparison.Ordinal) && !line.Contains("Vega")));
}
