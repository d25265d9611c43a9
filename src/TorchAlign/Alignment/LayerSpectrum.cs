using System.Numerics.Tensors;
using TorchAlign.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Alignment;

/// <summary>Singular values and the leading singular subspaces of one layer W_k (d_k, d_{k-1}).</summary>
public sealed class LayerSpectrum
{
    /// <summary>Singular values within this share of the largest count as tied: their vectors have no direction of their own.</summary>
    private const double TieTolerance = 1e-12;

    private LayerSpectrum(double[] values, double[][] left, double[][] right, double frobenius)
    {
        Values = values;
        LeadingLeft = left;
        LeadingRight = right;
        FrobeniusNorm = frobenius;
    }

    /// <summary>sigma_1 &gt;= sigma_2 &gt;= ... (min(d_k, d_{k-1})).</summary>
    public double[] Values { get; }

    /// <summary>Orthonormal basis of the left singular space of sigma_1; one vector, u_k, unless singular values tie.</summary>
    public double[][] LeadingLeft { get; }

    /// <summary>The same on the right: v_k.</summary>
    public double[][] LeadingRight { get; }

    /// <summary>||W_k||_F.</summary>
    public double FrobeniusNorm { get; }

    /// <summary>||W_k||_2.</summary>
    public double SpectralNorm => Values[0];

    /// <summary>||W_k||_2 / ||W_k||_F; NaN for a zero layer.</summary>
    public double SpectralRatio => Values[0] / FrobeniusNorm;

    /// <summary>
    /// ||W_k / ||W_k||_F - u_k v_k^T||_F [JT, Theorem 1]: with s = sigma_1 / ||W_k||_F it is sqrt((1 - s)^2 + sum_{j &gt; 1} sigma_j^2 /
    /// ||W_k||_F^2), from the small singular values themselves so that nothing cancels.
    /// </summary>
    public double RankOneResidual
    {
        get
        {
            var rest = TensorPrimitives.Norm<double>(Values.AsSpan(1)) / FrobeniusNorm;
            // 1 - s = rest^2 / (1 + s), since s^2 + rest^2 = 1.
            var gap = rest * rest / (1 + SpectralRatio);
            return Math.Sqrt(gap * gap + rest * rest);
        }
    }

    /// <summary>Decomposes layer <paramref name="layer"/> (0 for W_1) of a flat state.</summary>
    public static LayerSpectrum Of(NetworkShape shape, ReadOnlySpan<double> state, int layer)
    {
        var weights = shape.Layer(state, layer);
        var (rows, columns) = (shape.Rows(layer), shape.Columns(layer));
        var frobenius = TensorPrimitives.Norm(weights);
        if (rows == 1 || columns == 1) return Vector(weights, rows, frobenius);
        using var scope = NewDisposeScope();
        var (u, s, vh) = linalg.svd(tensor(weights.ToArray(), rows, columns, dtype: float64, device: CPU), fullMatrices: false);
        var values = s.data<double>().ToArray();
        var ties = values.Count(value => value >= values[0] * (1 - TieTolerance));
        var left = u.narrow(1, 0, ties).t().contiguous().data<double>().ToArray();
        var right = vh.narrow(0, 0, ties).contiguous().data<double>().ToArray();
        return new LayerSpectrum(values, Cut(left, rows), Cut(right, columns), frobenius);
    }

    /// <summary>
    /// |&lt;v, u&gt;| of the leading vectors of two layers; where singular values tie, the cosine of the least angle between the
    /// leading spaces, which does not depend on the basis that the decomposition happened to return.
    /// </summary>
    public static double Alignment(double[][] first, double[][] second)
    {
        if (first.Length == 1 && second.Length == 1) return Math.Abs(TensorPrimitives.Dot<double>(first[0], second[0]));
        var cosines = new double[first.Length * second.Length];
        for (var i = 0; i < first.Length; i++)
            for (var j = 0; j < second.Length; j++)
                cosines[i * second.Length + j] = TensorPrimitives.Dot<double>(first[i], second[j]);
        using var scope = NewDisposeScope();
        return linalg.svdvals(tensor(cosines, first.Length, second.Length, dtype: float64, device: CPU)).max().item<double>();
    }

    /// <summary>A single row or column is its own decomposition.</summary>
    private static LayerSpectrum Vector(ReadOnlySpan<double> weights, int rows, double norm)
    {
        var unit = weights.ToArray();
        if (norm > 0) TensorPrimitives.Divide(unit, norm, unit);
        else unit[0] = 1;
        return rows == 1
            ? new LayerSpectrum([norm], [[1]], [unit], norm)
            : new LayerSpectrum([norm], [unit], [[1]], norm);
    }

    private static double[][] Cut(double[] rowMajor, int length) => rowMajor.Chunk(length).ToArray();
}
