using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Alignment;

/// <summary>The decision whether data allow alignment to be an invariant.</summary>
public class DataAlignmentTests
{
    private const int Sets = 200;

    [Fact]
    public void AllowingSetsAreToldFromGenericOnes()
    {
        for (var seed = 0; seed < Sets; seed++)
        {
            var (allowing, generic) = (Decide(DataSamples.Allowing(seed)), Decide(DataSamples.Generic(seed)));
            Assert.True(allowing.Holds, $"set {seed}: obstruction {allowing.Obstruction:G3} > {allowing.Rounding:G3}");
            Assert.False(generic.Holds, $"set {seed}: obstruction {generic.Obstruction:G3} <= {generic.Rounding:G3}");
            Assert.True(generic.LeastObstruction > generic.Rounding, $"set {seed}: certified only {generic.LeastObstruction:G3}");
            Assert.True(generic.LeastObstruction <= generic.Obstruction && allowing.LeastObstruction <= allowing.Rounding, $"set {seed}");
        }
    }

    /// <summary>What the decision returns is what it says: orthogonal, and diagonal where it holds.</summary>
    [Fact]
    public void BasesAreOrthogonalAndDiagonaliseTheMoments()
    {
        for (var seed = 0; seed < Sets; seed++)
        {
            var data = DataSamples.Allowing(seed);
            var moments = SecondMoments.Of(data);
            var found = DataAlignment.Of(moments);
            Assert.InRange(Orthogonal.Defect(found.Left), 0, 1e-12);
            Assert.InRange(Orthogonal.Defect(found.Right), 0, 1e-12);
            var inputs = found.Right.TransposedTimes(moments.InputMoments) * found.Right;
            var cross = found.Left.TransposedTimes(moments.CrossMoments) * found.Right;
            var (x, y) = (data.X.FrobeniusNorm, data.Y.FrobeniusNorm);
            Near(Matrix.Diagonal(data.Inputs, data.Inputs, found.InputDiagonal), inputs, found.Rounding * x * x);
            Near(Matrix.Diagonal(data.Outputs, data.Inputs, found.CrossDiagonal), cross, found.Rounding * x * y);
            Assert.All(found.CrossDiagonal, a => Assert.True(a >= -found.Rounding * x * y));
        }
    }

    /// <summary>A break of relative size e is seen as one of about e, far below any tolerance a fixed number could have.</summary>
    [Theory]
    [InlineData(1e-3)]
    [InlineData(1e-6)]
    [InlineData(1e-9)]
    public void ObstructionMeasuresTheBreak(double size)
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new RandomStream(seed);
            var x = DataSamples.Gaussian(40, 8, random);
            var y = x + size * DataSamples.Gaussian(40, 8, random);
            var decision = Decide(new RegressionSet("broken", x, y));
            Assert.False(decision.Holds);
            Assert.InRange(decision.Obstruction, 0.01 * size, size);
            Assert.InRange(decision.LeastObstruction, 1e-5 * size, decision.Obstruction);
        }
    }

    /// <summary>One output: C is a row, and the condition is that it be an eigenvector of X X^T.</summary>
    [Fact]
    public void OneOutputNeedsAnEigenvector()
    {
        var x = new Matrix(3, 2, [2, 0, 0, 1, 0, 0]);
        Assert.True(Decide(new RegressionSet("along", x, new Matrix(3, 1, [1, 0, 5]))).Holds);
        var across = Decide(new RegressionSet("across", x, new Matrix(3, 1, [1, 1, 5])));
        Assert.False(across.Holds);
        Assert.True(Decide(new RegressionSet("zero", x, new Matrix(3, 1))).Holds);
        Assert.True(Decide(new RegressionSet("one input", new Matrix(2, 1, [1, 2]), new Matrix(2, 2, [1, 2, 3, 4]))).Holds);
        Assert.True(Decide(new RegressionSet("one sample", new Matrix(1, 3, [1, 2, 3]), new Matrix(1, 2, [4, 5]))).Holds);
    }

    private static DataAlignment Decide(RegressionSet data) => DataAlignment.Of(SecondMoments.Of(data));

    private static void Near(Matrix expected, Matrix actual, double tolerance) =>
        Assert.InRange((expected - actual).FrobeniusNorm, 0, 2 * tolerance);
}
