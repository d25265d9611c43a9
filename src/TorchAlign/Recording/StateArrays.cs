using TorchAlign.Networks;

namespace TorchAlign.Recording;

/// <summary>The flat states of a network, named as in <see cref="RunDescription.Networks"/>, at the start and the end of a run.</summary>
public sealed record NetworkState(string Name, double[] Initial, double[] Final);

/// <summary>Cuts a flat state into its layers.</summary>
internal static class StateArrays
{
    public static IEnumerable<NpzArray> Of(string name, NetworkShape shape, string when, double[] state)
    {
        Require(name, shape, state);
        return Cut(shape, state, k => $"{name}_W{k}_{when}");
    }

    /// <summary>W1 (d_1, d_0) .. WL (d_L, d_{L-1}).</summary>
    public static IEnumerable<NpzArray> Layers(NetworkShape shape, double[] state) => Cut(shape, state, k => $"W{k}");

    private static IEnumerable<NpzArray> Cut(NetworkShape shape, double[] state, Func<int, string> name) =>
        Enumerable.Range(0, shape.Depth).Select(k => NpzArray.Float64(
            name(k + 1), shape.Layer((ReadOnlySpan<double>)state, k).ToArray(), shape.Rows(k), shape.Columns(k)));

    private static void Require(string name, NetworkShape shape, double[] state)
    {
        if (state.Length != shape.Length)
            throw new ArgumentException($"Network {name} of widths {shape} has {shape.Length} parameters, not {state.Length}.");
    }
}
