using TorchAlign.Alignment;

namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>Turns observations of networks into curves, coloured alike in every chart.</summary>
internal static class NetworkCurves
{
    /// <summary>Curves of layers that can be told apart in one picture; more have a panel for each layer.</summary>
    private const int MostTogether = 8;

    /// <summary>One curve for each network.</summary>
    public static IEnumerable<Series> Each(IReadOnlyList<NetworkReport> networks, Abscissa x, Func<Observation, double> y) =>
        Each(networks, x.Of, y);

    public static IEnumerable<Series> Each(
        IReadOnlyList<NetworkReport> networks, Func<Observation, double> x, Func<Observation, double> y) =>
        networks.Select((n, i) => new Series(n.Label, Palette.Network(i), Samples(n, x, y))
        {
            Width = Palette.Width(i, networks.Count),
        });

    /// <summary>
    /// One curve for each layer, or pair of layers: <paramref name="count"/> of them, <paramref name="name"/>
    /// and <paramref name="y"/> of the k-th (from 0); those that <paramref name="include"/> refuses keep their shade unused.
    /// </summary>
    public static IEnumerable<Series> EachLayer(
        IReadOnlyList<NetworkReport> networks,
        Abscissa x,
        Func<NetworkReport, int> count,
        Func<int, string> name,
        Func<Observation, int, double> y,
        Func<NetworkReport, int, bool>? include = null)
    {
        var curves = networks.Index().SelectMany(n => Enumerable.Range(0, count(n.Item))
            .Where(k => include?.Invoke(n.Item, k) ?? true).Select(k => (Network: n.Item, n.Index, Layer: k))).ToList();
        return curves.Count > MostTogether
            ? curves.OrderBy(c => c.Layer).Select(c => new Series(c.Network.Label, Palette.Network(c.Index), Curve(c.Network, c.Layer))
            {
                Panel = name(c.Layer),
                Width = 0.7 * Palette.Width(c.Index, networks.Count),
            })
            : curves.Select(c => new Series(
                $"{c.Network.Label}: {name(c.Layer)}", Palette.Layer(c.Index, c.Layer, count(c.Network)), Curve(c.Network, c.Layer))
            {
                Dash = Palette.Dash(c.Layer),
            });

        IEnumerable<Sample> Curve(NetworkReport network, int layer) => Samples(network, x.Of, o => y(o, layer));
    }

    public static IEnumerable<Sample> Samples(
        NetworkReport network, Func<Observation, double> x, Func<Observation, double> y) =>
        network.Observations.Select(o => new Sample(x(o), y(o), o.Step));

    /// <summary>A layer of one row or column has rank one whatever happens.</summary>
    public static bool CanHaveRank(NetworkReport network, int layer) =>
        Math.Min(network.Shape.Rows(layer), network.Shape.Columns(layer)) > 1;
}
