namespace TorchAlign.Experiments.Bench;

/// <summary>One number a round, and what they come to.</summary>
public sealed record Spread(double Median, double Min, double Max, IReadOnlyList<double> Rounds)
{
    /// <exception cref="ArgumentException">No rounds.</exception>
    public static Spread Of(IEnumerable<double> rounds)
    {
        double[] inOrder = [.. rounds];
        if (inOrder.Length == 0) throw new ArgumentException("A spread needs at least one round.", nameof(rounds));
        double[] sorted = [.. inOrder.Order()];
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1], inOrder);
    }

    /// <summary>
    /// The ratio of each round, then its median: both sides of a round saw the same load, which medians of different rounds
    /// need not have.
    /// </summary>
    public Spread Over(Spread other) => Of(Rounds.Zip(other.Rounds, (mine, theirs) => mine / theirs));
}
