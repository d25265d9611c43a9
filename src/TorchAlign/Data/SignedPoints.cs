using System.Numerics.Tensors;

namespace TorchAlign.Data;

/// <summary>
/// z_i = y_i x_i (n, d), scaled so that max_i ||z_i|| = 1: all that the risk of a bias-free linear network sees of its
/// data
/// (Z. Ji, M. Telgarsky, <i>Gradient descent aligns the layers of deep linear networks</i>, ICLR 2019, section 1.2).
/// Its arrays must not be changed.
/// </summary>
public sealed class SignedPoints
{
    private readonly Lazy<string> hash;

    /// <summary>Scales a copy of <paramref name="z"/> (n, d), row-major, by its largest norm.</summary>
    /// <exception cref="DataException">No points, a shape that does not fit, a NaN or infinity, or all points are
    /// 0.</exception>
    public SignedPoints(ReadOnlySpan<double> z, int count, int dimension)
    {
        if (count < 1 || dimension < 1)
            throw new DataException($"{count} points of dimension {dimension}: there must be at least one of each.");
        if (z.Length != (long)count * dimension)
            throw new DataException($"{z.Length} numbers cannot be {count} points of dimension {dimension}.");
        Count = count;
        Dimension = dimension;
        double largestEntry = 0;
        for (int k = 0; k < z.Length; k++)
        {
            if (!double.IsFinite(z[k]))
                throw new DataException(
                    $"Point {k / dimension}, feature {k % dimension} is {z[k]}; it must be finite.");
            largestEntry = Math.Max(largestEntry, Math.Abs(z[k]));
        }

        if (largestEntry == 0) throw new DataException("All points are 0: they have no direction to learn.");

        // A power of two first: it costs no accuracy and squares neither overflow nor vanish.
        int exponent = Math.ILogB(largestEntry);
        Z = new double[z.Length];
        for (int k = 0; k < z.Length; k++) Z[k] = Math.ScaleB(z[k], -exponent);
        double largest = 0;
        for (int i = 0; i < count; i++) largest = Math.Max(largest, TensorPrimitives.Norm(Row(i)));
        TensorPrimitives.Divide(Z, largest, Z);
        Scale = Math.ScaleB(largest, exponent);
        hash = new(() => DataHash.Of(Count, Dimension, Z, []));
    }

    /// <summary>The points (n, d), row-major, max_i ||z_i|| = 1 to rounding.</summary>
    public double[] Z { get; }

    /// <summary>n, the number of points.</summary>
    public int Count { get; }

    /// <summary>d, the dimension.</summary>
    public int Dimension { get; }

    /// <summary>
    /// max_i ||z_i|| before scaling: margins of the unscaled points are margins of these times Scale.
    /// </summary>
    public double Scale { get; }

    /// <summary>SHA-256 (hex) of n, d and the bits of <see cref="Z"/>.</summary>
    public string Hash => hash.Value;

    /// <summary>z_i (d).</summary>
    public ReadOnlySpan<double> Row(int i) => Z.AsSpan(i * Dimension, Dimension);

    /// <summary>The margins &lt;w, z_i&gt; (n) of <paramref name="w"/> (d).</summary>
    public void Margins(ReadOnlySpan<double> w, Span<double> margins)
    {
        for (int i = 0; i < Count; i++) margins[i] = TensorPrimitives.Dot(Row(i), w);
    }
}
