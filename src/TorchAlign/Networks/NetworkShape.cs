namespace TorchAlign.Networks;

/// <summary>
/// The widths d_0, d_1, ..., d_L of a chained linear network and where each layer lies in the flat state vector:
/// W_k has shape (d_k, d_{k-1}), row-major, W_1 first, without gaps.
/// </summary>
public sealed class NetworkShape
{
    /// <param name="widths">d_0 (inputs), hidden widths, d_L (outputs); at least two, all positive.</param>
    /// <exception cref="ArgumentException">Fewer than two widths, or one that is not positive.</exception>
    public NetworkShape(params int[] widths)
    {
        if (widths.Length < 2)
            throw new ArgumentException("A network needs at least an input and an output width.", nameof(widths));
        foreach (var width in widths)
            if (width <= 0)
                throw new ArgumentException($"Widths must be positive; got {string.Join('-', widths)}.", nameof(widths));
        Widths = [.. widths];
        var lengths = new int[widths.Length - 1];
        for (var k = 0; k < lengths.Length; k++) lengths[k] = checked(widths[k + 1] * widths[k]);
        Layout = new BlockLayout(lengths);
    }

    /// <summary>A network of <paramref name="depth"/> layers with one output and equal hidden widths.</summary>
    public static NetworkShape Uniform(int inputs, int depth, int width)
    {
        if (depth < 1) throw new ArgumentException($"Depth must be at least 1; got {depth}.", nameof(depth));
        var widths = new int[depth + 1];
        Array.Fill(widths, width);
        widths[0] = inputs;
        widths[depth] = 1;
        return new NetworkShape(widths);
    }

    public IReadOnlyList<int> Widths { get; }

    /// <summary>L, the number of layers.</summary>
    public int Depth => Layout.Count;

    /// <summary>d_0.</summary>
    public int Inputs => Widths[0];

    /// <summary>d_L.</summary>
    public int Outputs => Widths[^1];

    /// <summary>Number of parameters, the length of the flat state.</summary>
    public int Length => Layout.Length;

    public BlockLayout Layout { get; }

    /// <summary>Rows d_k of layer <paramref name="layer"/>, counted from 0 for W_1.</summary>
    public int Rows(int layer) => Widths[layer + 1];

    /// <summary>Columns d_{k-1} of layer <paramref name="layer"/>, counted from 0 for W_1.</summary>
    public int Columns(int layer) => Widths[layer];

    /// <summary>Layer <paramref name="layer"/> (0 for W_1) as a row-major view into a flat state.</summary>
    public Span<double> Layer(Span<double> state, int layer) =>
        state.Slice(Layout.Offset(layer), Layout.LengthOf(layer));

    /// <inheritdoc cref="Layer(Span{double}, int)"/>
    public ReadOnlySpan<double> Layer(ReadOnlySpan<double> state, int layer) =>
        state.Slice(Layout.Offset(layer), Layout.LengthOf(layer));

    public override string ToString() => string.Join('-', Widths);
}
