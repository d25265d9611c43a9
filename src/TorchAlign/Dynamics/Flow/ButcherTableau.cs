namespace TorchAlign.Dynamics;

/// <summary>
/// The coefficients of an explicit Runge-Kutta pair: stages k_i = f(y + h sum_j a_ij k_j), y' = y + h sum_i b_i k_i,
/// error estimate h sum_i (b_i - bhat_i) k_i. Building one checks it against every order condition of the orders it
/// claims.
/// </summary>
public sealed class ButcherTableau
{
    /// <summary>Rounding of a sum of coefficients as large as 30, far below any mistyped digit.</summary>
    private const double Tolerance = 1e-13;

    /// <param name="name">For messages.</param>
    /// <param name="nodes">c (s).</param>
    /// <param name="stages">a, row i with i entries, i = 0 .. s - 1.</param>
    /// <param name="weights">b (s), of order <paramref name="order"/>.</param>
    /// <param name="embedded">bhat (s), of order <paramref name="embeddedOrder"/>.</param>
    /// <param name="order">The order claimed for b.</param>
    /// <param name="embeddedOrder">The order claimed for bhat.</param>
    /// <exception cref="ArgumentException">The lengths disagree, a row sum differs from its node, or an order
    /// condition fails.</exception>
    public ButcherTableau(
        string name, double[] nodes, double[][] stages, double[] weights, double[] embedded, int order, int embeddedOrder)
    {
        (Name, Order, EmbeddedOrder) = (name, order, embeddedOrder);
        (Nodes, Stages, Weights) = (nodes, stages, weights);
        if (stages.Length != nodes.Length || weights.Length != nodes.Length || embedded.Length != nodes.Length)
            throw new ArgumentException($"{name}: nodes, rows, weights and embedded weights must be equally many.");
        for (var i = 0; i < nodes.Length; i++)
        {
            if (stages[i].Length != i)
                throw new ArgumentException($"{name}: row {i} of an explicit method has {i} entries, not {stages[i].Length}.");
            if (!(Math.Abs(stages[i].Sum() - nodes[i]) <= Tolerance))
                throw new ArgumentException($"{name}: row {i} sums to {stages[i].Sum():R}, its node is {nodes[i]:R}.");
        }
        CheckOrder(weights, order, "weights");
        CheckOrder(embedded, embeddedOrder, "embedded weights");
        ErrorWeights = [.. weights.Zip(embedded, (b, bhat) => b - bhat)];
        FirstSameAsLast = stages[^1].SequenceEqual(weights[..^1]) && weights[^1] == 0;
    }

    public string Name { get; }

    public int Order { get; }

    public int EmbeddedOrder { get; }

    public double[] Nodes { get; }

    public double[][] Stages { get; }

    public double[] Weights { get; }

    /// <summary>b - bhat.</summary>
    public double[] ErrorWeights { get; }

    /// <summary>The last stage is the first one of the next step.</summary>
    public bool FirstSameAsLast { get; }

    private void CheckOrder(double[] weights, int order, string what)
    {
        foreach (var tree in RootedTree.UpTo(order))
        {
            var left = tree.StageWeights(Stages).Zip(weights, (phi, b) => phi * b).Sum();
            if (!(Math.Abs(left - 1 / tree.Density) <= Tolerance))
                throw new ArgumentException(
                    $"{Name}: the {what} miss order {order}: condition of tree {tree} gives {left:R}, not {1 / tree.Density:R}.");
        }
    }
}
