using System.Numerics.Tensors;
using TorchAlign.Numerics;

namespace TorchAlign.Networks;

/// <summary>Starting points W(0) as flat states; each is reproducible from the seed of its stream.</summary>
public static class Initialization
{
    /// <summary>Independent entries N(0, scale^2 / d_{k-1}), so that ||W_k x|| is about scale ||x|| sqrt(d_k / d_{k-1}).</summary>
    public static double[] Gaussian(NetworkShape shape, double scale, RandomStream random)
    {
        CheckScale(scale);
        var state = new double[shape.Length];
        for (var k = 0; k < shape.Depth; k++)
        {
            var layer = shape.Layer(state.AsSpan(), k);
            FillGaussian(layer, random);
            TensorPrimitives.Multiply(layer, scale / Math.Sqrt(shape.Columns(k)), layer);
        }
        return state;
    }

    /// <summary>W_1 = 0, the others as in <see cref="Gaussian"/>: sufficient for [JT, Assumption 2].</summary>
    public static double[] ZeroFirstLayer(NetworkShape shape, double scale, RandomStream random)
    {
        var state = Gaussian(shape, scale, random);
        shape.Layer(state.AsSpan(), 0).Clear();
        return state;
    }

    /// <summary>Gaussian directions, every layer scaled to ||W_k||_F = norm ([JT, section 4] uses 4).</summary>
    public static double[] EqualNorms(NetworkShape shape, double norm, RandomStream random)
    {
        var state = Gaussian(shape, 1, random);
        CheckScale(norm);
        for (var k = 0; k < shape.Depth; k++)
        {
            var layer = shape.Layer(state.AsSpan(), k);
            TensorPrimitives.Multiply(layer, norm / TensorPrimitives.Norm<double>(layer), layer);
        }
        return state;
    }

    /// <summary>
    /// W_{k+1}^T W_{k+1} = W_k W_k^T for every k: W_k = scale sum_{j &lt;= r} a_{k,j} a_{k-1,j}^T with orthonormal a_{k,1..r} in
    /// R^{d_k} and r the smallest width, so all singular values are equal. With one output r = 1.
    /// </summary>
    public static double[] Balanced(NetworkShape shape, double scale, RandomStream random)
    {
        CheckScale(scale);
        var rank = shape.Widths.Min();
        var bases = shape.Widths.Select(width => Orthonormal(rank, width, random)).ToArray();
        var state = new double[shape.Length];
        for (var k = 0; k < shape.Depth; k++)
            for (var j = 0; j < rank; j++)
                AddOuter(shape.Layer(state.AsSpan(), k), bases[k + 1][j], bases[k][j], scale);
        return state;
    }

    /// <summary>
    /// Balanced for any number of outputs: W_k = sum_j s_j a_{k,j} a_{k-1,j}^T with orthonormal a_{k,1}, a_{k,2}, ... in R^{d_k} and
    /// the given s_j, so that the product has the singular values s_j^L.
    /// </summary>
    /// <param name="shape">Widths d_0 ... d_L.</param>
    /// <param name="singularValues">Of every layer; positive, no more of them than the smallest width.</param>
    /// <param name="random">Of the bases.</param>
    public static double[] Balanced(NetworkShape shape, ReadOnlySpan<double> singularValues, RandomStream random)
    {
        var rank = shape.Widths.Min();
        if (singularValues.Length == 0 || singularValues.Length > rank)
            throw new ArgumentException(
                $"The network {shape} has layers of rank {rank} at most; {singularValues.Length} singular values were given.",
                nameof(singularValues));
        foreach (var value in singularValues) CheckScale(value);
        var count = singularValues.Length;
        var bases = shape.Widths.Select(width => Orthonormal(count, width, random)).ToArray();
        var state = new double[shape.Length];
        for (var k = 0; k < shape.Depth; k++)
            for (var j = 0; j < count; j++)
                AddOuter(shape.Layer(state.AsSpan(), k), bases[k + 1][j], bases[k][j], singularValues[j]);
        return state;
    }

    /// <summary>
    /// A balanced start with random singular values in [scale / 2, scale], as many as the smallest width, and a Gaussian
    /// perturbation of all layers whose size is found by bisection so that max_k ||W_{k+1}^T W_{k+1} - W_k W_k^T||_2 =
    /// <paramref name="defect"/> to rounding.
    /// </summary>
    public static double[] Unbalanced(NetworkShape shape, double scale, double defect, RandomStream random)
    {
        CheckScale(scale);
        CheckScale(defect);
        if (shape.Depth < 2) throw new ArgumentException("One layer is always balanced: a defect needs two.", nameof(shape));
        double[] values = [.. Enumerable.Range(0, shape.Widths.Min()).Select(_ => random.NextDouble(scale / 2, scale))];
        var balanced = Balanced(shape, values, random);
        var perturbation = Gaussian(shape, 1, random);
        var state = new double[shape.Length];
        // The defect is 0 without the perturbation and grows with its square in the end.
        double low = 0, high = Math.Sqrt(defect);
        while (At(high) < defect) (low, high) = (high, 2 * high);
        while (true)
        {
            var middle = (low + high) / 2;
            if (middle <= low || middle >= high) break;
            if (At(middle) < defect) low = middle;
            else high = middle;
        }
        At(low);
        return state;

        double At(double size)
        {
            TensorPrimitives.MultiplyAdd(perturbation, size, balanced, state);
            return Balancedness.Defect(shape, state);
        }
    }

    /// <summary>
    /// W_k = scale I, cut to (d_k, d_{k-1}): scale on the main diagonal and zeros elsewhere. Balanced where min(d_{k-1}, d_k) =
    /// min(d_k, d_{k+1}) for every inner width; else its defect is scale^2.
    /// </summary>
    public static double[] Identity(NetworkShape shape, double scale)
    {
        CheckScale(scale);
        var state = new double[shape.Length];
        for (var k = 0; k < shape.Depth; k++)
        {
            var layer = shape.Layer(state.AsSpan(), k);
            for (var i = 0; i < Math.Min(shape.Rows(k), shape.Columns(k)); i++) layer[i * shape.Columns(k) + i] = scale;
        }
        return state;
    }

    /// <summary>
    /// Rank-one, aligned layers W_k = s_k a_k a_{k-1}^T with unit a_k and norms s_k drawn from [scale / 2, 2 scale]: aligned but
    /// not balanced, so the differences ||W_{k+1}||_F^2 - ||W_k||_F^2 are not 0 [JT, (3)].
    /// </summary>
    public static double[] RankOneAligned(NetworkShape shape, double scale, RandomStream random)
    {
        CheckScale(scale);
        var units = shape.Widths.Select(width => Orthonormal(1, width, random)[0]).ToArray();
        var state = new double[shape.Length];
        for (var k = 0; k < shape.Depth; k++)
            AddOuter(shape.Layer(state.AsSpan(), k), units[k + 1], units[k], scale * Math.Pow(4, random.NextDouble() - 0.5));
        return state;
    }

    private static void FillGaussian(Span<double> values, RandomStream random)
    {
        for (var i = 0; i < values.Length; i++) values[i] = random.NextGaussian();
    }

    /// <summary>layer += scale left right^T, layer (rows, columns) row-major.</summary>
    private static void AddOuter(Span<double> layer, ReadOnlySpan<double> left, ReadOnlySpan<double> right, double scale)
    {
        for (var i = 0; i < left.Length; i++)
        {
            var row = layer.Slice(i * right.Length, right.Length);
            TensorPrimitives.MultiplyAdd(right, scale * left[i], row, row);
        }
    }

    /// <summary><paramref name="count"/> orthonormal vectors of R^dimension: Gram-Schmidt, twice, on Gaussian vectors.</summary>
    internal static double[][] Orthonormal(int count, int dimension, RandomStream random)
    {
        var basis = new OrthonormalBasis();
        var vector = new double[dimension];
        for (var j = 0; j < count; j++)
        {
            FillGaussian(vector, random);
            basis.Append(vector, basis.Reject(vector));
        }
        return [.. basis.Vectors];
    }

    internal static void CheckScale(double scale)
    {
        if (!(scale > 0 && double.IsFinite(scale)))
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "The scale of a start must be positive and finite.");
    }
}
