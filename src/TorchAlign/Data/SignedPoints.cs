using System.Numerics.Tensors;

namespace TorchAlign.Data;

/// <summary>
/// z_i = y_i x_i (n, d), scaled so that max_i ||z_i|| = 1: all that the risk of a bias-free linear network sees of its data
/// (Z. Ji, M. Telgarsky, <i>Gradient descent aligns the layers of deep linear networks</i>, ICLR 2019, section 1.2).
/// Its arrays must not be changed.
/// </summary>
public sealed class SignedPoints
{
    private readonly Lazy<string> hash;
    private readonly double[] given;
    private readonly sbyte[]? signs;

    /// <summary>Scales a copy of <paramref name="z"/> (n, d), row-major, by its largest norm.</summary>
    /// <exception cref="DataException">No points, a shape that does not fit, a NaN or infinity, or all points are
    /// 0.</exception>
    public SignedPoints(ReadOnlySpan<double> z, int count, int dimension) : this(z.ToArray(), null, count, dimension)
    {
    }

    /// <summary>z_i = y_i x_i, scaled; keeps <paramref name="x"/> (n, d) and <paramref name="signs"/> (n), null for all +1.</summary>
    internal SignedPoints(double[] x, sbyte[]? signs, int count, int dimension)
    {
        if (count < 1 || dimension < 1)
            throw new DataException($"{count} points of dimension {dimension}: there must be at least one of each.");
        if (x.Length != (long)count * dimension)
            throw new DataException($"{x.Length} numbers cannot be {count} points of dimension {dimension}.");
        (given, this.signs) = (x, signs);
        Count = count;
        Dimension = dimension;
        double largestEntry = 0;
        for (int k = 0; k < x.Length; k++)
        {
            if (!double.IsFinite(x[k]))
                throw new DataException(
                    $"Point {k / dimension}, feature {k % dimension} is {x[k]}; it must be finite.");
            largestEntry = Math.Max(largestEntry, Math.Abs(x[k]));
        }

        if (largestEntry == 0) throw new DataException("All points are 0: they have no direction to learn.");

        // A power of two first: it costs no accuracy and squares neither overflow nor vanish.
        Exponent = Math.ILogB(largestEntry);
        Z = new double[x.Length];
        for (int k = 0; k < x.Length; k++) Z[k] = Sign(k / dimension) * Math.ScaleB(x[k], -Exponent);
        double largest = 0;
        for (int i = 0; i < count; i++) largest = Math.Max(largest, TensorPrimitives.Norm(Row(i)));
        TensorPrimitives.Divide(Z, largest, Z);
        LargestNorm = largest;
        Scale = Math.ScaleB(largest, Exponent);
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

    /// <summary>
    /// The points before scaling are <see cref="Sign"/> <see cref="Given"/>, to the bit. The scaled ones are rounded, and proofs need the
    /// points as they were: a rounding may separate points of which a combination is 0.
    /// </summary>
    internal ReadOnlySpan<double> Given(int i) => given.AsSpan(i * Dimension, Dimension);

    /// <summary>-1 or +1, the factor of <see cref="Given"/>.</summary>
    internal int Sign(int i) => signs is null ? 1 : signs[i];

    /// <summary><see cref="Scale"/> is LargestNorm 2^Exponent, even where that number is beyond float64.</summary>
    internal double LargestNorm { get; }

    internal int Exponent { get; }

    /// <summary>z_i (d).</summary>
    public ReadOnlySpan<double> Row(int i) => Z.AsSpan(i * Dimension, Dimension);

    /// <summary>The margins &lt;w, z_i&gt; (n) of <paramref name="w"/> (d).</summary>
    public void Margins(ReadOnlySpan<double> w, Span<double> margins)
    {
        for (int i = 0; i < Count; i++) margins[i] = TensorPrimitives.Dot(Row(i), w);
    }
}
