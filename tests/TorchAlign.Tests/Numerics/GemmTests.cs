using FsCheck;
using FsCheck.Fluent;
using TorchAlign.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Numerics;

/// <summary>The products against torch's, at sizes on either side of every tile, panel and block edge.</summary>
public class GemmTests
{
    private static readonly Arbitrary<(int M, int K, int N, int Seed)> Sizes =
        (from m in Gen.Choose(1, 40)
         from k in Gen.OneOf(Gen.Choose(1, 40), Gen.Choose(250, 520))
         from n in Gen.Choose(1, 40)
         from seed in Gen.Choose(0, 1 << 30)
         select (m, k, n, seed)).ToArbitrary();

    [Fact]
    public void ProductsAreTorchs() => Prop.ForAll(Sizes, size =>
    {
        using var scope = NewDisposeScope();
        var random = new RandomStream(size.Seed);
        var (a, b) = (Gaussian(size.M, size.K, random), Gaussian(size.K, size.N, random));
        var expected = a.ToTensor().matmul(b.ToTensor()).ToMatrix();
        Same(expected, a * b, size.K);
        Same(expected, a.Transpose().TransposedTimes(b), size.K);
        Same(expected, a.TimesTransposed(b.Transpose()), size.K);
    }).Holds(300);

    [Theory]
    [InlineData(70, 70, 70)]
    [InlineData(784, 1024, 64)]
    [InlineData(10, 64, 1024)]
    public void LargeProductsAreTorchs(int m, int k, int n)
    {
        using var scope = NewDisposeScope();
        var random = new RandomStream(m + k);
        var (a, b) = (Gaussian(m, k, random), Gaussian(k, n, random));
        var expected = a.ToTensor().matmul(b.ToTensor()).ToMatrix();
        Same(expected, a * b, k);
        Same(expected, a.Transpose().TransposedTimes(b), k);
        Same(expected, a.TimesTransposed(b.Transpose()), k);
    }

    /// <summary>Memory beyond the result stays as it was, and what was in the result is no part of it.</summary>
    [Fact]
    public void ResultIsWrittenAndNothingElse()
    {
        double[] a = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], b = [1, 1];
        double[] c = [.. Enumerable.Repeat(double.NaN, 5), 42, 42];
        Gemm.Multiply(a, b, c, 5, 2, 1);
        Assert.Equal([3, 7, 11, 15, 19, 42, 42], c);
    }

    [Fact]
    public void ShortOperandsAreRefused() =>
        Assert.Throws<ArgumentException>(() => Gemm.Multiply(new double[9], new double[10], new double[25], 5, 2, 5));

    private static Matrix Gaussian(int rows, int columns, RandomStream random)
    {
        var matrix = new Matrix(rows, columns);
        random.FillGaussian(matrix.Values);
        return matrix;
    }

    private static void Same(Matrix expected, Matrix actual, int terms)
    {
        Assert.Equal((expected.Rows, expected.Columns), (actual.Rows, actual.Columns));
        for (var i = 0; i < expected.Values.Length; i++)
            Assert.Equal(expected.Values[i], actual.Values[i], 1e-15 * (10 + 4 * terms));
    }
}
