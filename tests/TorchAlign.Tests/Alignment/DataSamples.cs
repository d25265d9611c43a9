using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Alignment;

/// <summary>Data sets built to allow invariant alignment in every way there is, and generic ones.</summary>
internal static class DataSamples
{
    /// <summary>The ways; sample i of <see cref="Allowing"/> is built in way i mod their number.</summary>
    private static readonly Func<Draw, RegressionSet>[] _ways =
    [
        // Distinct singular values, shared singular vectors.
        draw => Shared(draw, _ => draw.Random.NextDouble(0.5, 2)),
        // X of low rank.
        draw => Shared(draw, j => j < 1 + draw.Rank / 2 ? draw.Random.NextDouble(0.5, 2) : 0),
        // Few eigenvalues, many times each.
        draw => Tied(draw),
        // Singular values over many orders of magnitude.
        draw => Shared(draw, _ => Math.Pow(10, draw.Random.NextDouble(-5, 1))),
        // Eigenvalues that tie to within 1e-3 ... 1e-15.
        draw => Shared(draw, j => 1 + Math.Pow(10, draw.Random.NextDouble(-15, -3))),
        // Autoencoding.
        draw => Gaussian(draw.N, draw.Inputs, draw.Random) is var x ? new RegressionSet("autoencoder", x, x) : null!,
        // Whitened inputs, any targets.
        draw => draw with { N = Math.Max(draw.N, draw.Inputs) } is var wide
            ? new RegressionSet("whitened", 3 * Orthonormal(wide.N, wide.Inputs, wide.Random), Gaussian(wide.N, wide.Outputs, wide.Random))
            : null!,
        // Targets that X does not explain at all, or only in part.
        draw => Unexplained(draw),
    ];

    public static RegressionSet Allowing(int seed) => _ways[seed % _ways.Length](Draw.Of(seed));

    /// <summary>Gaussian X and Y with at least two inputs: one input or one sample always allows it.</summary>
    public static RegressionSet Generic(int seed)
    {
        var draw = Draw.Of(seed);
        return new RegressionSet(
            $"generic {seed}", Gaussian(draw.N, draw.Inputs, draw.Random), Gaussian(draw.N, draw.Outputs, draw.Random));
    }

    public static Matrix Gaussian(int rows, int columns, RandomStream random)
    {
        var matrix = new Matrix(rows, columns);
        random.FillGaussian(matrix.Values);
        return matrix;
    }

    /// <summary>Rows: X = R diag(s) V^T (n, d_0), Y = R diag(t) U^T (n, d_L) with shared R (n, r).</summary>
    private static RegressionSet Shared(Draw draw, Func<int, double> singular)
    {
        var r = Orthonormal(draw.N, draw.Rank, draw.Random);
        var modes = Math.Min(draw.Rank, draw.Outputs);
        double[] s = [.. Enumerable.Range(0, draw.Rank).Select(singular)];
        double[] t = [.. Enumerable.Range(0, modes).Select(_ => draw.Random.NextDouble(-2, 2))];
        var x = r * Matrix.Diagonal(draw.Rank, draw.Inputs, s).TimesTransposed(Orthogonal.Random(draw.Inputs, draw.Random));
        var y = r * Matrix.Diagonal(draw.Rank, draw.Outputs, t).TimesTransposed(Orthogonal.Random(draw.Outputs, draw.Random));
        // The scale of the data must not matter.
        var scale = Math.Pow(10, draw.Random.NextDouble(-6, 6));
        return new RegressionSet("shared", scale * x, Math.Sqrt(scale) * y);
    }

    /// <summary>Two eigenvalues; within each eigenspace the targets are any matrix, and the spaces have outputs of their own.</summary>
    private static RegressionSet Tied(Draw draw)
    {
        var split = Math.Max(1, draw.Rank / 2);
        var outputs = Math.Max(1, draw.Outputs / 2);
        var t = new Matrix(draw.Rank, draw.Outputs);
        for (var i = 0; i < draw.Rank; i++)
            for (var j = 0; j < draw.Outputs; j++)
                if (i < split == j < outputs) t[i, j] = draw.Random.NextGaussian();
        var r = Orthonormal(draw.N, draw.Rank, draw.Random);
        double[] s = [.. Enumerable.Range(0, draw.Rank).Select(i => i < split ? 3.0 : 1)];
        var x = r * Matrix.Diagonal(draw.Rank, draw.Inputs, s).TimesTransposed(Orthogonal.Random(draw.Inputs, draw.Random));
        return new RegressionSet("tied", x, r * t.TimesTransposed(Orthogonal.Random(draw.Outputs, draw.Random)));
    }

    /// <summary>As <see cref="Shared"/>, with targets added across the row space of X, where there is room.</summary>
    private static RegressionSet Unexplained(Draw draw)
    {
        var n = Math.Max(draw.N, 2 * draw.Rank);
        var r = Orthonormal(n, 2 * draw.Rank, draw.Random);
        double[] s = [.. Enumerable.Range(0, draw.Rank).Select(_ => draw.Random.NextDouble(0.5, 2))];
        var explained = draw.Random.NextInt32(2);
        double[] t = [.. Enumerable.Range(0, Math.Min(draw.Rank, draw.Outputs)).Select(_ => explained * draw.Random.NextDouble(-2, 2))];
        var (within, across) = (r.ColumnRange(0, draw.Rank), r.ColumnRange(draw.Rank, draw.Rank));
        var x = within * Matrix.Diagonal(draw.Rank, draw.Inputs, s).TimesTransposed(Orthogonal.Random(draw.Inputs, draw.Random));
        var y = within * Matrix.Diagonal(draw.Rank, draw.Outputs, t).TimesTransposed(Orthogonal.Random(draw.Outputs, draw.Random))
            + across * Gaussian(draw.Rank, draw.Outputs, draw.Random);
        return new RegressionSet("unexplained", x, y);
    }

    private static Matrix Orthonormal(int rows, int columns, RandomStream random) =>
        Orthogonal.Random(rows, random).ColumnRange(0, columns);

    /// <summary>n = 5..100 samples, d_0 = 2..30 inputs, d_L = 1..30 outputs.</summary>
    private sealed record Draw(int N, int Inputs, int Outputs, RandomStream Random)
    {
        public int Rank => Math.Min(N, Inputs);

        public static Draw Of(int seed)
        {
            var random = new RandomStream(seed);
            return new Draw(5 + random.NextInt32(96), 2 + random.NextInt32(29), 1 + random.NextInt32(30), random);
        }
    }
}
