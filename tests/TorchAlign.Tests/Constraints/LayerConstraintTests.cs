using System.Numerics;
using System.Numerics.Tensors;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;
using Matrix = TorchAlign.Numerics.Matrix;

namespace TorchAlign.Tests.Constraints;

public class LayerConstraintTests
{
    public static TheoryData<string> Names => [.. All.Select(constraint => constraint.Name)];

    private static LayerConstraint[] All { get; } =
    [
        Pattern.Full(3, 4),
        Pattern.Toeplitz(3, 5),
        Pattern.Circulant(5),
        Pattern.Mask(2, 3, [true, false, true, false, true, true]),
        Pattern.SharedBlocks(2, 3, new[,] { { 0, 1 }, { 1, 0 }, { -1, 0 } }),
        Convolution.TwoDimensional(2, 2, (3, 4), (3, 2), Border.Zero),
        Convolution.OneDimensional(2, 1, 5, 3, Border.Circular),
        SpannedSubspace.Of("user", [.. Enumerable.Range(0, 4).Select(i => Gaussian(3, 4, i))]),
    ];

    [Theory, MemberData(nameof(Names))]
    public void BasisIsOrthonormal(string name)
    {
        var constraint = All.Single(one => one.Name == name);
        for (var a = 0; a < constraint.Dimension; a++)
        {
            var unit = new double[constraint.Dimension];
            unit[a] = 1;
            var back = new double[constraint.Dimension];
            constraint.Contract(constraint.Operator(unit).Values, back);
            for (var b = 0; b < back.Length; b++) Assert.Equal(unit[b], back[b], 1e-14);
        }
    }

    /// <summary>P_S M is in S, and M - P_S M is orthogonal to S.</summary>
    [Theory, MemberData(nameof(Names))]
    public void ProjectionIsOrthogonal(string name)
    {
        var constraint = All.Single(one => one.Name == name);
        var matrix = Gaussian(constraint.Rows, constraint.Columns, 9);
        var projected = constraint.Project(matrix);
        Assert.InRange(constraint.Violation(projected), 0, 1e-14);
        var rest = new double[constraint.Dimension];
        constraint.Contract((matrix - projected).Values, rest);
        Assert.All(rest, value => Assert.Equal(0, value, 1e-14));
        if (constraint.Dimension < constraint.Rows * constraint.Columns) Assert.InRange(constraint.Violation(matrix), 0.1, 1);
    }

    /// <summary>A unit kernel gives A_a, of the norm that is told; the adjoint of the kernel's map is the one gradients use.</summary>
    [Theory, MemberData(nameof(Names))]
    public void KernelsAndCoefficientsDescribeTheSameMatrix(string name)
    {
        var constraint = All.Single(one => one.Name == name);
        var m = constraint.Dimension;
        var (kernel, gradient) = (Gaussian(1, m, 1).Values.ToArray(), Gaussian(1, m, 2).Values.ToArray());
        for (var a = 0; a < m; a++)
        {
            var unit = new double[m];
            unit[a] = 1;
            Assert.Equal(constraint.Norms[a], constraint.OperatorOfKernel(unit).FrobeniusNorm, 1e-13);
        }
        var coefficients = new double[m];
        constraint.KernelToCoefficients(kernel, coefficients);
        var kernelGradient = new double[m];
        constraint.CoefficientGradientToKernel(gradient, kernelGradient);
        Assert.Equal(TensorPrimitives.Dot<double>(gradient, coefficients), TensorPrimitives.Dot<double>(kernelGradient, kernel), 1e-12);
        var inPlace = kernel.ToArray();
        constraint.KernelToCoefficients(inPlace, inPlace);
        Assert.Equal(coefficients, inPlace);
        constraint.CoefficientsToKernel(inPlace, inPlace);
        for (var a = 0; a < m; a++) Assert.Equal(kernel[a], inPlace[a], 1e-13);
    }

    [Fact]
    public void PatternsAreWhatTheirNamesSay()
    {
        Assert.Equal([3, 2, 1, 4, 3, 2], Entries(Pattern.Toeplitz(2, 3), 1, 2, 3, 4));
        Assert.Equal([1, 3, 2, 2, 1, 3, 3, 2, 1], Entries(Pattern.Circulant(3), 1, 2, 3));
        Assert.Equal([1, 0, 0, 2], Entries(Pattern.Mask(2, 2, [true, false, false, true]), 1, 2));
        Assert.Equal([1, 2, 0, 0, 3, 4, 1, 2], Entries(Pattern.SharedBlocks(1, 2, new[,] { { 0, -1 }, { 1, 0 } }), 1, 2, 3, 4));
        Assert.Equal([0, 1, 2, 3], Entries(Pattern.Full(2, 2), 0, 1, 2, 3));

        static double[] Entries(LayerConstraint constraint, params double[] kernel) =>
            [.. constraint.OperatorOfKernel(kernel).Values.ToArray().Select(value => Math.Round(value, 14))];
    }

    /// <summary>F C F^* is diagonal for the Fourier matrix F, with the transform of the first column.</summary>
    [Fact]
    public void CirculantsAreDiagonalInTheFourierBasis()
    {
        const int Size = 7;
        var c = Gaussian(1, Size, 3).Values.ToArray();
        var matrix = Pattern.Circulant(Size).OperatorOfKernel(c);
        Complex Fourier(int i, int j) => Complex.FromPolarCoordinates(1 / Math.Sqrt(Size), -2 * Math.PI * i * j / Size);
        for (var p = 0; p < Size; p++)
            for (var q = 0; q < Size; q++)
            {
                var entry = Complex.Zero;
                for (var i = 0; i < Size; i++)
                    for (var j = 0; j < Size; j++) entry += Fourier(p, i) * matrix[i, j] * Complex.Conjugate(Fourier(q, j));
                var expected = p != q ? 0 : Enumerable.Range(0, Size).Aggregate(Complex.Zero, (sum, i) => sum + c[i] * Fourier(p, i))
                    * Math.Sqrt(Size);
                Assert.True((entry - expected).Magnitude < 1e-13, $"({p}, {q})");
            }
    }

    [Fact]
    public void DependentMatricesAreNamed()
    {
        var (a, b) = (Gaussian(2, 3, 1), Gaussian(2, 3, 2));
        var error = Assert.Throws<ArgumentException>(() => SpannedSubspace.Of("mine", [a, b, 2 * a - b]));
        Assert.Contains("mine: matrix 3 is a combination", error.Message);
        Assert.Contains("matrix 2 is 0", Assert.Throws<ArgumentException>(() => SpannedSubspace.Of("mine", [a, 0 * a])).Message);
        Assert.Contains("(3, 2)", Assert.Throws<ArgumentException>(() => SpannedSubspace.Of("mine", [a, Gaussian(3, 2, 1)])).Message);
        Assert.Throws<ArgumentException>(() => SpannedSubspace.Of("mine", []));
        Assert.Throws<ArgumentException>(() => SpannedSubspace.Of("mine", [new Matrix(1, 1, [double.NaN])]));
    }

    /// <summary>Nearly dependent matrices still give an orthonormal basis of their span.</summary>
    [Fact]
    public void NearlyDependentMatricesKeepTheirSpan()
    {
        var (a, b) = (Gaussian(3, 3, 1), Gaussian(3, 3, 2));
        var subspace = SpannedSubspace.Of("mine", [a, a + 1e-7 * b]);
        Assert.InRange(subspace.Violation(b), 0, 1e-7);
        Assert.InRange(subspace.Violation(a), 0, 1e-15);
    }

    [Fact]
    public void BadPatternsAreRefused()
    {
        Assert.Throws<ArgumentException>(() => Pattern.Full(0, 3));
        Assert.Throws<ArgumentException>(() => Pattern.Mask(2, 2, [true]));
        Assert.Throws<ArgumentException>(() => Pattern.Mask(1, 2, [false, false]));
        Assert.Contains("parameter 0",
            Assert.Throws<ArgumentException>(() => Pattern.SharedBlocks(1, 1, new[,] { { 1, -1 } })).Message);
        Assert.Contains("layer 1", Assert.Throws<ArgumentException>(
            () => new ConstrainedLayers(Pattern.Full(3, 2), Pattern.Full(2, 4))).Message);
    }

    internal static Matrix Gaussian(int rows, int columns, int seed)
    {
        var matrix = new Matrix(rows, columns);
        new RandomStream(seed).FillGaussian(matrix.Values);
        return matrix;
    }
}
