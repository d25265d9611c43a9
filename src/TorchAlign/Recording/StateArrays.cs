using TorchAlign.Networks;

namespace TorchAlign.Recording;

/// <summary>The flat states of a network, named as in <see cref="RunDescription.Networks"/>, at the start and the end of a run.</summary>
public sealed record NetworkState(string Name, double[] Initial, double[] Final);

/// <summary>Cuts a flat state into its layers.</summary>
internal static class StateArrays
{
    public static IEnumerable<NpzArray> Of(string name, NetworkShape shape, string when, double[] state)
    {
        if (state.Length != shape.Length)
            throw new ArgumentException($"Network {name} of widths {shape} has {shape.Length} parameters, not {state.Length}.");
        return Enumerable.Range(0, shape.Depth).Select(k => NpzArray.Float64(
            $"{name}_W{k + 1}_{when}", shape.Layer((ReadOnlySpan<double>)state, k).ToArray(), shape.Rows(k), shape.Columns(k)));
    }
}
