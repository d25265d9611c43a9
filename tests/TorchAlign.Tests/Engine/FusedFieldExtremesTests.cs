using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;

namespace TorchAlign.Tests.Engine;

/// <summary>Risks and margins far outside float64's range of exp.</summary>
public class FusedFieldExtremesTests
{
    private static FieldValue Evaluate(FusedField field, double[] w, out double[] direction)
    {
        var point = EngineProblems.Point(field, w);
        var target = field.NewState();
        var value = field.Evaluate(point.W, target);
        direction = target.ToArray();
        return value;
    }

    [Fact]
    public void MarginsOfTenToTheThirteen()
    {
        // Two points (1, 0.5), (1, -0.5) and w = (1e13, 0): R = exp(-1e13), -grad log R = (1, 0) exactly.
        foreach (var loss in MarginLoss.All)
        {
            var field = new FusedField(new NetworkShape(2, 1), new[] { 1, 0.5, 1, -0.5 }, loss);
            var value = Evaluate(field, [1e13, 0], out var direction);
            Assert.Equal(-1e13, value.LogRisk);
            Assert.Equal([1.0, 0.0], direction);
            Assert.Equal([0.5, 0.5], field.Weights.ToArray());
        }
    }

    [Fact]
    public void RisksBelowTenToMinusTenToTheThirteen()
    {
        // log10 R = -1e13 through three layers; one margin is ahead of the other by ln 3.
        var margin = 1e13 * Math.Log(10);
        var root = Math.Cbrt(margin);
        foreach (var loss in MarginLoss.All)
        {
            var field = new FusedField(NetworkShape.Uniform(1, 3, 1), new[] { 1.0, 1.0 }, loss);
            var value = Evaluate(field, [root, root, root], out var direction);
            Assert.Equal(-1e13, value.LogRisk / Math.Log(10), 1e-2);
            Assert.All(direction, entry => Assert.Equal(root * root, entry, 1e-12 * root * root));
        }
    }

    [Fact]
    public void EqualMarginsShareTheWeight()
    {
        var z = Enumerable.Repeat(1.0, 9).ToArray();
        var field = new FusedField(new NetworkShape(1, 1), z, MarginLoss.Exponential);
        var value = Evaluate(field, [3.0], out var direction);
        Assert.Equal(-3, value.LogRisk, 1e-15);
        Assert.Equal(1, direction[0], 1e-15);
        Assert.All(field.Weights.ToArray(), p => Assert.Equal(1.0 / 9, p, 1e-16));
    }

    [Fact]
    public void OnePointOneLayer()
    {
        var field = new FusedField(new NetworkShape(3, 1), new[] { 1.0, 2, 2 }, MarginLoss.Logistic);
        var value = Evaluate(field, [0.1, 0.2, 0.3], out var direction);
        var margin = 1.1;
        Assert.Equal(Math.Log(Math.Log(1 + Math.Exp(-margin))), value.LogRisk, 1e-15);
        var slope = 1 / (1 + Math.Exp(margin)) / Math.Log(1 + Math.Exp(-margin));
        Assert.Equal(slope, direction[0], 1e-15);
        Assert.Equal(2 * slope, direction[2], 2e-15);
    }

    [Fact]
    public void MarginsFarBelowZero()
    {
        var z = new[] { 1.0, 1.0 };
        var logistic = new FusedField(new NetworkShape(1, 1), z, MarginLoss.Logistic);
        var value = Evaluate(logistic, [-1e5], out var direction);
        // loss(-1e5) = 1e5 and loss' = -1, so R = 1e5 and -grad log R = 1e-5.
        Assert.Equal(Math.Log(1e5), value.LogRisk, 1e-14);
        Assert.Equal(1e-5, direction[0], 1e-19);
        var exponential = new FusedField(new NetworkShape(1, 1), z, MarginLoss.Exponential);
        Assert.Equal(1e5, Evaluate(exponential, [-1e5], out direction).LogRisk);
        Assert.Equal(1, direction[0], 1e-15);
    }

    [Fact]
    public void ChunksOfVeryDifferentMarginsAreJoinedInRange()
    {
        // 40,000 points of which one, in the last chunk, carries everything; another has the mirrored huge margin.
        const int n = 40_000, d = 4;
        var z = new double[n * d];
        for (var i = 0; i < n; i++) z[i * d] = 1;
        z[(n - 1) * d] = 0.25;
        z[(n - 1) * d + 1] = 0.5;
        foreach (var loss in MarginLoss.All)
        {
            var field = new FusedField(new NetworkShape(d, 1), z, loss);
            var value = Evaluate(field, [1e6, 0, 0, 0], out var direction);
            Assert.Equal(-0.25e6 - Math.Log(n), value.LogRisk, 1e-9);
            Assert.Equal([0.25, 0.5, 0, 0], direction);
            value = Evaluate(field, [-1e6, 0, 0, 0], out direction);
            Assert.True(double.IsFinite(value.LogRisk) && direction.All(double.IsFinite));
        }
    }

    [Fact]
    public void NotANumberShows()
    {
        var field = new FusedField(new NetworkShape(2, 2, 1), new[] { 1.0, 0, 0, 1 }, MarginLoss.Logistic);
        Assert.True(double.IsNaN(Evaluate(field, [1, double.NaN, 1, 1, 1, 1], out _).LogRisk));
    }
}
