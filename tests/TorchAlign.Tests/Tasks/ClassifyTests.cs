using System.Text.Json.Nodes;
using TorchAlign.Data;
using TorchAlign.Experiments.Runs;
using TorchAlign.Numerics;
using TorchAlignProgram = TorchAlign.Tests.Commands.Program;

namespace TorchAlign.Tests.Tasks;

/// <summary><c>train --task classify</c> on three and on ten classes, and against one output where there are two.</summary>
public sealed class ClassifyTests : IDisposable
{
    private static readonly string[] Iris =
        ["train", "--task", "classify", "--data", "iris", "--standardize", "--append-constant", "--width", "8", "--scale", "0.3"];

    private readonly TorchAlignProgram _program = new();

    public void Dispose() => _program.Dispose();

    [Theory]
    [InlineData("--method", "flow")]
    [InlineData("--method", "descent")]
    [InlineData("--field", "torch")]
    public void Iris_has_three_classes(string option, string value)
    {
        _program.Make([.. Iris, "--depth", "2", "--steps", "400", option, value, "--out", "iris"]);
        var (summary, network) = (_program.Summary("iris"), _program.Network("iris"));
        Assert.Equal(["setosa", "versicolor", "virginica"],
            summary["results"]!["data"]!["outputs"]!.AsArray().Select(name => (string?)name));
        Assert.Equal([5, 8, 3], network["widths"]!.AsArray().Select(width => (int)width!));
        Assert.InRange((double)network["classes"]!["accuracy"]!, 0.95, 1);
        HoldsAgainstItsFormula("iris", "iris", new ReadOptions { Standardize = true, AppendConstant = true });
    }

    [Fact]
    public void The_digits_have_ten()
    {
        _program.Make("train", "--task", "classify", "--data", "digits", "--depth", "2", "--width", "12", "--scale", "0.3",
            "--method", "descent", "--steps", "80", "--samples", "5", "--out", "digits");
        Assert.Equal([64, 12, 10], _program.Network("digits")["widths"]!.AsArray().Select(width => (int)width!));
        Assert.InRange((double)_program.Network("digits")["classes"]!["accuracy"]!, 0.5, 1);
        HoldsAgainstItsFormula("digits", "digits", new ReadOptions());
    }

    /// <summary>
    /// From W = 0 the rows of a network of two classes stay opposite, and their difference descends on the logistic loss of one output at
    /// twice the step.
    /// </summary>
    [Fact]
    public void Two_classes_of_one_layer_are_logistic_regression()
    {
        string[] line = ["train", "--data", "planar", "--seed", "3", "--method", "descent", "--rule", "constant", "--depth", "1",
            "--init", "zero-first", "--steps", "300"];
        _program.Make([.. line, "--task", "classify", "--step", "0.5", "--out", "two"]);
        _program.Make([.. line, "--loss", "logistic", "--step", "1", "--out", "one"]);
        var (two, one) = (_program.Column("two", "log10_risk"), _program.Column("one", "log10_risk"));
        Assert.Equal(one.Length, two.Length);
        Assert.All(one.Zip(two), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        var (rows, row) = (_program.Layer("two", "W1"), _program.Layer("one", "W1"));
        for (var j = 0; j < 2; j++)
        {
            Assert.Equal(row[0, j], rows[1, j] - rows[0, j], 1e-11);
            Assert.Equal(rows[0, j], -rows[1, j], 1e-11);
        }
    }

    /// <summary>The flow goes on below the least float64, conserves balancedness, and its normalised margin grows.</summary>
    [Fact]
    public void The_log_risk_clock_goes_below_float64()
    {
        _program.Make("train", "--task", "classify", "--data", "planar", "--depth", "2", "--scale", "0.3", "--risk", "-400",
            "--rtol", "1e-6", "--steps", "1e5", "--samples", "10", "--out", "deep");
        var network = _program.Network("deep");
        Assert.Equal("risk-below", (string?)network["result"]);
        Assert.True((double)network["log10Risk"]! <= -400);
        Assert.Equal(1, (double)network["classes"]!["accuracy"]!);
        Assert.True((double)network["classes"]!["normalizedMargin"]! > 0);
        Assert.InRange((double)network["balancednessDrift"]!, 0, 1e-4);
        var margins = _program.Column("deep", "smoothed_margin");
        Assert.Equal(margins[^6..].Order(), margins[^6..]);
    }

    [Fact]
    public void It_stops_where_the_points_are_separated()
    {
        _program.Make("train", "--task", "classify", "--data", "planar", "--depth", "1", "--separated", "--out", "a");
        Assert.Equal("separated", (string?)_program.Network("a")["result"]);
        var accuracy = _program.Column("a", "accuracy");
        Assert.Equal(1, accuracy[^1]);
        Assert.All(accuracy[..^1], share => Assert.True(share < 1));
    }

    /// <summary>Fewer samples than inputs go through the layers themselves: another way to the same gradient.</summary>
    [Fact]
    public void Few_points_in_many_dimensions_take_the_same_run()
    {
        var random = new RandomStream(2);
        var text = string.Join(',', Enumerable.Range(0, 9).Select(j => $"x{j}")) + ",y\n";
        for (var i = 0; i < 6; i++)
            text += string.Join(',', Enumerable.Range(0, 9).Select(_ => $"{random.NextInt32(1000) - 500}")) + $",{i % 3}\n";
        _program.Write("few.csv", text);
        foreach (var field in (string[])["fused", "torch"])
            _program.Make("train", "--task", "classify", "--data", "few.csv", "--depth", "3", "--scale", "0.8", "--method", "descent",
                "--step", "0.2", "--steps", "200", "--field", field, "--out", field);
        Assert.All(_program.Column("fused", "log10_risk").Zip(_program.Column("torch", "log10_risk")),
            pair => Assert.Equal(pair.First, pair.Second, 1e-11));
    }

    [Fact]
    public void A_run_can_start_from_another()
    {
        _program.Make([.. Iris, "--depth", "2", "--steps", "20", "--out", "first"]);
        _program.Make("train", "--task", "classify", "--data", "iris", "--standardize", "--append-constant", "--start",
            Path.Combine(_program.Folder, "first", "state.npz"), "--steps", "5", "--out", "second");
        Assert.Equal(_program.Layer("first", "W1").Values.ToArray(), _program.Layer("second", "L2_W1_initial").Values.ToArray());
        var refused = _program.Run("train", "--task", "classify", "--data", "planar", "--start",
            Path.Combine(_program.Folder, "first", "state.npz"));
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("W_1 must have shape (d_1, 2)", refused.Error);
    }

    [Theory]
    [InlineData("--targets", "a", "--targets: for --task regress")]
    [InlineData("--rule", "assumption5", "Assumption 5 is for the margins of one output")]
    [InlineData("--rule", "nrt", "guaranteed for the squared loss")]
    [InlineData("--label", "sepal_length", "")]
    [InlineData("--step", "-1", "")]
    public void What_does_not_go_together_is_refused(string option, string value, string said)
    {
        var result = _program.Run("train", "--task", "classify", "--data", "iris", "--method", "descent", option, value);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(said, result.Error);
        Assert.DoesNotContain("This should not happen", result.Error);
        Assert.False(Directory.Exists(Path.Combine(_program.Folder, "runs", "run")));
    }

    /// <summary>Risk, accuracy and margin at the last point, from the layers in state.npz by the definitions.</summary>
    private void HoldsAgainstItsFormula(string run, string data, ReadOptions options)
    {
        var set = ClassTable.Read(DataLoading.PathOf(data), options).Set;
        var product = _program.Layer(run, "W2") * _program.Layer(run, "W1");
        var largest = Enumerable.Range(0, set.Count).Max(i => Math.Sqrt(set.X.Row(i).ToArray().Sum(value => value * value)));
        double risk = 0, margin = double.PositiveInfinity;
        var right = 0;
        for (var i = 0; i < set.Count; i++)
        {
            var scores = Enumerable.Range(0, set.Classes)
                .Select(c => Enumerable.Range(0, set.Dimension).Sum(j => product[c, j] * set.X[i, j] / largest)).ToArray();
            risk += Math.Log(scores.Sum(Math.Exp)) - scores[set.Labels[i]];
            var lead = scores[set.Labels[i]] - scores.Where((_, c) => c != set.Labels[i]).Max();
            if (lead > 0) right++;
            margin = Math.Min(margin, lead);
        }
        var network = _program.Network(run);
        Assert.Equal(Math.Log10(risk / set.Count), (double)network["log10Risk"]!, 1e-10);
        var classes = network["classes"]!;
        Assert.Equal((double)right / set.Count, (double)classes["accuracy"]!);
        Assert.Equal(1 - (double)right / set.Count, (double)classes["trainingError"]!, 1e-15);
        Assert.Equal(margin / product.FrobeniusNorm, (double)classes["directionMargin"]!, 1e-10);
        Assert.Equal(margin / (_program.Layer(run, "W1").FrobeniusNorm * _program.Layer(run, "W2").FrobeniusNorm),
            (double)classes["normalizedMargin"]!, 1e-10);
    }
}
