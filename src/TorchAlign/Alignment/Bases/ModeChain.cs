using TorchAlign.Numerics;

namespace TorchAlign.Alignment;

/// <summary>
/// A vector and its images: it starts in layer <paramref name="start"/> (0 for the inputs) and has one column of the basis in every
/// layer from there to <see cref="End"/>, whose successor sends it to 0.
/// </summary>
internal sealed class ModeChain(int start, int column)
{
    /// <summary>Orders tried for a placement; of networks that have one, a few in a thousand need a second.</summary>
    private const int Attempts = 200;

    /// <summary>Its column in the basis of layer start, start + 1, ...</summary>
    public List<int> Columns { get; } = [column];

    public int Start { get; } = start;

    public int End => Start + Columns.Count - 1;

    /// <summary>
    /// Gives each chain one index in all its layers, below the least of their widths, so that the layers become diagonal: the
    /// most constrained chains first, each the lowest index that is free. If a chain finds none, other orders are tried: where there is
    /// a placement, going by its indices finds one, and a chain of least width m has an index somewhere below m. What finds none at
    /// all is broken up (then the network is not aligned in the sense of the definition, although adjacent layers may share bases).
    /// </summary>
    /// <param name="chains">Each basis vector of each layer in one of them.</param>
    /// <param name="widths">d_0, ..., d_L.</param>
    /// <returns>For each layer its columns in their new order.</returns>
    public static int[][] Place(IEnumerable<ModeChain> chains, IReadOnlyList<int> widths)
    {
        ModeChain[] order = [.. chains.OrderBy(chain => chain.LeastWidth(widths)).ThenBy(chain => chain.Start)
            .ThenByDescending(chain => chain.Columns.Count)];
        var (best, broken) = Place(order, widths);
        var random = new RandomStream(0);
        for (var attempt = 0; broken > 0 && attempt < Attempts; attempt++)
        {
            var (placed, count) = Place([.. order.OrderBy(chain => random.NextDouble() * chain.LeastWidth(widths))], widths);
            if (count < broken) (best, broken) = (placed, count);
        }
        return best;
    }

    /// <summary>The chains in the given order, and how many had to be broken up.</summary>
    private static (int[][] Orders, int Broken) Place(ModeChain[] chains, IReadOnlyList<int> widths)
    {
        var orders = widths.Select(width => Enumerable.Repeat(-1, width).ToArray()).ToArray();
        var loose = new List<(int Layer, int Column)>();
        var broken = 0;
        foreach (var chain in chains)
        {
            var layers = Enumerable.Range(chain.Start, chain.Columns.Count).ToArray();
            var index = chain.Columns.Count == 1 ? -1 : Enumerable.Range(0, chain.LeastWidth(widths))
                .Where(candidate => layers.All(layer => orders[layer][candidate] < 0)).DefaultIfEmpty(-1).First();
            if (index < 0 && chain.Columns.Count > 1) broken++;
            foreach (var layer in layers)
                if (index >= 0) orders[layer][index] = chain.Columns[layer - chain.Start];
                else loose.Add((layer, chain.Columns[layer - chain.Start]));
        }
        foreach (var (layer, column) in loose) orders[layer][Array.IndexOf(orders[layer], -1)] = column;
        return (orders, broken);
    }

    private int LeastWidth(IReadOnlyList<int> widths) => Enumerable.Range(Start, Columns.Count).Min(layer => widths[layer]);
}
