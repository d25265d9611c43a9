using System.Numerics.Tensors;
using TorchAlign.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Networks;

/// <summary>
/// D_k = W_{k+1}^T W_{k+1} - W_k W_k^T (d_k, d_k), k = 1..L-1: constant along the gradient flow of every loss [JT, (2)], so
/// its drift measures the integrator and nothing else.
/// </summary>
public static class Balancedness
{
    /// <summary>The matrices D_1 .. D_{L-1}, row-major.</summary>
    public static double[][] Of(NetworkShape shape, ReadOnlySpan<double> state)
    {
        var all = new double[shape.Depth - 1][];
        for (var k = 0; k < all.Length; k++)
        {
            var size = shape.Rows(k);
            var below = shape.Layer(state, k);
            var above = shape.Layer(state, k + 1);
            var columns = shape.Columns(k);
            var difference = new double[size * size];
            for (var i = 0; i < size; i++)
                for (var j = 0; j <= i; j++)
                    difference[i * size + j] = -TensorPrimitives.Dot(
                        below.Slice(i * columns, columns), below.Slice(j * columns, columns));
            for (var row = 0; row < shape.Rows(k + 1); row++)
            {
                var values = above.Slice(row * size, size);
                for (var i = 0; i < size; i++)
                {
                    var target = difference.AsSpan(i * size, i + 1);
                    TensorPrimitives.MultiplyAdd(values[..(i + 1)], values[i], target, target);
                }
            }
            for (var i = 0; i < size; i++)
                for (var j = 0; j < i; j++)
                    difference[j * size + i] = difference[i * size + j];
            all[k] = difference;
        }
        return all;
    }

    /// <summary>max_k ||D_k||_2, the defect of [NRT]; 0 for one layer.</summary>
    public static double Defect(NetworkShape shape, ReadOnlySpan<double> state)
    {
        var largest = 0.0;
        var differences = Of(shape, state);
        for (var k = 0; k < differences.Length; k++)
            largest = Math.Max(largest, SpectralNorm(differences[k], shape.Rows(k)));
        return largest;
    }

    /// <summary>||A||_2 of a symmetric matrix (size, size).</summary>
    internal static double SpectralNorm(double[] symmetric, int size)
    {
        using var scope = NewDisposeScope();
        return linalg.eigvalsh(tensor(symmetric, size, size, dtype: float64, device: CPU)).abs().max().item<double>();
    }

    /// <summary>max_k ||D_k - D_k(0)||_F; 0 for one layer.</summary>
    public static double Drift(double[][] initial, double[][] now)
    {
        var largest = 0.0;
        for (var k = 0; k < initial.Length; k++)
            largest = Math.Max(largest, TensorPrimitives.Distance<double>(initial[k], now[k]));
        return largest;
    }
}
