using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;

namespace TorchAlign.Tests.Alignment;

public class AlignmentDiagnosticsTests
{
    /// <summary>Two points (1, 0) and (0, 1): u_bar = (1, 1) / sqrt 2, gamma = 1 / sqrt 2, dual weights 1/2 and 1/2.</summary>
    private static readonly SignedPoints Points = new([1, 0, 0, 1], 2, 2);

    private static Observation Observe(double[] state, MarginLoss loss, params int[] widths)
    {
        var shape = new NetworkShape(widths);
        var field = new FusedField(shape, Points.Z, loss, 1);
        var w = field.NewState();
        w.CopyFrom(state);
        var point = new TrajectoryPoint(w);
        var direction = field.NewState();
        point.SetValue(field.Evaluate(w, direction), direction);
        return new AlignmentDiagnostics(shape, Points, loss, HardMargin.Solve(Points), state).Observe(point);
    }

    [Fact]
    public void One_layer_is_measured_by_hand()
    {
        var seen = Observe([3, 1], MarginLoss.Exponential, 2, 1);
        Assert.Equal(Math.Log((Math.Exp(-3) + Math.Exp(-1)) / 2), seen.LogRisk, 1e-15);
        Assert.Equal(Math.Sqrt(Math.Exp(-6) + Math.Exp(-2)) / 2, Math.Exp(seen.LogGradientNorm), 1e-15);
        Assert.Equal(1 / Math.Sqrt(10), seen.DirectionMargin, 1e-15);
        Assert.Equal(seen.DirectionMargin, seen.NormalizedMargin, 1e-15);
        // w = 2 sqrt2 u_bar + (1, -1): the part across u_bar is sqrt 2 long.
        Assert.Equal(Math.Sqrt(2), seen.AngleTimesNorm, 1e-14);
        Assert.Equal(1 - 4 / Math.Sqrt(20), seen.OneMinusCosine, 1e-15);
        Assert.Equal(1 / (1 + Math.Exp(-2)) - 0.5, seen.DualWeightDistance, 1e-15);
        Assert.Equal(-(Math.Log(2) + seen.LogRisk) / Math.Sqrt(10), seen.SmoothedMargin, 1e-15);
        Assert.Equal(1, seen.ProductAlignment, 1e-15);
        Assert.Empty(seen.AdjacentAlignments);
        Assert.Equal(0, seen.BalancednessDrift);
    }

    [Fact]
    public void An_aligned_rank_one_network_has_all_alignments_one_and_the_limits_of_the_margin()
    {
        // W_1 = 2 e (1, 1)/sqrt2, W_2 = 2 e^T with e = (1, 0, 0).
        var half = 2 / Math.Sqrt(2);
        var seen = Observe([half, half, 0, 0, 0, 0, 2, 0, 0], MarginLoss.Logistic, 2, 3, 1);
        Assert.All(seen.SpectralRatios, ratio => Assert.Equal(1, ratio, 1e-15));
        Assert.All(seen.AdjacentAlignments, value => Assert.Equal(1, value, 1e-15));
        Assert.Equal(1, seen.ProductAlignment, 1e-15);
        Assert.Equal(1, seen.FirstRightAlignment, 1e-15);
        Assert.Equal(4, seen.ProductNorm, 1e-14);
        Assert.Equal(1 / Math.Sqrt(2), seen.NormalizedMargin, 1e-15);
        Assert.Equal(0, seen.DualWeightDistance, 1e-15);
        Assert.True(seen.OneMinusCosine < 1e-30);
    }

    [Fact]
    public void Without_a_reference_only_what_needs_it_is_missing()
    {
        var shape = new NetworkShape(2, 1);
        var field = new FusedField(shape, Points.Z, MarginLoss.Exponential, 1);
        var w = field.NewState();
        w.CopyFrom([3, 1]);
        var point = new TrajectoryPoint(w);
        point.SetValue(field.Evaluate(w, field.NewState()), 1);
        var seen = new AlignmentDiagnostics(shape, Points, MarginLoss.Exponential, null, [3, 1]).Observe(point);
        foreach (var missing in (double[])[seen.OneMinusCosine, seen.AngleTimesNorm, seen.FirstRightAlignment, seen.DualWeightDistance])
            Assert.True(double.IsNaN(missing));
        Assert.Equal(1 / Math.Sqrt(10), seen.DirectionMargin, 1e-15);
    }
}
