using FsCheck;
using FsCheck.Fluent;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Numerics;

public class MatrixTests
{
    private static readonly Arbitrary<(int Rows, int Columns, int Seed)> Sizes =
        (from rows in Gen.Choose(1, 12)
         from columns in Gen.Choose(1, 12)
         from seed in Gen.Choose(0, 1 << 30)
         select (rows, columns, seed)).ToArbitrary();

    [Fact]
    public void DecompositionsGiveTheMatrixBack() => Prop.ForAll(Sizes, size =>
    {
        var a = new Matrix(size.Rows, size.Columns);
        new RandomStream(size.Seed).FillGaussian(a.Values);
        foreach (var full in (bool[])[false, true])
        {
            var svd = Svd.Of(a, full);
            Assert.Equal(svd.S.OrderDescending(), svd.S);
            Near(a, svd.U * Matrix.Diagonal(svd.U.Columns, svd.V.Columns, svd.S).TimesTransposed(svd.V));
            Near(Matrix.Identity(svd.U.Columns), svd.U.TransposedTimes(svd.U));
            Near(Matrix.Identity(svd.V.Columns), svd.V.TransposedTimes(svd.V));
            Assert.Equal(full ? (a.Rows, a.Columns) : (svd.S.Length, svd.S.Length), (svd.U.Columns, svd.V.Columns));
        }
        var square = a.TimesTransposed(a);
        var eigen = SymmetricEigen.Of(square);
        Assert.Equal(eigen.Values.Order(), eigen.Values);
        Near(square, eigen.Vectors * Matrix.Diagonal(a.Rows, a.Rows, eigen.Values).TimesTransposed(eigen.Vectors));
    }).Holds(60);

    [Fact]
    public void ArithmeticIsEntrywise()
    {
        var (a, b) = (new Matrix(2, 3, [1, 2, 3, 4, 5, 6]), new Matrix(2, 3, [6, 5, 4, 3, 2, 1]));
        Assert.Equal([7, 7, 7, 7, 7, 7], (a + b).Values.ToArray());
        Assert.Equal([-5, -3, -1, 1, 3, 5], (a - b).Values.ToArray());
        Assert.Equal([2, 4, 6, 8, 10, 12], (2 * a).Values.ToArray());
        Assert.Equal([1, 4, 2, 5, 3, 6], a.Transpose().Values.ToArray());
        Assert.Equal([2, 3, 5, 6], a.ColumnRange(1, 2).Values.ToArray());
        Assert.Equal([4, 5, 6], a.Row(1).ToArray());
        Assert.Equal(Math.Sqrt(91), a.FrobeniusNorm, 1e-14);
        var copy = a.Copy();
        copy[0, 0] = 9;
        Assert.Equal(1, a[0, 0]);
        Assert.Equal([1, 0, 0, 0, 2, 0], Matrix.Diagonal(2, 3, [1, 2]).Values.ToArray());
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        var (a, b) = (new Matrix(2, 3), new Matrix(3, 3));
        Assert.Throws<ArgumentException>(() => a + b);
        Assert.Throws<ArgumentException>(() => a - b);
        Assert.Throws<ArgumentException>(() => b * a);
        Assert.Throws<ArgumentException>(() => a.TransposedTimes(b));
        Assert.Throws<ArgumentException>(() => a.TimesTransposed(new Matrix(3, 2)));
        Assert.Throws<ArgumentException>(() => new Matrix(2, 2, [1, 2, 3]));
        Assert.Throws<ArgumentException>(() => new Matrix(0, 2));
    }

    private static void Near(Matrix expected, Matrix actual) =>
        Assert.Equal(0, (expected - actual).FrobeniusNorm, 1e-12 * (1 + expected.FrobeniusNorm));
}
