namespace TorchAlign.Dynamics;

/// <summary>
/// A rooted tree, one for each order condition of a one-step method: sum_i b_i Phi_i(tree) = 1 / gamma(tree)
/// (Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I, Theorem II.2.13).
/// </summary>
internal sealed class RootedTree
{
    private readonly RootedTree[] _children;

    private RootedTree(RootedTree[] children)
    {
        _children = children;
        Order = 1 + children.Sum(child => child.Order);
        Density = children.Aggregate((double)Order, (product, child) => product * child.Density);
    }

    /// <summary>Number of nodes.</summary>
    internal int Order { get; }

    /// <summary>gamma(tree): the order times the densities of the subtrees at the root.</summary>
    internal double Density { get; }

    /// <summary>All trees with at most <paramref name="order"/> nodes: 1, 2, 4, 8, 17, 37, ... of them.</summary>
    internal static IReadOnlyList<RootedTree> UpTo(int order)
    {
        List<RootedTree> trees = [];
        for (var nodes = 1; nodes <= order; nodes++)
        {
            // Below the root hangs a multiset of smaller trees; taking them in list order gives each multiset once.
            List<RootedTree> found = [];
            Choose(trees, 0, nodes - 1, [], found);
            trees.AddRange(found);
        }
        return trees;
    }

    /// <summary>
    /// Phi_i(tree) for every stage: the product over the root's subtrees of sum_j a_ij Phi_j(subtree).
    /// </summary>
    internal double[] StageWeights(double[][] a)
    {
        var weights = new double[a.Length];
        Array.Fill(weights, 1);
        foreach (var child in _children)
        {
            var below = child.StageWeights(a);
            for (var i = 0; i < a.Length; i++)
            {
                var sum = 0.0;
                for (var j = 0; j < a[i].Length; j++) sum += a[i][j] * below[j];
                weights[i] *= sum;
            }
        }
        return weights;
    }

    public override string ToString() => $"[{string.Concat(_children.Select(child => child.ToString()))}]";

    private static void Choose(
        List<RootedTree> trees, int first, int nodes, List<RootedTree> chosen, List<RootedTree> found)
    {
        if (nodes == 0) found.Add(new RootedTree([.. chosen]));
        for (var t = first; t < trees.Count && trees[t].Order <= nodes; t++)
        {
            chosen.Add(trees[t]);
            Choose(trees, t, nodes - trees[t].Order, chosen, found);
            chosen.RemoveAt(chosen.Count - 1);
        }
    }
}
