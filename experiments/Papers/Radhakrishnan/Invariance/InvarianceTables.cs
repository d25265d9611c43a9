namespace TorchAlign.Experiments.Papers;

/// <summary>The tables of an experiment.</summary>
internal static class InvarianceTables
{
    /// <summary>
    /// A row for each sample of networks of <paramref name="depth"/> layers, and a long table, as layers differ in their numbers of
    /// singular values.
    /// </summary>
    public static IReadOnlyList<JobTable<NetworkDescent>> Of(int depth) =>
    [
        JobTable<NetworkDescent>.Of("descent.csv", Samples,
        [
            new("network", "The network's name.", row => row.Network.Name),
            new("step", "Steps of descent so far.", row => row.At.Step),
            new("loss", "The loss.", row => row.At.Loss),
            .. Each("off_diagonal", depth, k => $"||offdiag(U_{k}(0)^T W_{k} V_{k}(0))||_F / ||W_{k}||_F; 0 if layer {k} keeps its bases.",
                at => at.Scores.OffDiagonal),
            .. Each("inner_off_diagonal", depth, k => $"The same of layer {k} with V_1 and U_L free; empty after a random start.",
                at => at.Inner),
            .. Each("left_score", depth, k => $"mean_j max_i |(U_{k}(0)^T U_{k})_ji|, the score of the authors of [RNBU].",
                at => at.Scores.Left),
            .. Each("right_score", depth, k => $"mean_j max_i |(V_{k}(0)^T V_{k})_ji|.", at => at.Scores.Right),
            .. Each("adjacent", depth - 1, k => $"mean_j max_i |(V_{k + 1}^T U_{k})_ji|: alignment of layers {k} and {k + 1} now.",
                at => at.Scores.Adjacent),
            .. Each("spectral_norm", depth, k => $"||W_{k}||_2.", at => at.SpectralNorms),
            new("recursion_error", "The greatest distance of a singular value from the scalar recursion; empty where it does not apply.",
                row => double.IsNaN(row.At.RecursionError) ? null : row.At.RecursionError),
        ]),
        JobTable<NetworkDescent>.Of("singular-values.csv", SingularValues,
            new("network", "The network's name.", row => row.Network.Name),
            new("step", "Steps of descent so far.", row => row.Step),
            new("layer", "k of W_k, from 1.", row => row.Layer + 1),
            new("index", "j, from 1, descending.", row => row.Index + 1),
            new("value", "The j-th singular value of W_k.", row => row.Value)),
    ];

    private static IEnumerable<(DescendingNetwork Network, DescentSample At)> Samples(NetworkDescent descent) =>
        descent.Samples.Select(at => (descent.Network, at));

    private static IEnumerable<(DescendingNetwork Network, long Step, int Layer, int Index, double Value)> SingularValues(
        NetworkDescent descent) =>
        from at in descent.Samples
        from layer in at.Scores.SingularValues.Index()
        from value in layer.Item.Index()
        select (descent.Network, at.Step, layer.Index, value.Index, value.Item);

    private static IEnumerable<Column<(DescendingNetwork Network, DescentSample At)>> Each(
        string name, int count, Func<int, string> meaning, Func<DescentSample, double[]?> values) =>
        Enumerable.Range(1, count).Select(k => new Column<(DescendingNetwork Network, DescentSample At)>(
            $"{name}_{k}", meaning(k), row => values(row.At)?[k - 1]));
}
