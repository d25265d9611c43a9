using TorchAlign.Experiments;
using TorchAlign.Experiments.Sweeps.Studies;

namespace TorchAlign.Tests.Sweeps;

/// <summary>What a study means, and what is said of one that means nothing.</summary>
public sealed class StudyTests
{
    private static readonly System.CommandLine.Command Root = CommandLine.Root();

    [Fact]
    public void A_study_is_the_product_of_its_axes()
    {
        var study = Read("""
            name: all-kinds
            command: train
            fixed: {data: planar, center: false}
            grid:
              loss: [exponential, logistic]
              scale: {log: [1e-3, 1e-1], count: 3}
            zip:
              - depth: [2, 3]
                width: [8, 4]
            seeds: {count: 2, first: 5}
            """);
        string[] points =
            [.. study.Points().Select(point => string.Join(' ', point.Select(setting => $"{setting.Option}={setting.Text}")))];
        Assert.Equal(24, study.Count);
        Assert.Equal(24, points.Distinct().Count());
        Assert.Equal("data=planar center=false loss=exponential scale=0.001 depth=2 width=8 seed=5", points[0]);
        Assert.Equal("data=planar center=false loss=exponential scale=0.001 depth=2 width=8 seed=6", points[1]);
        Assert.Equal("data=planar center=false loss=exponential scale=0.001 depth=3 width=4 seed=5", points[2]);
        Assert.Contains("scale=0.01 ", points[4]);
        Assert.EndsWith("loss=logistic scale=0.1 depth=3 width=4 seed=6", points[^1]);
    }

    [Theory]
    [InlineData("width: {linear: [2, 5], count: 4}", "2 3 4 5")]
    [InlineData("width: {log: [2, 32], count: 5}", "2 4 8 16 32")]
    [InlineData("width: {log: [1, 4], count: 9}", "1 2 3 4")]
    [InlineData("depth: {linear: [1, 5], count: 3}", "1 3 5")]
    [InlineData("width: {linear: [10, 1], count: 4}", "10 7 4 1")]
    [InlineData("points: {linear: [10, 100], count: 4}", "10 40 70 100")]
    [InlineData("steps: {log: [1e3, 1e6], count: 5}", "1000 5623 31623 177828 1000000")]
    [InlineData("steps: {linear: [1, 10], count: 4}", "1 4 7 10")]
    [InlineData("scale: {linear: [0, 1], count: 5}", "0 0.25 0.5 0.75 1")]
    [InlineData("to: {log: [1e-12, 1e-3], count: 4}", "1e-12 1e-09 1e-06 0.001")]
    [InlineData("risk: {linear: [-100, -50], count: 2}", "-100 -50")]
    [InlineData("step: [0.1, 1e-3]", "0.1 1e-3")]
    [InlineData("separated: [true, false]", "true false")]
    [InlineData("depth: \"1,4\"", "1,4")]
    public void Lists_and_ranges_give_these_values(string grid, string values) => Assert.Equal(values,
        string.Join(' ', Read($"name: a\ncommand: train\ngrid:\n  {grid}\n").Axes.Single().Points.Select(point => point.Single().Text)));

    /// <summary>The steps of these experiments are whole numbers of 64 bits.</summary>
    [Fact]
    public void A_log_range_of_a_long_option_is_rounded() => Assert.Equal(["10", "46", "215", "1000"],
        Read("name: a\ncommand: paper rnbu binary\ngrid:\n  steps: {log: [10, 1000], count: 4}\n").Axes.Single().Points
            .Select(point => point.Single().Text));

    /// <summary>Line and column are those of the value or the key at fault.</summary>
    [Theory]
    [InlineData("", "1:1", "mapping")]
    [InlineData("name: a", "1:1", "needs a command")]
    [InlineData("command: train", "1:1", "needs a name")]
    [InlineData("name: a/b\ncommand: train", "1:7", "folder")]
    [InlineData("name: a\ncommand: trian", "2:10", "did you mean 'train'")]
    [InlineData("name: a\ncommand: doctor", "2:10", "makes runs")]
    [InlineData("name: a\ncommand: train\ngird: {}", "3:1", "did you mean 'grid'")]
    [InlineData("name: a\ncommand: train\nfixed:\n  dept: 3", "4:3", "did you mean 'depth'")]
    [InlineData("name: a\ncommand: train\nfixed:\n  out: x", "4:3", "the sweep's own")]
    [InlineData("name: a\ncommand: train\nfixed:\n  width: wide", "4:10", "whole number")]
    [InlineData("name: a\ncommand: train\nfixed:\n  width: 2.5", "4:10", "whole number")]
    [InlineData("name: a\ncommand: train\nfixed:\n  scale: [0.1]", "4:10", "one value")]
    [InlineData("name: a\ncommand: train\nfixed:\n  scale:", "4:9", "no value")]
    [InlineData("name: a\ncommand: train\nfixed:\n  separated: yes", "4:14", "true or false")]
    [InlineData("name: a\ncommand: train\nfixed: [1]", "3:8", "mapping")]
    [InlineData("name: a\ncommand: train\ngrid:\n  depth: []", "4:10", "empty")]
    [InlineData("name: a\ncommand: train\ngrid:\n  depth: [[1, 4]]", "4:11", "one value")]
    [InlineData("name: a\ncommand: train\nfixed: {depth: 1}\ngrid:\n  depth: [1]", "5:3", "line 3")]
    [InlineData("name: a\ncommand: train\ngrid:\n  scale: {log: [0, 1], count: 3}", "4:10", "positive")]
    [InlineData("name: a\ncommand: train\ngrid:\n  scale: {log: [1, 2]}", "4:10", "count")]
    [InlineData("name: a\ncommand: train\ngrid:\n  loss: {linear: [1, 2], count: 2}", "4:9", "Must be one of")]
    [InlineData("name: a\ncommand: train\nzip:\n- depth: [1, 2]\n  width: [1, 2, 3]", "5:10", "3 values")]
    [InlineData("name: a\ncommand: train\nseeds: {count: 0}", "3:16", "from 1")]
    [InlineData("name: a\ncommand: train\nseeds: {first: 1}", "3:8", "count")]
    [InlineData("name: a\ncommand: train\nfixed: {seed: 1}\nseeds: 3", "4:8", "line 3")]
    [InlineData("name: a\ncommand: train\ngrid:\n  width: {linear: [1, 10], count: 3}", "4:10", "differ by 4.5. A count")]
    [InlineData("name: a\ncommand: train\ngrid:\n  width: {linear: [1, 10], count: 3}", "4:10", "gives whole numbers: 2, 4, 10;")]
    [InlineData("name: a\ncommand: train\ngrid:\n  width: {linear: [1, 4], count: 9}", "4:10", "whole numbers: 2, 4;")]
    [InlineData("name: a\ncommand: train\ngrid:\n  depth: {linear: [1, 4], count: 3}", "4:10", "whole numbers: 2, 4;")]
    [InlineData("name: a\ncommand: train\ngrid:\n  steps: {linear: [100, 1000], count: 8}", "4:10", ": 4, 5, 6, 7, 10, 11;")]
    [InlineData("name: a\ncommand: train\ngrid:\n  width: {log: [1.5, 4], count: 3}", "4:10", "so does a range of it; got [1.5, 4]")]
    [InlineData("name: a\ncommand: train\nslurm: {time: soon}", "3:15", "minutes")]
    [InlineData("name: a\ncommand: train\nslurm: {time: 1}", "3:15", "more than 2 minutes")]
    [InlineData("name: a\ncommand: train\nslurm: {time: \"2:00\"}", "3:15", "more than 2 minutes")]
    [InlineData("name: a\ncommand: train\nslurm: {time: \"0:01:00\"}", "3:15", "more than 2 minutes")]
    [InlineData("name: a\ncommand: train\nslurm: {time: 0-0:2}", "3:15", "more than 2 minutes")]
    [InlineData("name: a\ncommand: train\nslurm: {memory: 1e9}", "3:17", "2G")]
    [InlineData("name: a\ncommand: train\nslurm: {options: {array: 1-3}}", "3:19", "itself")]
    [InlineData("name: a\nname: b\ncommand: train", "2:1", "not YAML")]
    [InlineData("name: \"a\ncommand: train", "1:7", "not YAML")]
    [InlineData("name: a\ncommand: train\nfixed: &x {depth: 1}\ngrid: *x", "4:7", "aliases")]
    public void What_is_wrong_is_said_by_line_and_column(string text, string place, string mentions)
    {
        var error = Assert.Throws<CommandException>(() => Planned(text));
        Assert.StartsWith($"study.yaml:{place}: ", error.Message);
        Assert.Contains(mentions, error.Message);
    }

    [Theory]
    [InlineData("3")]
    [InlineData("2:01")]
    [InlineData("0:02:01")]
    [InlineData("0-1")]
    [InlineData("1-00:30")]
    [InlineData("0")]
    public void A_time_limit_leaves_time_to_work(string time) =>
        Assert.Equal(time, Read($"name: a\ncommand: train\nslurm: {{time: \"{time}\"}}").Slurm.Time);

    [Fact]
    public void Everything_wrong_is_said_at_once()
    {
        var error = Assert.Throws<CommandException>(() => Read("name: a\ncommand: train\nfixed: {dept: 1, widht: 2}\nseeds: many\n"));
        Assert.Equal(3, error.Message.Split('\n').Length);
    }

    [Fact]
    public void A_study_nested_too_deep_is_refused() =>
        Assert.Contains("nested", Assert.Throws<CommandException>(() => Read("a: " + new string('[', 100_000))).Message);

    private static Study Read(string text) => StudyReader.Read("study.yaml", text, Root);

    private static void Planned(string text) =>
        TorchAlign.Experiments.Sweeps.Planning.Planner.Plan(Read(text), Root, CancellationToken.None);
}
