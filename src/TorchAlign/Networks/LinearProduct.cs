using System.Numerics.Tensors;
using TorchAlign.Numerics;

namespace TorchAlign.Networks;

/// <summary>The collapsed product of a network, on managed memory.</summary>
public static class LinearProduct
{
    /// <summary>w_prod = (W_L ... W_1)^T (d) of a flat state (P); O(sum d_k d_{k-1}).</summary>
    public static double[] Of(NetworkShape shape, ReadOnlySpan<double> state)
    {
        if (shape.Outputs != 1)
            throw new ArgumentException($"w_prod is defined for one output; the network {shape} has {shape.Outputs}.", nameof(shape));
        var row = shape.Layer(state, shape.Depth - 1).ToArray();
        for (var k = shape.Depth - 2; k >= 0; k--) row = TransposedTimes(shape, state, k, row);
        return row;
    }

    /// <summary>a = (W_L ... W_2)^T (d_1) of a flat state (P) with one output; 1 for one layer.</summary>
    public static double[] Above(NetworkShape shape, ReadOnlySpan<double> state)
    {
        double[] row = [1];
        for (var k = shape.Depth - 1; k > 0; k--) row = TransposedTimes(shape, state, k, row);
        return row;
    }

    /// <summary>W^T x (d_{k-1}) of x (d_k), W layer <paramref name="layer"/>.</summary>
    internal static double[] TransposedTimes(NetworkShape shape, ReadOnlySpan<double> state, int layer, double[] x)
    {
        var w = shape.Layer(state, layer);
        var next = new double[shape.Columns(layer)];
        for (var i = 0; i < x.Length; i++)
            TensorPrimitives.MultiplyAdd(w.Slice(i * next.Length, next.Length), x[i], next, next);
        return next;
    }

    /// <summary>W_L ... W_1 (d_L, d_0) of a flat state (P), for any number of outputs.</summary>
    public static Matrix Matrix(NetworkShape shape, ReadOnlySpan<double> state)
    {
        var product = Layer(shape, state, 0);
        for (var k = 1; k < shape.Depth; k++) product = Layer(shape, state, k) * product;
        return product;
    }

    /// <summary>A copy of layer <paramref name="layer"/> (0 for W_1) as a matrix (d_k, d_{k-1}).</summary>
    public static Matrix Layer(NetworkShape shape, ReadOnlySpan<double> state, int layer) =>
        new(shape.Rows(layer), shape.Columns(layer), shape.Layer(state, layer).ToArray());
}
