using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Numerics;

public class OrthonormalBasisTests
{
    [Fact]
    public void Nearly_dependent_vectors_give_orthonormal_ones()
    {
        // The Hilbert matrix, whose columns are dependent but for 1e-13 of their length.
        const int d = 10;
        var basis = new OrthonormalBasis();
        for (var j = 0; j < d; j++)
        {
            double[] x = [.. Enumerable.Range(0, d).Select(i => 1.0 / (i + j + 1))];
            double[] rest = [.. x], coefficients = new double[d], rebuilt = new double[d];
            var norm = basis.Reject(rest, coefficients);
            Assert.Equal(TensorPrimitives.Norm<double>(rest), norm);
            basis.Combine(coefficients, rebuilt);
            for (var i = 0; i < d; i++) Assert.Equal(x[i], rebuilt[i] + rest[i], 1e-15);
            basis.Append(rest, norm);
        }
        for (var j = 0; j < d; j++)
            for (var k = 0; k <= j; k++)
                Assert.Equal(j == k ? 1 : 0, TensorPrimitives.Dot<double>(basis.Vectors[j], basis.Vectors[k]), 1e-14);
        basis.RemoveLast();
        Assert.Equal(d - 1, basis.Count);
    }

    [Fact]
    public void Cholesky_solves_definite_and_semidefinite_systems()
    {
        var stream = new RandomStream(1);
        foreach (var (n, rank) in new[] { (1, 1), (5, 5), (30, 30), (5, 3) })
        {
            // A = B B^T, whose first rows of B are independent; b = A x.
            var b = new Matrix(n, rank);
            stream.FillGaussian(b.Values);
            var a = b.TimesTransposed(b);
            var x = new double[n];
            stream.FillGaussian(x.AsSpan(0, rank));
            double[] solution = [.. (a * new Matrix(n, 1, x)).Values];
            var pivot = Cholesky.Factor(a.Values, n);
            if (rank < n)
            {
                Assert.Equal(0, pivot, 1e-12);
                continue;
            }
            Assert.True(pivot > 0);
            Cholesky.Solve(a.Values, n, solution);
            for (var i = 0; i < n; i++) Assert.Equal(x[i], solution[i], 1e-7);
        }

        double[] singular = [4, 0, 2, 1];
        Assert.Equal(0, Cholesky.Factor(singular, 2));
        double[] right = [8, 4];
        Cholesky.Solve(singular, 2, right);
        Assert.Equal([2, 0], right);
        Assert.True(double.IsNaN(Cholesky.Factor(stackalloc double[] { double.NaN }, 1)));
        Assert.True(Cholesky.Factor(stackalloc double[] { -1.0 }, 1) < 0);
    }

    [Fact]
    public void Gauss_rules_are_exact_for_polynomials_of_their_degree()
    {
        foreach (var rule in new[] { GaussLegendre.Six, GaussLegendre.Eight })
        {
            var degree = 4 * rule.Points.Length - 1;
            for (var power = 0; power < degree; power += 2) // odd powers vanish by symmetry
                Assert.Equal(2.0 / (power + 1), 2 * rule.Points.Zip(rule.Weights, (x, w) => w * Math.Pow(x, power)).Sum(), 1e-15);
            var next = degree + 1;
            Assert.NotEqual(2.0 / (next + 1), 2 * rule.Points.Zip(rule.Weights, (x, w) => w * Math.Pow(x, next)).Sum(), 1e-6);
        }
    }
}
