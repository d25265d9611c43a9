using LibTorchBinding.Tests.Lifetime;
using TorchSharp;
using static TorchSharp.torch;

namespace LibTorchBinding.Tests;

/// <summary>Shapes, dtypes, broadcasting, views and the way to C# and back.</summary>
[Collection(nameof(Alone))]
public class TensorTests
{
    [Fact]
    public void Creation_gives_the_asked_shape_dtype_and_values()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([2, 3], zeros(2, 3).shape);
        Assert.Equal(ScalarType.Float32, zeros(2, 3).dtype);
        Assert.Equal([4, 1, 2], ones([4L, 1, 2], dtype: float64).shape);
        Assert.Equal([7.5, 7.5], full(2L, 7.5, float64).data<double>().ToArray());
        Assert.Equal([1, 0, 0, 0, 1, 0], eye(2, 3, dtype: float64).data<double>().ToArray());
        Assert.Equal(ScalarType.Int64, arange(3).dtype);
        Assert.Equal([1L, 3, 5], arange(1, 6, 2).data<long>().ToArray());
        Assert.Equal([0, 0.5, 1], linspace(0, 1, 3, dtype: float64).data<double>().ToArray());
        Assert.Equal([0L, 1, 2, 3], randperm(4).sort().Item1.data<long>().ToArray());
        Assert.Equal([3, 2], zeros_like(ones(3, 2)).shape);
        Assert.Equal(ScalarType.Float64, randn_like(ones(3, 2), dtype: float64).dtype);
        Assert.True(ones(2, dtype: float64, requires_grad: true).requires_grad);
    }

    [Fact]
    public void Numbers_keep_their_type_unless_told_otherwise()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(ScalarType.Float64, tensor(1.5).dtype);
        Assert.Equal(ScalarType.Float32, tensor(1.5f).dtype);
        Assert.Equal(ScalarType.Int64, tensor(1L).dtype);
        Assert.Equal(ScalarType.Bool, tensor(true).dtype);
        Assert.Equal(ScalarType.Float32, tensor(new[] { 1.0, 2 }, dtype: float32).dtype);
        Assert.Equal(0, tensor(3.0).dim());
        Assert.Equal([2, 2], tensor(new[,] { { 1.0, 2 }, { 3, 4 } }).shape);
        Assert.Equal([2, 2], tensor(new List<double> { 1, 2, 3, 4 }, 2, 2).shape);
        Assert.Equal([2, 1, 2], tensor(new[] { 1.0, 2, 3, 4 }, [2L, 1, 2]).shape);
        Assert.Equal([1, 2, 3, 4, 5, 6], from_array(new[, ,] { { { 1.0, 2, 3 }, { 4, 5, 6 } } }).data<double>().ToArray());
        Assert.Throws<ArgumentException>(() => tensor(new[] { 1.0, 2, 3 }, [2L, 2]));
    }

    [Fact]
    public void Seeds_repeat_random_numbers()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var a = randn(5, dtype: float64);
        manual_seed(3);
        Assert.True(a.Equals(randn(5, dtype: float64)));
        using var g = new Generator(11);
        using var h = new Generator(11);
        Assert.True(rand(4L, generator: g).Equals(rand(4L, generator: h)));
        Assert.Equal(11, g.initial_seed());
        Assert.False(rand(4L, generator: g).Equals(rand(4L, generator: g.manual_seed(12))));
    }

    [Theory]
    [InlineData(new long[] { 2, 3 }, new long[] { 3 }, new long[] { 2, 3 })]
    [InlineData(new long[] { 4, 1 }, new long[] { 1, 5 }, new long[] { 4, 5 })]
    [InlineData(new long[] { 2, 1, 3 }, new long[] { 4, 1 }, new long[] { 2, 4, 3 })]
    [InlineData(new long[] { }, new long[] { 2 }, new long[] { 2 })]
    public void Shapes_broadcast(long[] a, long[] b, long[] expected)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected, (ones(a) + ones(b)).shape);
        Assert.Equal(expected, ones(a).maximum(ones(b)).shape);
    }

    [Fact]
    public void Types_are_promoted()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(ScalarType.Float64, (ones(2) + ones(2, dtype: float64)).dtype);
        Assert.Equal(ScalarType.Float32, (ones(2) * 2.5).dtype);
        Assert.Equal(ScalarType.Float32, (ones(2, dtype: int64) * 2.5).dtype);
        Assert.Equal(ScalarType.Int64, (ones(2, dtype: int64) * 2).dtype);
        Assert.Equal(ScalarType.Bool, (ones(2) > 0.5).dtype);
        Assert.Equal(ScalarType.Float64, ones(2).to(float64).dtype);
        Assert.Equal(ScalarType.Int64, ones(2).@long().dtype);
    }

    [Fact]
    public void Views_share_memory_and_copies_do_not()
    {
        using var scope = NewDisposeScope();
        var flat = zeros(6, dtype: float64);
        flat.narrow(0, 0, 4).view(2, 2)[1, 0] = tensor(5.0);
        Assert.Equal([0, 0, 5, 0, 0, 0], flat.data<double>().ToArray());
        flat.view(2, 3).t()[2, 1] = tensor(7.0);
        Assert.Equal([0, 0, 5, 0, 0, 7], flat.data<double>().ToArray());
        flat.clone().fill_(1);
        flat.reshape(3, 2).contiguous().select(0, 0).mul_(2);
        Assert.Equal([0, 0, 5, 0, 0, 7], flat.data<double>().ToArray());
        flat.detach().add_(1);
        Assert.Equal(1, flat[0].item<double>());
    }

    [Fact]
    public void Data_follows_strides()
    {
        using var scope = NewDisposeScope();
        var x = arange(6, dtype: float64).view(2, 3).t();
        Assert.False(x.is_contiguous());
        Assert.Equal([1, 3], x.stride());
        Assert.Equal([0, 3, 1, 4, 2, 5], x.data<double>().ToArray());
        Assert.Equal([0, 3, 1, 4, 2, 5], x.data<double>());
        Assert.Equal(4, x.data<double>()[1, 1]);
        var data = x.data<double>();
        data[2, 0] = 9;
        Assert.Equal(9, x[2, 0].item<double>());
        data.CopyFrom([10.0, 11, 12, 13, 14, 15]);
        Assert.Equal([10, 12, 14, 11, 13, 15], x.t().contiguous().data<double>().ToArray());
        Assert.Throws<IndexOutOfRangeException>(() => data[3, 0]);
        Assert.ThrowsAny<Exception>(() => x.data<float>());
    }

    [Fact]
    public void Bytes_are_the_memory()
    {
        using var x = tensor(new[] { 1.0, -2 });
        Assert.Equal(16, x.bytes.Length);
        Assert.Equal(-2, BitConverter.ToDouble(x.bytes[8..]));
        x.bytes = new byte[16];
        Assert.Equal([0, 0], x.data<double>().ToArray());
    }

    [Fact]
    public void Indexing_takes_numbers_slices_and_tensors()
    {
        using var scope = NewDisposeScope();
        var x = arange(24, dtype: float64).view(2, 3, 4);
        Assert.Equal(23, x[1, 2, 3].ToDouble());
        Assert.Equal(23, x[-1, -1, -1].ToDouble());
        Assert.Equal([4], x[0, 1].shape);
        Assert.Equal([2, 4], x[TensorIndex.Ellipsis, 1, TensorIndex.Colon].shape);
        Assert.Equal([2, 3], x[TensorIndex.Ellipsis, 3].shape);
        var everySecond = TensorIndex.Slice(0, null, 2);
        Assert.Equal([2, 1, 3, 2], x[TensorIndex.Colon, TensorIndex.None, TensorIndex.Colon, everySecond].shape);
        Assert.Equal([2, 2, 4], x[TensorIndex.Colon, 1..].shape);
        Assert.Equal([5.0, 6], x[0, 1, 1..^1].data<double>().ToArray());
        Assert.Equal([2, 2, 4], x[TensorIndex.Colon, TensorIndex.Tensor(tensor(new long[] { 2, 0 }))].shape);
        Assert.Equal(12, x[x.remainderIsEven()].numel());
        x[0, TensorIndex.Colon, 0] = tensor(new[] { -1.0, -2, -3 });
        Assert.Equal([-1.0, -2, -3], x[0, TensorIndex.Colon, 0].data<double>().ToArray());
        x[x.lt(0)] = tensor(100.0);
        Assert.Equal(300, x[0, TensorIndex.Colon, 0].sum().ToDouble());
        x[0] = tensor(0.0);
        Assert.Equal(0, x[0].sum().ToDouble());
    }

    [Fact]
    public void Numbers_come_out_as_what_is_asked_for()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(2.5, tensor(2.5f).ToDouble());
        Assert.Equal(2, tensor(2.5).ToInt64());
        Assert.Equal(2.5f, tensor(2.5).ToSingle());
        Assert.True(tensor(1L).ToBoolean());
        Assert.Equal(7, tensor(7).item<int>());
        Assert.Equal(3.0, (double)tensor(3.0));
        Assert.ThrowsAny<Exception>(() => ones(2).item<float>());
        Assert.Contains("Float64", ones(2, 3, dtype: float64).ToString());
        Assert.Contains("2x3", ones(2, 3, dtype: float64).ToString());
    }

    [Fact]
    public void Comparisons_and_logic_are_element_by_element()
    {
        using var scope = NewDisposeScope();
        var a = tensor(new[] { 1.0, 2, double.NaN });
        var b = tensor(new[] { 1.0, 3, 0 });
        Assert.Equal([true, false, false], (a == b).data<bool>().ToArray());
        Assert.Equal([false, true, true], (a != b).data<bool>().ToArray());
        Assert.Equal([false, true, false], (a < b).data<bool>().ToArray());
        Assert.Equal([true, false, false], (a >= b).data<bool>().ToArray());
        Assert.Equal([false, false, true], a.isnan().data<bool>().ToArray());
        Assert.Equal([true, true, false], a.isfinite().data<bool>().ToArray());
        Assert.Equal([false, false, true], a.isfinite().logical_not().data<bool>().ToArray());
        Assert.False((a == b).all().ToBoolean());
        Assert.True((a == b).any().ToBoolean());
        Assert.True(b.allclose(b + 1e-9));
        Assert.True(b.Equals(b.clone()));
        Assert.Equal([true, false, true], ((b == 1) | (b == 0)).data<bool>().ToArray());
        Assert.Equal([false, true, false], (~(b <= 1)).data<bool>().ToArray());
    }

    [Fact]
    public void Reductions_keep_or_drop_dimensions()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[,] { { 3.0, 1, 2 }, { 6, 5, 4 } });
        Assert.Equal(21, x.sum().ToDouble());
        Assert.Equal([6.0, 15], x.sum(1).data<double>().ToArray());
        Assert.Equal([1, 3], x.sum(0, keepdim: true).shape);
        Assert.Equal([2.0, 5], x.mean([1L]).data<double>().ToArray());
        Assert.Equal([0L, 0], x.argmax(1).data<long>().ToArray());
        Assert.Equal([1L, 2, 0], x.argsort()[0].data<long>().ToArray());
        Assert.Equal([3.0, 6], x.amax(1).data<double>().ToArray());
        Assert.Equal([1.0, 4], x.min(1).Item1.data<double>().ToArray());
        Assert.Equal(Math.Sqrt(91), x.norm().ToDouble(), 12);
        Assert.Equal(1 + Math.Log(2), ones(2, dtype: float64).logsumexp(0).ToDouble(), 12);
        Assert.Equal([9.0, 6, 6], x.cumsum(0)[1].data<double>().ToArray());
    }

    [Fact]
    public void Log_domain_functions_neither_overflow_nor_lose_digits()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { -800.0, 0, 800 });
        Assert.Equal([-800, -Math.Log(2), 0], x.log_sigmoid().data<double>().ToArray());
        Assert.Equal(800, x.logsumexp(0).ToDouble());
        Assert.Equal(1e-20, tensor(1e-20).expm1().ToDouble());
        Assert.Equal(1e-20, tensor(1e-20).log1p().ToDouble());
    }
}

file static class Extensions
{
    public static Tensor remainderIsEven(this Tensor x) => (x / 2).floor() * 2 == x;
}
