using System.Globalization;
using TorchAlign.Numerics;
using TorchAlignProgram = TorchAlign.Tests.Commands.Program;

namespace TorchAlign.Tests.Tasks;

/// <summary><c>train --task regress</c> against what is known in closed form.</summary>
public sealed class RegressTests : IDisposable
{
    private readonly TorchAlignProgram _program = new();
    private readonly Matrix _x, _y;

    public RegressTests()
    {
        var random = new RandomStream(17);
        (_x, _y) = (new Matrix(12, 3), new Matrix(12, 2));
        random.FillGaussian(_x.Values);
        random.FillGaussian(_y.Values);
        Write("data.csv", _x, _y);
    }

    public void Dispose() => _program.Dispose();

    /// <summary>dP/dt = -(P X X^T - Y X^T) is linear: P(t) = P* + (P(0) - P*) exp(-X X^T t).</summary>
    [Theory]
    [InlineData("squared", 1)]
    [InlineData("squared-mean", 12)]
    public void One_layer_follows_the_matrix_exponential(string loss, double divisor)
    {
        Train("one", "--loss", loss, "--depth", "1", "--scale", "1", "--time", "0.3", "--rtol", "1e-11");
        var moments = _x.TransposedTimes(_x);
        var eigen = SymmetricEigen.Of(moments);
        var least = _y.TransposedTimes(_x) * eigen.Map(value => 1 / value);
        var t = _program.Column("one", "clock")[^1];
        Assert.True(t >= 0.3);
        var exact = least + (_program.Layer("one", "L1_W1_initial") - least) * eigen.Map(value => Math.Exp(-value * t / divisor));
        Assert.Equal(0, (exact - _program.Layer("one", "W1")).FrobeniusNorm, 1e-8);
    }

    [Theory]
    [InlineData("--method", "descent")]
    [InlineData("--method", "flow")]
    [InlineData("--field", "torch")]
    public void Deep_networks_come_to_the_least_squares_solution(string option, string value)
    {
        Train("deep", "--depth", "2", "--width", "5", "--scale", "0.5", option, value);
        var network = _program.Network("deep");
        Assert.Equal("least-loss", (string?)network["result"]);
        // The normal equations, by elimination.
        var least = Solve(_x.TransposedTimes(_x), _x.TransposedTimes(_y)).Transpose();
        var product = _program.Layer("deep", "W2") * _program.Layer("deep", "W1");
        Assert.Equal(0, (product - least).FrobeniusNorm, 1e-5);
        var residual = (_y - _x.TimesTransposed(least)).FrobeniusNorm;
        Assert.Equal(residual * residual / 2, (double)network["landscape"]!["leastLoss"]!, 1e-12);
        Assert.Equal(Math.Log10(residual * residual / 2), _program.Column("deep", "log10_risk")[^1], 1e-10);
        Assert.Equal("least-loss", (string?)network["landscape"]!["kind"]);
    }

    [Fact]
    public void The_flow_keeps_balancedness_and_descent_does_not()
    {
        Train("flow", "--depth", "3", "--scale", "0.7", "--time", "1");
        Train("descent", "--depth", "3", "--scale", "0.7", "--method", "descent", "--step", "0.005", "--steps", "200");
        Assert.InRange(_program.Column("flow", "balancedness_drift").Max(), 0, 1e-8);
        Assert.InRange(_program.Column("descent", "balancedness_drift").Max(), 1e-5, 1);
    }

    /// <summary>The rate of the last approach is the least eigenvalue of the Hessian that is not 0.</summary>
    [Fact]
    public void The_excess_falls_at_the_rate_of_the_slowest_mode()
    {
        Train("rate", "--depth", "2", "--scale", "0.5", "--excess", "1e-13", "--samples", "200");
        var landscape = _program.Network("rate")["landscape"]!;
        Assert.Equal(1, (double)landscape["measuredRate"]! / (double)landscape["slowestRate"]!, 0.02);
    }

    [Theory]
    [InlineData("published")]
    [InlineData("sharpened")]
    public void The_guaranteed_step_keeps_what_it_promises(string guarantee)
    {
        Train("nrt", "--method", "descent", "--rule", "nrt", "--guarantee", guarantee, "--depth", "3", "--init", "balanced", "--scale",
            "0.6", "--steps", "2000");
        var bounds = _program.Network("nrt")["guarantee"]!;
        Assert.InRange((double)bounds["largestRise"]!, 0, 1e-12);
        Assert.True((double)bounds["leastShareOfDecrease"]! >= (double)bounds["sigma"]!);
        foreach (var ratio in (string[])["largestLayersOverK", "largestProductOverM", "largestDefectOverDelta"])
            Assert.InRange((double)bounds[ratio]!, 0, 1);
        Assert.Equal((double)bounds["stepBound"]!, (double)_program.Network("nrt")["stepSize"]!);
        Assert.All(_program.Column("nrt", "layers_over_k"), ratio => Assert.InRange(ratio, 0, 1));
    }

    [Fact]
    public void Steps_decrease_as_they_are_told_to()
    {
        Train("decay", "--method", "descent", "--step", "0.01", "--decay", "4", "--depth", "1", "--steps", "3");
        Assert.Equal(0.01 * (1 + 4 / 5.0 + 4 / 6.0), _program.Column("decay", "clock")[^1], 1e-15);
    }

    /// <summary>From a small start the modes are learned one after another: the run passes the best products of rank 0 and 1.</summary>
    [Fact]
    public void Saddles_are_passed_rank_by_rank()
    {
        // X = I, Y = diag(4, 1).
        _program.Write("modes.csv", "a,b,u,v\n1,0,4,0\n0,1,0,1\n");
        TrainOn("saddles", "modes.csv", "u,v", "--depth", "3", "--width", "2", "--scale", "0.05");
        var landscape = _program.Network("saddles")["landscape"]!;
        Assert.Equal(["0", "1"], landscape["saddles"]!.AsArray().Select(saddle => saddle!["rank"]!.ToString()));
        Assert.Equal([4, 1], landscape["modes"]!.AsArray().Select(mode => Math.Round((double)mode!, 10)));
        Assert.Equal(8.5, (double)landscape["leastLosses"]![0]!, 1e-12);
        Assert.Equal(0.5, (double)landscape["leastLosses"]![1]!, 1e-12);
        Assert.Equal(2, (int)landscape["nearestRank"]!);
        var ranks = _program.Column("saddles", "nearest_rank");
        Assert.Equal(ranks.Order(), ranks);
    }

    /// <summary>Where the layers are too narrow, the least is that of their rank.</summary>
    [Fact]
    public void A_bottleneck_finds_the_best_product_of_its_rank()
    {
        Train("narrow", "--depth", "2", "--width", "1", "--scale", "0.5", "--method", "descent");
        var landscape = _program.Network("narrow")["landscape"]!;
        Assert.Equal("least-loss", (string?)_program.Network("narrow")["result"]);
        Assert.Equal(1, (int)landscape["largestRank"]!);
        Assert.True((double)landscape["leastLoss"]! > (double)landscape["leastSquares"]! + 1e-3);
        Assert.InRange((double)landscape["distanceToLeast"]!, 0, 1e-4);
    }

    /// <summary>Inputs that do not span R^d: all is seen in their span, and the least loss is found there.</summary>
    [Fact]
    public void Inputs_need_not_span_the_space()
    {
        var twice = new Matrix(12, 4);
        for (var i = 0; i < 12; i++)
            for (var j = 0; j < 4; j++) twice[i, j] = _x[i, Math.Min(j, 2)];
        Write("twice.csv", twice, _y);
        TrainOn("span", "twice.csv", "y0,y1", "--depth", "2", "--width", "5", "--scale", "0.5");
        TrainOn("plain", "data.csv", "y0,y1", "--depth", "2", "--width", "5", "--scale", "0.5");
        Assert.Equal(3, (int)_program.Summary("span")["results"]!["data"]!["rank"]!);
        Assert.Equal("least-loss", (string?)_program.Network("span")["result"]);
        Assert.Equal((double)_program.Network("plain")["landscape"]!["leastLoss"]!,
            (double)_program.Network("span")["landscape"]!["leastLoss"]!, 1e-10);
        Assert.InRange((double)_program.Network("span")["landscape"]!["distanceToLeast"]!, 0, 1e-4);
        var refused = _program.Run("train", "--task", "regress", "--data", "twice.csv", "--targets", "y0,y1", "--depth", "2", "--method",
            "descent", "--rule", "nrt");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("X X^T is singular", refused.Error);
    }

    /// <summary>X X^T = 4 I allows alignment to be an invariant for any targets [RNBU]; generic inputs do not.</summary>
    [Fact]
    public void An_aligned_start_is_kept_on_whitened_inputs_alone()
    {
        var hadamard = new Matrix(4, 3, [1, 1, 1, 1, -1, 1, 1, 1, -1, 1, -1, -1]);
        var targets = new Matrix(4, 2);
        new RandomStream(23).FillGaussian(targets.Values);
        Write("white.csv", hadamard, targets);
        string[] aligned = ["--init", "aligned", "--scale", "0.3", "--depth", "3", "--width", "3", "--method", "descent", "--steps", "500"];
        TrainOn("white", "white.csv", "y0,y1", aligned);
        TrainOn("generic", "data.csv", "y0,y1", aligned);
        for (var k = 1; k <= 3; k++)
            Assert.InRange(_program.Column("white", $"off_diagonal_{k}").Max(), 0, 1e-12);
        Assert.InRange(_program.Column("white", "data_off_diagonal").Max(), 0, 1e-12);
        Assert.InRange(_program.Column("generic", "off_diagonal_1").Max(), 1e-3, 1);
        Assert.True((bool)_program.Summary("white")["results"]!["data"]!["alignmentCanBeKept"]!);
        Assert.False((bool)_program.Summary("generic")["results"]!["data"]!["alignmentCanBeKept"]!);
    }

    [Theory]
    [InlineData("--targets", "nothing", "no column 'nothing'")]
    [InlineData("--targets", "x0,x1,x2,y0,y1", "every column is a target")]
    [InlineData("--positive", "1", "--positive: for one output and two classes")]
    [InlineData("--separated", null, "--separated: for classes")]
    [InlineData("--to", "1e-6", "--to: for one output")]
    [InlineData("--rule", "constant", "--rule: for --method descent")]
    [InlineData("--clock", "log-risk", "has no end where the risk does not vanish")]
    [InlineData("--stepper", "seulex", "seulex needs the curvature of margins")]
    [InlineData("--field", "autograd", "--field autograd is of one output")]
    [InlineData("--dtype", "float32", "float64")]
    [InlineData("--loss", "logistic", "'logistic' is no loss; known are squared, squared-mean")]
    [InlineData("--scale", "1e200", "the risk at the start, or its gradient, is no float64")]
    [InlineData("--scale", "1e-200", "the gradient at the start is 0")]
    [InlineData("--excess", "0", "--excess")]
    [InlineData("--excess", "nan", "--excess")]
    [InlineData("--guarantee", "sharpened", "--guarantee: for --method descent")]
    public void What_does_not_go_together_is_refused(string option, string? value, string said)
    {
        string[] targets = option == "--targets" ? [] : ["--targets", "y0,y1"];
        string[] words = ["train", "--task", "regress", "--data", "data.csv", .. targets];
        var result = _program.Run([.. words, option, .. value is null ? [] : (string[])[value]]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(said, result.Error);
        Assert.False(Directory.Exists(Path.Combine(_program.Folder, "runs", "run")));
    }

    [Theory]
    [InlineData("--targets", "a")]
    [InlineData("--excess", "0.1")]
    [InlineData("--decay", "3")]
    [InlineData("--rule", "nrt")]
    [InlineData("--loss", "squared")]
    [InlineData("--init", "aligned")]
    public void What_is_of_a_task_is_refused_without_it(string option, string value) =>
        Assert.Equal(2, _program.Run("train", "--data", "planar", "--method", "descent", option, value).ExitCode);

    [Fact]
    public void A_step_that_is_too_long_diverges_and_says_so()
    {
        var result = _program.Run("train", "--task", "regress", "--data", "data.csv", "--targets", "y0,y1", "--depth", "2", "--method",
            "descent", "--step", "10", "--steps", "50", "--out", "far");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("non-finite", (string?)_program.Network("far")["result"]);
    }

    private void Train(string run, params string[] options) => TrainOn(run, "data.csv", "y0,y1", options);

    private void TrainOn(string run, string data, string targets, params string[] options) => _program.Make(
        ["train", "--task", "regress", "--data", data, "--targets", targets, .. options, "--out", run]);

    private void Write(string file, Matrix x, Matrix y) => _program.Write(file, string.Join(',',
        [.. Enumerable.Range(0, x.Columns).Select(j => $"x{j}"), .. Enumerable.Range(0, y.Columns).Select(j => $"y{j}")]) + "\n"
        + string.Concat(Enumerable.Range(0, x.Rows).Select(i => string.Join(',',
            x.Row(i).ToArray().Concat(y.Row(i).ToArray()).Select(value => value.ToString("R", CultureInfo.InvariantCulture))) + "\n")));

    /// <summary>A^-1 B by Gauss-Jordan elimination.</summary>
    private static Matrix Solve(Matrix a, Matrix b)
    {
        (a, b) = (a.Copy(), b.Copy());
        for (var k = 0; k < a.Rows; k++)
            for (var i = 0; i < a.Rows; i++)
            {
                if (i == k) continue;
                var factor = a[i, k] / a[k, k];
                for (var j = 0; j < a.Columns; j++) a[i, j] -= factor * a[k, j];
                for (var j = 0; j < b.Columns; j++) b[i, j] -= factor * b[k, j];
            }
        for (var i = 0; i < a.Rows; i++)
            for (var j = 0; j < b.Columns; j++) b[i, j] /= a[i, i];
        return b;
    }
}
