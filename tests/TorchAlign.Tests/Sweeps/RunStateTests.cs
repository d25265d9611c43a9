using System.Text.Json;
using TorchAlign.Experiments;
using TorchAlign.Experiments.Sweeps;
using TorchAlign.Experiments.Sweeps.Planning;

namespace TorchAlign.Tests.Sweeps;

/// <summary>Every end of a run has one state.</summary>
public sealed class RunStateTests : IDisposable
{
    private readonly SweepSamples _sweep = new();

    public void Dispose() => _sweep.Dispose();

    [Theory]
    [InlineData("found", "Done")]
    [InlineData("step-limit", "Done")]
    [InlineData("crossed", "Crossed")]
    [InlineData("critical-point", "Missed")]
    [InlineData("float64-exhausted", "Missed")]
    [InlineData("non-finite", "Diverged")]
    [InlineData("step-too-small", "Diverged")]
    [InlineData("not-all-as-predicted", "Missed")]
    [InlineData("interrupted", "Unfinished")]
    public void The_end_of_a_network_or_of_an_experiment_says_how_it_went(string result, string state)
    {
        var network = _sweep.Add(new Dictionary<string, string> { ["seed"] = "1" }, 0.5, result);
        Assert.Equal(state, Of(network));
        var paper = _sweep.Add(new Dictionary<string, string> { ["seed"] = "2" }, 0.5);
        _sweep.Write(paper, "run.json", """{"networks": []}""");
        _sweep.Write(paper, "summary.json", JsonSerializer.Serialize(new { result, results = new { } }));
        Assert.Equal(state, Of(paper));
        foreach (var run in (PlannedRun[])[network, paper])
        {
            var folder = _sweep.Folder.RunFolder(run);
            var cause = RunStates.CauseOf(folder, RunStates.Of(folder));
            Assert.Equal(state is "Diverged" or "Missed" ? $"It ended as {result}." : null, cause);
        }
    }

    [Fact]
    public void One_network_that_diverged_is_enough()
    {
        var run = _sweep.Add(new Dictionary<string, string>(), 0.5);
        _sweep.Write(run, "run.json", """{"networks": [{}, {}]}""");
        _sweep.Write(run, "summary.json", """{"networks": [{"result": "found"}, {"result": "non-finite"}]}""");
        Assert.Equal("Diverged", Of(run));
        // One whose turn did not come makes no end.
        _sweep.Write(run, "summary.json", """{"networks": [{"result": "non-finite"}]}""");
        Assert.Equal("Unfinished", Of(run));
    }

    [Fact]
    public void Exit_status_1_is_a_failure_without_files_and_a_miss_with_them()
    {
        var outcome = RunStart.OutcomeOf(CommandLine.Failure, 1);
        Assert.False(outcome.Stopped);
        var whole = _sweep.Add(new Dictionary<string, string> { ["seed"] = "1" }, 0.5);
        RunStates.Fail(_sweep.Folder.RunFolder(whole), outcome.Cause!);
        Assert.Equal("Missed", Of(whole));
        Assert.Equal("It ended with exit status 1.", RunStates.CauseOf(_sweep.Folder.RunFolder(whole), RunState.Missed));
        var none = _sweep.Folder.PathOf("runs", "none");
        RunStates.Fail(none, outcome.Cause!);
        Assert.Equal(RunState.Failed, RunStates.Of(none));
        // Whole in a later attempt, which forgives the first.
        RunStates.Forgive(_sweep.Folder.RunFolder(whole));
        Assert.Equal("Done", Of(whole));
    }

    private string Of(PlannedRun run) => RunStates.Of(_sweep.Folder.RunFolder(run)).ToString();
}
