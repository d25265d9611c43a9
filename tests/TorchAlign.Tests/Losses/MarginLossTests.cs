using FsCheck;
using FsCheck.Fluent;
using TorchAlign.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Losses;

public class MarginLossTests
{
    public static TheoryData<MarginLoss> All => [.. MarginLoss.All];

    private static Gen<double[]> Margins(double size) =>
        Gen.Choose(1, 20).SelectMany(n => Gen.Choose(-1_000_000, 1_000_000).Select(i => size * i / 1e6).ArrayOf(n));

    [Theory, MemberData(nameof(All))]
    public void The_log_risk_is_the_log_of_the_mean_loss(MarginLoss loss) =>
        Prop.ForAll(Margins(30).ToArbitrary(), margins =>
        {
            var direct = Math.Log(margins.Average(m => Math.Exp(loss.LogValue(m))));
            Close(direct, loss.LogRiskAndWeights(margins, new double[margins.Length]), 1e-13);
        }).Holds();

    [Theory, MemberData(nameof(All))]
    public void The_weights_are_minus_the_gradient_of_the_log_risk(MarginLoss loss) =>
        Prop.ForAll(Margins(30).ToArbitrary(), margins =>
        {
            var (weights, scratch) = (new double[margins.Length], new double[margins.Length]);
            loss.LogRiskAndWeights(margins, weights);
            for (var i = 0; i < margins.Length; i++)
                Close(-Difference(margins, i, shifted => loss.LogRiskAndWeights(shifted, scratch)), weights[i], 1e-8);
        }).Holds();

    [Theory, MemberData(nameof(All))]
    public void The_curvatures_are_the_diagonal_of_the_Hessian_and_minus_p_p_its_rest(MarginLoss loss) =>
        Prop.ForAll(Margins(10).ToArbitrary(), margins =>
        {
            var n = margins.Length;
            var (p, c, scratch) = (new double[n], new double[n], new double[n]);
            loss.LogRiskAndWeights(margins, p);
            loss.Curvatures(margins, p, c);
            for (var i = 0; i < n; i++)
                for (var j = 0; j < n; j++)
                {
                    var hessian = -Difference(margins, j, shifted =>
                    {
                        loss.LogRiskAndWeights(shifted, scratch);
                        return scratch[i];
                    });
                    Close(hessian, (i == j ? c[i] : 0) - p[i] * p[j], 1e-7);
                }
        }).Holds();

    /// <summary>Margins of 1e13 and of -1e5, alone and together: the log risk is then known in closed form.</summary>
    [Theory]
    [InlineData("exponential", 1e13)]
    [InlineData("logistic", 1e13)]
    [InlineData("exponential", -1e5)]
    public void Extreme_margins_neither_overflow_nor_underflow(string name, double margin)
    {
        var loss = MarginLoss.All.Single(known => known.Name == name);
        var weights = new double[3];
        // One point at the margin, two far above it: R = loss(margin) / 3.
        var logRisk = loss.LogRiskAndWeights([margin + 1e4, margin, margin + 2e4], weights);
        Close(-margin - Math.Log(3), logRisk, 1e-15);
        Assert.Equal([0, 1, 0], weights);
    }

    [Fact]
    public void The_logistic_loss_of_a_large_negative_margin_is_linear()
    {
        var weights = new double[2];
        var logRisk = MarginLoss.Logistic.LogRiskAndWeights([-1e5, -3e5], weights);
        Close(Math.Log(2e5), logRisk, 1e-15);
        Close(1 / 4e5, weights[0], 1e-15);
        Close(1 / 4e5, weights[1], 1e-15);
    }

    [Theory, MemberData(nameof(All))]
    public void Torch_agrees_in_value_and_gradient_at_every_size(MarginLoss loss)
    {
        using var scope = NewDisposeScope();
        double[][] cases = [[0.5, -1, 3], [40, 41, 60], [36.9, 37.1, 36], [1e6, 1e6 + 1, 2e6], [-20, -300, 800], [1e13, 3]];
        foreach (var margins in cases)
        {
            var weights = new double[margins.Length];
            var expected = loss.LogRiskAndWeights(margins, weights);
            var m = tensor(margins, dtype: float64, requires_grad: true);
            var logRisk = loss.LogRisk(m);
            logRisk.backward();
            Close(expected, logRisk.item<double>(), 1e-14);
            var gradient = m.grad!.data<double>().ToArray();
            for (var i = 0; i < margins.Length; i++) Close(-weights[i], gradient[i], 1e-13);
        }
    }

    /// <summary>Assumption 4 for the logistic loss: |loss'| &lt;= 1 and |loss''| &lt;= 1/4.</summary>
    [Fact]
    public void The_constants_of_the_logistic_loss_bound_its_derivatives()
    {
        var loss = MarginLoss.Logistic;
        var steepest = 0.0;
        for (var m = -40.0; m <= 40; m += 0.01)
        {
            var slope = Math.Exp(loss.LogSlope(m));
            Assert.InRange(slope, 0, loss.Lipschitz!.Value);
            steepest = Math.Max(steepest, Math.Abs(slope - Math.Exp(loss.LogSlope(m + 0.01))) / 0.01);
        }
        Assert.InRange(steepest, 0.2499, loss.Smoothness!.Value);
        Assert.Null(MarginLoss.Exponential.Smoothness);
    }

    [Theory]
    [InlineData(1e-300)]
    [InlineData(1e-17)]
    [InlineData(1e-9)]
    [InlineData(-1e-9)]
    [InlineData(0.3)]
    [InlineData(1e30)]
    public void Log1p_keeps_its_relative_accuracy(double x)
    {
        // The series for small x, the plain logarithm for large.
        var expected = Math.Abs(x) < 1e-4 ? x - x * x / 2 + x * x * x / 3 : Math.Log(1 + x);
        Close(expected, LogDomain.Log1p(x), 1e-15);
    }

    private static double Difference(double[] at, int i, Func<double[], double> function)
    {
        const double h = 1e-5;
        var (ahead, behind) = (at.ToArray(), at.ToArray());
        ahead[i] += h;
        behind[i] -= h;
        return (function(ahead) - function(behind)) / (2 * h);
    }

    private static void Close(double expected, double actual, double tolerance) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance * Math.Max(1, Math.Abs(expected)), $"expected {expected:R}, got {actual:R}");
}
