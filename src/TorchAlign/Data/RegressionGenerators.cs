using TorchAlign.Numerics;

namespace TorchAlign.Data;

/// <summary>Seeded regression problems of several outputs. The same seed gives the same set for ever.</summary>
public static class RegressionGenerators
{
    /// <summary>Inputs with independent entries N(0, 1/n), so that X X^T is about I, and targets N(0, 1/n) independent of them.</summary>
    /// <param name="count">n; at least <paramref name="inputs"/> for X X^T of full rank.</param>
    /// <param name="inputs">d_0.</param>
    /// <param name="outputs">d_L.</param>
    /// <param name="random">Of all entries.</param>
    public static RegressionSet Gaussian(int count, int inputs, int outputs, RandomStream random)
    {
        var scale = 1 / Math.Sqrt(count);
        return new RegressionSet($"gaussian {count} x {inputs} to {outputs}",
            Entries(count, inputs, scale, random), Entries(count, outputs, scale, random));
    }

    /// <summary>
    /// Inputs as in <see cref="Gaussian"/> and targets y = T x + noise of a teacher T (d_L, d_0) of rank r with Gaussian factors,
    /// ||T||_2 about 1.
    /// </summary>
    /// <param name="count">n.</param>
    /// <param name="inputs">d_0.</param>
    /// <param name="outputs">d_L.</param>
    /// <param name="rank">r, at most the smaller of inputs and outputs.</param>
    /// <param name="noise">Standard deviation of sqrt(n) times an entry of the noise.</param>
    /// <param name="random">Of everything.</param>
    public static RegressionSet Teacher(int count, int inputs, int outputs, int rank, double noise, RandomStream random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rank, Math.Min(inputs, outputs));
        var scale = 1 / Math.Sqrt(count);
        var x = Entries(count, inputs, scale, random);
        var (left, right) = (Entries(outputs, rank, 1, random), Entries(inputs, rank, 1, random));
        var size = 1 / ((Math.Sqrt(outputs) + Math.Sqrt(rank)) * (Math.Sqrt(inputs) + Math.Sqrt(rank)));
        var y = x * right.TimesTransposed(size * left) + Entries(count, outputs, noise * scale, random);
        return new RegressionSet($"teacher of rank {rank}, {count} x {inputs} to {outputs}", x, y);
    }

    /// <summary>Matrix factorisation: X = I, and the loss is that of ||T - P||_F^2 for the target T (d_L, d_0).</summary>
    public static RegressionSet Factorization(Matrix target) =>
        new($"factorisation of {target.Rows} x {target.Columns}", Matrix.Identity(target.Columns), target.Transpose());

    private static Matrix Entries(int rows, int columns, double scale, RandomStream random)
    {
        var matrix = new Matrix(rows, columns);
        random.FillGaussian(matrix.Values);
        return scale * matrix;
    }
}
