using TorchAlign.Experiments;
using TorchAlign.Experiments.Sweeps.Planning;
using TorchAlign.Experiments.Sweeps.Studies;
using TorchAlign.Tests.Data;

namespace TorchAlign.Tests.Sweeps;

/// <summary>Runs are named by what decides their numbers, and what cannot run is found before anything does.</summary>
public sealed class PlannerTests : IDisposable
{
    private static readonly System.CommandLine.Command Root = CommandLine.Root();

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Equal_configurations_are_one_run()
    {
        // One layer has no width, and 0.01 is the scale that nobody gave.
        Assert.Single(Plan("grid: {depth: [1], width: [2, 4, 8], scale: [0.01, 1e-2]}"));
        Assert.Equal(3, Plan("grid: {depth: [2], width: [2, 4, 8], scale: [0.01, 1e-2]}").Count);
        Assert.Equal(Hash("fixed: {depth: 2}"), Hash("fixed: {scale: 0.01, depth: 2, loss: exponential}"));
        Assert.NotEqual(Hash("fixed: {depth: 2}"), Hash("fixed: {depth: 2, scale: 0.02}"));
        Assert.NotEqual(Hash("fixed: {depth: 2, seed: 1}"), Hash("fixed: {depth: 2, seed: 2}"));
    }

    [Fact]
    public void Data_are_known_by_their_content()
    {
        string[] cells = ["1,0,a", "0.5,1,a", "-1,0,b", "-0.5,-1,b"];
        var first = _folder.Write("first.csv", string.Join('\n', cells));
        var moved = _folder.Write("moved.csv", string.Join('\n', cells));
        var other = _folder.Write("other.csv", string.Join('\n', [.. cells.Skip(1), "1,0.25,a"]));
        string HashOf(string file) => Hash($"fixed: {{depth: 1, no-header: true, positive: a, data: '{file}'}}");
        Assert.Equal(HashOf(first), HashOf(moved));
        Assert.NotEqual(HashOf(first), HashOf(other));
    }

    [Theory]
    [InlineData("grid:\n  scale: [0.1, 0]", "4:16", "scale")]
    [InlineData("grid:\n  data: [planar, missing.csv]", "4:18", "missing.csv")]
    [InlineData("fixed:\n  to: 2", "4:7", "--to must lie above 0 and below 1")]
    [InlineData("fixed:\n  points: 1", "4:11", "--points must be at least 2")]
    [InlineData("fixed:\n  method: flow\n  rule: constant", "5:9", "--rule would do nothing here")]
    [InlineData("fixed:\n  hidden: 3-3\ngrid:\n  depth: [2]", "6:11", "--depth would do nothing here")]
    [InlineData("fixed:\n  data: iris\n  drop: petals", "5:9", "no column 'petals'")]
    [InlineData("grid:\n  depth: [1, 2, 0]", "4:17", "--depth")]
    [InlineData("grid:\n  loss: [logistic, hinge]", "4:20", "hinge")]
    [InlineData("grid:\n  stepper: [seulex, dopri5]\n  field: [autograd]", "4:13", "seulex")]
    public void A_value_that_cannot_run_is_found_where_it_stands(string study, string place, string mentions)
    {
        var error = Assert.Throws<CommandException>(() => Plan(study));
        Assert.StartsWith($"study.yaml:{place}: ", error.Message);
        Assert.Contains(mentions, error.Message);
        Assert.Single(error.Message.Split('\n'));
    }

    [Fact]
    public void Planning_can_be_interrupted()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        // All of them take seconds.
        Assert.ThrowsAny<OperationCanceledException>(() => Plan("grid: {scale: {linear: [0.1, 1], count: 50000}}", stop.Token));
    }

    [Fact]
    public void Too_many_runs_are_refused_before_they_are_listed() =>
        Assert.Contains("1E+12 runs", Assert.Throws<CommandException>(() => Plan("""
            grid:
              scale: {linear: [0.1, 1], count: 10000}
              step: {linear: [0.1, 1], count: 10000}
            seeds: 10000
            """)).Message);

    [Fact]
    public void A_paper_s_figure_is_a_command_too()
    {
        var study = StudyReader.Read("study.yaml", "name: a\ncommand: paper jt figure1\nseeds: 3", Root);
        var runs = Planner.Plan(study, Root, CancellationToken.None);
        Assert.Equal(3, runs.Count);
        Assert.Equal(["paper", "jt", "figure1", "--seed=1", "--threads=1"], runs[0].Arguments);
    }

    private static string Hash(string study) => Plan(study).Single().Hash;

    private static IReadOnlyList<PlannedRun> Plan(string study, CancellationToken cancellation = default) =>
        Planner.Plan(StudyReader.Read("study.yaml", "name: a\ncommand: train\n" + study, Root), Root, cancellation);
}
