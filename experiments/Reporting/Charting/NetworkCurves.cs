using TorchAlign.Alignment;

namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>Turns observations of networks into curves, coloured alike in every chart.</summary>
internal static class NetworkCurves
{
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
        Func<NetworkReport, int, bool>? include = null) =>
        networks.SelectMany((n, i) => Enumerable.Range(0, count(n))
            .Where(k => include?.Invoke(n, k) ?? true)
            .Select(k => new Series($"{n.Label}: {name(k)}", Palette.Layer(i, k, count(n)), Samples(n, x.Of, o => y(o, k)))
            {
                Dash = Palette.Dash(k),
            }));

    public static IEnumerable<Sample> Samples(
        NetworkReport network, Func<Observation, double> x, Func<Observation, double> y) =>
        network.Observations.Select(o => new Sample(x(o), y(o), o.Step));

    /// <summary>A layer of one row or column has rank one whatever happens.</summary>
    public static bool CanHaveRank(NetworkReport network, int layer) =>
        Math.Min(network.Shape.Rows(layer), network.Shape.Columns(layer)) > 1;
}
