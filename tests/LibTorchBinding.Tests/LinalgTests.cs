using LibTorchBinding.Tests.Lifetime;
using TorchSharp;
using static TorchSharp.torch;

namespace LibTorchBinding.Tests;

/// <summary>Decompositions against matrices with known answers.</summary>
[Collection(nameof(Alone))]
public class LinalgTests
{
    private static Tensor Known() => tensor(new[,] { { 3.0, 0 }, { 4, 5 } });

    [Fact]
    public void Svd_of_a_known_matrix()
    {
        using var scope = NewDisposeScope();
        // A A^T has eigenvalues 45 and 5.
        var (u, s, vh) = linalg.svd(Known());
        Assert.Equal(Math.Sqrt(45), s[0].ToDouble(), 12);
        Assert.Equal(Math.Sqrt(5), s[1].ToDouble(), 12);
        Assert.True((u * s).matmul(vh).allclose(Known()));
        Assert.True(linalg.svdvals(Known()).allclose(s));
        Assert.Equal([4, 4], linalg.svd(ones(4, 2)).Item1.shape);
        Assert.Equal([4, 2], linalg.svd(ones(4, 2), fullMatrices: false).Item1.shape);
        Assert.Equal(1, linalg.matrix_rank(ones(4, 2)).ToInt64());
    }

    [Fact]
    public void Norms_of_a_known_matrix()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(Math.Sqrt(50), linalg.norm(Known()).ToDouble(), 12);
        Assert.Equal(Math.Sqrt(45), linalg.norm(Known(), 2).ToDouble(), 12);
        Assert.Equal(Math.Sqrt(45) + Math.Sqrt(5), linalg.matrix_norm(Known(), "nuc").ToDouble(), 12);
        Assert.Equal(7, linalg.matrix_norm(Known(), 1.0).ToDouble(), 12);
        Assert.Equal([5.0, 5], linalg.vector_norm(Known(), dims: [0L]).data<double>().ToArray());
        Assert.Equal(5, linalg.vector_norm(Known(), double.PositiveInfinity).ToDouble());
    }

    [Fact]
    public void Factors_multiply_back()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        var a = randn(5, 3, dtype: float64);
        var (q, r) = linalg.qr(a);
        Assert.True(q.mm(r).allclose(a));
        Assert.True(q.t().mm(q).allclose(eye(3, dtype: float64)));
        var s = a.t().mm(a);
        var (values, vectors) = linalg.eigh(s);
        Assert.True((vectors * values).mm(vectors.t()).allclose(s));
        Assert.True(linalg.eigvalsh(s).allclose(values));
        Assert.True((values[TensorIndex.Slice(1)] >= values[TensorIndex.Slice(0, -1)]).all().ToBoolean());
        var l = linalg.cholesky(s);
        Assert.True(l.mm(l.t()).allclose(s));
        var b = randn(3, 2, dtype: float64);
        Assert.True(s.mm(linalg.solve(s, b)).allclose(b));
        Assert.True(linalg.inv(s).mm(s).allclose(eye(3, dtype: float64)));
        Assert.True(linalg.lstsq(a, a.mm(b)).Item1.allclose(b));
        Assert.True(linalg.pinv(a).mm(a).allclose(eye(3, dtype: float64)));
        Assert.Equal(linalg.det(s).ToDouble(), values.prod().ToDouble(), 9);
    }

    [Fact]
    public void Products_agree_with_each_other()
    {
        using var scope = NewDisposeScope();
        manual_seed(6);
        var a = randn(3, 4, dtype: float64);
        var b = randn(4, 2, dtype: float64);
        var c = randn(2, 3, dtype: float64);
        Assert.True(a.matmul(b).allclose(a.mm(b)));
        Assert.True(einsum("ij,jk->ik", a, b).allclose(a.mm(b)));
        Assert.True(linalg.multi_dot([a, b, c]).allclose(a.mm(b).mm(c)));
        Assert.True(zeros(3, 2, dtype: float64).addmm(a, b, 1, 2).allclose(a.mm(b) * 2));
        Assert.Equal(a.mm(b).mm(c).trace().ToDouble(), c.mm(a).mm(b).trace().ToDouble(), 12);
        Assert.True(stack([a, a]).bmm(stack([b, b]))[1].allclose(a.mm(b)));
        // More tensors in one call than fit beside the arguments on the stack.
        var rows = Enumerable.Range(0, 1000).Select(i => full(1L, 2, i, float64)).ToList();
        Assert.Equal(999.0 * 1000, cat(rows).sum().ToDouble());
    }
}
