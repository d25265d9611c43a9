using TorchAlign.Experiments.Sweeps.Planning;

namespace TorchAlign.Tests.Sweeps;

/// <summary>Which runs of a sweep are made together.</summary>
public class RunBatchesTests
{
    private static readonly string[] Descent = ["--method=descent", "--field=torch", "--rule=constant"];

    [Fact]
    public void Runs_that_differ_in_seed_start_step_and_target_are_one_batch()
    {
        var runs = Runs(["--seed=1"], ["--seed=2"], ["--seed=3", "--init=balanced", "--scale=0.1"], ["--seed=1", "--step=0.5"],
            ["--seed=1", "--to=1e-3"], ["--seed=1", "--samples=3"]);
        Assert.Equal([runs], RunBatches.Of(runs, ["train"], jobs: 1));
    }

    [Theory]
    [InlineData("--depth=2")]
    [InlineData("--width=5")]
    [InlineData("--loss=logistic")]
    [InlineData("--rule=loss-scaled")]
    [InlineData("--points=50")]
    [InlineData("--data=iris")]
    [InlineData("--threads=3")]
    [InlineData("--dtype=float32")]
    public void What_changes_the_shape_of_the_problem_is_another_batch(string option)
    {
        var runs = Runs(["--seed=1"], ["--seed=1", option], ["--seed=2"], ["--seed=2", option]);
        Assert.Equal([[runs[0], runs[2]], [runs[1], runs[3]]], RunBatches.Of(runs, ["train"], jobs: 1));
    }

    [Theory]
    [InlineData("--field=fused")]
    [InlineData("--field=autograd")]
    [InlineData("--method=flow --stepper=euler")]
    [InlineData("--seconds=10")]
    public void What_a_batch_cannot_do_is_made_alone(string options)
    {
        var runs = Runs([.. options.Split(' '), "--seed=1"], [.. options.Split(' '), "--seed=2"]);
        Assert.Equal([[runs[0]], [runs[1]]], RunBatches.Of(runs, ["train"], jobs: 1));
    }

    [Theory]
    [InlineData("--rtol=1e-6")]
    [InlineData("--clock=arc-length")]
    public void Flows_of_one_clock_and_tolerance_are_one_batch(string option)
    {
        string[] flow = ["--method=flow", "--stepper=dopri5", "--field=torch"];
        var runs = Runs([.. flow, "--seed=1"], [.. flow, "--seed=1", option], [.. flow, "--seed=2"], [.. flow, "--seed=2", option]);
        Assert.Equal([[runs[0], runs[2]], [runs[1], runs[3]]], RunBatches.Of(runs, ["train"], jobs: 1));
    }

    [Fact]
    public void Workers_share_a_batch()
    {
        var runs = Runs([.. Enumerable.Range(0, 7).Select(seed => new[] { $"--seed={seed}" })]);
        Assert.Equal([4, 3], RunBatches.Of(runs, ["train"], jobs: 2).Select(batch => batch.Count));
        Assert.Equal(7, RunBatches.Of(runs, ["train"], jobs: 16).Count);
    }

    [Fact]
    public void A_GPU_takes_a_batch_as_one()
    {
        var runs = Runs([.. Enumerable.Range(0, 7).Select(seed => new[] { $"--seed={seed}", "--device=cuda:1" })]);
        Assert.Equal([runs], RunBatches.Of(runs, ["train"], jobs: 16));
    }

    [Fact]
    public void No_batch_holds_more_than_a_thousand()
    {
        var runs = Runs([.. Enumerable.Range(0, 2500).Select(seed => new[] { $"--seed={seed}" })]);
        Assert.Equal([1000, 1000, 500], RunBatches.Of(runs, ["train"], jobs: 1).Select(batch => batch.Count));
    }

    [Fact]
    public void Other_commands_make_their_runs_one_by_one()
    {
        var runs = Runs(["--seed=1"], ["--seed=2"]);
        Assert.Equal(2, RunBatches.Of(runs, ["figure1"], jobs: 1).Count);
    }

    // A later option would not replace an earlier one, so what a row gives is left out of the common ones; a flow has no rule.
    private static PlannedRun[] Runs(params string[][] options) =>
    [
        .. options.Select((given, i) => new PlannedRun($"{i:x16}", new Dictionary<string, string>(),
            ["train", .. Descent.Where(option => given.All(other => other.Split('=')[0] != option.Split('=')[0])
                && !(given.Contains("--method=flow") && option.StartsWith("--rule", StringComparison.Ordinal))), .. given])),
    ];
}
