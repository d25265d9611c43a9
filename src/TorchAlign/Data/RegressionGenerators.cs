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
    /// Inputs as in <see cref="Gaussian"/>, and targets for which Q = Y X^T (X X^T)^(-1/2) has the given singular values between random
    /// bases: Y = Q (X X^T)^(-1/2) X + noise, the noise orthogonal to X, so that it adds its square to every loss and moves no minimiser.
    /// </summary>
    /// <param name="count">n, more than <paramref name="inputs"/>.</param>
    /// <param name="inputs">d_0.</param>
    /// <param name="outputs">d_L.</param>
    /// <param name="singularValues">q_1, q_2, ...; no more than the smaller of inputs and outputs, the others are 0.</param>
    /// <param name="noise">||Y - P* X||_F; 0 for targets that a product can meet.</param>
    /// <param name="random">Of everything.</param>
    public static RegressionSet WithSpectrum(
        int count, int inputs, int outputs, ReadOnlySpan<double> singularValues, double noise, RandomStream random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(count, inputs);
        var rank = singularValues.Length;
        if (rank == 0 || rank > Math.Min(inputs, outputs))
            throw new ArgumentException(
                $"Q is {outputs} x {inputs} and has {Math.Min(inputs, outputs)} singular values; {rank} were given.",
                nameof(singularValues));
        // X = A S B^T: (X X^T)^(-1/2) X of the papers is B A^T here, which has orthonormal columns A for the samples.
        var svd = Svd.Of(Entries(count, inputs, 1 / Math.Sqrt(count), random));
        var x = svd.U * Matrix.Diagonal(inputs, inputs, svd.S).TimesTransposed(svd.V);
        var white = svd.U.TimesTransposed(svd.V);
        var left = Svd.Of(Entries(outputs, rank, 1, random)).U;
        var right = Svd.Of(Entries(inputs, rank, 1, random)).U;
        var fitted = white * right * Matrix.Diagonal(rank, rank, singularValues).TimesTransposed(left);
        var rest = Entries(count, outputs, 1, random);
        rest = rest - svd.U * svd.U.TransposedTimes(rest);
        return new RegressionSet($"spectrum of {rank}, {count} x {inputs} to {outputs}",
            x, fitted + noise / rest.FrobeniusNorm * rest);
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
