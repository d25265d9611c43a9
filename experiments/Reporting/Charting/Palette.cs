namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>
/// Colours of the charts: one hue for each network from the palette of Okabe and Ito, which the colour-blind can tell
/// apart; shades and dashes for its layers. Written for a white page; <see cref="OnDark"/> gives the twin for a dark one.
/// </summary>
public static class Palette
{
    public const string Paper = "#ffffff";
    public const string Ink = "#1b1f24";
    public const string Muted = "#626b76";
    public const string Faint = "#c3c9d0";
    public const string Grid = "#e8ebee";
    public const string Band = "#f1f3f5";

    private static readonly string[] Hues = ["#d55e00", "#0072b2", "#009e73", "#b3569b", "#a07800", "#3a9bdc", "#7a7a7a"];

    private static readonly int[][] Dashes = [[1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [4, 2], [12, 3]];

    public static IReadOnlyList<int> Solid => Dashes[0];

    /// <summary>The dashes of what is predicted rather than measured.</summary>
    public static IReadOnlyList<int> Predicted { get; } = [5, 4];

    /// <summary>The hue of the network with this index.</summary>
    public static string Network(int index) => Hues[index % Hues.Length];

    /// <summary>The width of a network's curve: later ones are drawn over earlier ones and leave their rims to be seen.</summary>
    public static double Width(int index, int count) => 1.7 + 2.1 * (count - 1 - index) / Math.Max(1, count - 1);

    /// <summary>The shade of layer <paramref name="layer"/> (from 0) of <paramref name="count"/>: dark first.</summary>
    public static string Layer(int network, int layer, int count)
    {
        var hue = Oklab.FromHex(Network(network));
        var place = count == 1 ? 0.5 : layer / (count - 1.0);
        return (hue with { L = hue.L - 0.14 + 0.22 * place }).ToHex();
    }

    /// <summary>The dashes of layer <paramref name="layer"/>, from 0; the first is solid.</summary>
    public static IReadOnlyList<int> Dash(int layer) => Dashes[layer % Dashes.Length];

    /// <summary>The same hue with its lightness turned over, for a dark page.</summary>
    public static string OnDark(string color)
    {
        var c = Oklab.FromHex(color);
        // Greys turn over in full; hues have to stay apart from the page and keep their order.
        var hue = Math.Sqrt(c.A * c.A + c.B * c.B) > 0.04;
        return (c with { L = hue ? 0.97 - 0.5 * c.L : Math.Clamp(1.1 - 0.9 * c.L, 0.2, 0.93) }).ToHex();
    }
}
