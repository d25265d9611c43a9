using TorchAlign.Dynamics;

namespace TorchAlign.Tests.Engine;

public class ButcherTableauTests
{
    [Fact]
    public void ThereAreAsManyTreesAsThereShouldBe() =>
        // 1, 1, 2, 4, 9, 20, 48 rooted trees with 1 .. 7 nodes.
        Assert.Equal([1, 2, 4, 8, 17, 37, 85], Enumerable.Range(1, 7).Select(order => RootedTree.UpTo(order).Count));

    [Fact]
    public void DormandPrinceHoldsItsOrders()
    {
        Assert.Equal((5, 4, true), (DormandPrince54.Tableau.Order, DormandPrince54.Tableau.EmbeddedOrder,
            DormandPrince54.Tableau.FirstSameAsLast));
    }

    [Fact]
    public void TheDenseOutputHoldsOrderFour()
    {
        // sum_i b_i(theta) c_i^q = theta^(q+1) / (q+1), so the derivatives sum to theta^q; and one condition with a.
        var nodes = DormandPrince54.Tableau.Nodes;
        var stages = DormandPrince54.Tableau.Stages;
        var derivative = new double[nodes.Length];
        foreach (var theta in new[] { 0, 0.1, 0.37, 0.5, 0.9, 1 })
        {
            DormandPrinceTime.DenseDerivative(theta, derivative);
            for (var q = 0; q < 4; q++)
                Assert.Equal(Math.Pow(theta, q), derivative.Zip(nodes, (b, c) => b * Math.Pow(c, q)).Sum(), 1e-13);
            // b_i a_ij c_j = theta^3 / 6.
            var sum = 0.0;
            for (var i = 0; i < nodes.Length; i++)
                for (var j = 0; j < i; j++) sum += derivative[i] * stages[i][j] * nodes[j];
            Assert.Equal(theta * theta / 2, sum, 1e-13);
        }
    }

    [Fact]
    public void ClaimingTooMuchIsRefused()
    {
        var tableau = DormandPrince54.Tableau;
        double[] embedded = [.. tableau.Weights.Zip(tableau.ErrorWeights, (b, e) => b - e)];
        var error = Assert.Throws<ArgumentException>(() => new ButcherTableau(
            "claims 6", tableau.Nodes, tableau.Stages, tableau.Weights, embedded, order: 6, embeddedOrder: 4));
        Assert.Contains("miss order 6", error.Message);
    }

    [Fact]
    public void ADigitMistypedIsFound()
    {
        double[][] rows = [[], [0.5], [0, 0.5], [0, 0, 1]];
        double[] nodes = [0, 0.5, 0.5, 1], weights = [1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6], euler = [1, 0, 0, 0];
        _ = new ButcherTableau("RK4", nodes, rows, weights, euler, order: 4, embeddedOrder: 1);
        Assert.Throws<ArgumentException>(() => new ButcherTableau(
            "RK4", nodes, rows, [1.0 / 6, 1.0 / 3, 1.0 / 3 + 1e-9, 1.0 / 6], euler, order: 4, embeddedOrder: 1));
        Assert.Throws<ArgumentException>(() => new ButcherTableau(
            "RK4", nodes, [[], [0.5], [0, 0.5], [0, 0.01, 1]], weights, euler, order: 4, embeddedOrder: 1));
        // Row sums hold, but an order-4 condition does not.
        Assert.Throws<ArgumentException>(() => new ButcherTableau(
            "RK4", nodes, [[], [0.5], [0.25, 0.25], [0, 0, 1]], weights, euler, order: 4, embeddedOrder: 1));
    }
}
