using System.Runtime.InteropServices;
using LibTorchBinding.Tests.Lifetime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LibTorchBinding.Tests;

/// <summary>Convolutions, padding and pooling against the sums that define them, written as loops.</summary>
[Collection(nameof(Alone))]
public class SpatialTests
{
    [Fact]
    public void A_kernel_is_not_flipped_and_reads_before_behind_channels_first()
    {
        using var scope = NewDisposeScope();
        var signal = tensor(new double[] { 1, 10, 100, 1000 }).view(1, 1, 4);
        var kernel = tensor(new double[] { 1, 2, 3 }).view(1, 1, 3);
        Assert.Equal([321.0, 3210.0], Values(nn.functional.conv1d(signal, kernel)));
        Assert.Equal([32.0, 321.0, 3210.0, 2100.0], Values(nn.functional.conv1d(signal, kernel, padding: 1)));
        var torus = nn.functional.pad(signal, [1, 1], PaddingModes.Circular);
        Assert.Equal([1032.0, 321.0, 3210.0, 2103.0], Values(nn.functional.conv1d(torus, kernel)));

        var image = tensor(new double[] { 1, 2, 3, 4, 5, 6 }).view(1, 1, 2, 3);
        var window = tensor(new double[] { 1, 10, 100, 1000 }).view(1, 1, 2, 2);
        Assert.Equal([5421.0, 6532.0], Values(nn.functional.conv2d(image, window)));
    }

    [Theory]
    [InlineData(PaddingModes.Zeros)]
    [InlineData(PaddingModes.Constant)]
    [InlineData(PaddingModes.Circular)]
    [InlineData(PaddingModes.Reflect)]
    [InlineData(PaddingModes.Replicate)]
    public void Convolutions_are_the_sums_that_define_them(PaddingModes mode)
    {
        using var scope = NewDisposeScope();
        bool[] either = [false, true];
        var cases = from pad in new long[][] { [0, 0], [1, 2], [2, 1] }
                    from stride in new long[][] { [1, 1], [2, 1] }
                    from dilation in new long[][] { [1, 1], [1, 2] }
                    from groups in new[] { 1, 2 }
                    from biased in either
                    select (pad, stride, dilation, groups, biased);
        foreach (var (pad, stride, dilation, groups, biased) in cases)
        {
            using var inner = NewDisposeScope();
            using var layer = nn.Conv2d(
                4, 2, (2, 3), (stride[0], stride[1]), (pad[0], pad[1]), (dilation[0], dilation[1]), mode, groups, biased,
                dtype: float64);
            var x = randn([2, 4, 5, 6], dtype: float64);
            var expected = Convolve(Padded(x, pad, mode), layer.weight, layer.bias, stride, dilation, groups);
            Assert.True(layer.call(x).allclose(expected, 1e-12, 1e-12), $"{pad[0]} {stride[0]} {dilation[1]} {groups} {biased}");

            using var line = nn.Conv1d(4, 2, 3, stride[0], pad[0], dilation[1], mode, groups, biased, dtype: float64);
            var signal = x[TensorIndex.Colon, TensorIndex.Colon, 0];
            var padded = Padded(signal.unsqueeze(2), [0, pad[0]], mode);
            var row = Convolve(padded, line.weight.unsqueeze(2), line.bias, [1, stride[0]], [1, dilation[1]], groups);
            Assert.True(line.call(signal).allclose(row.squeeze(2), 1e-12, 1e-12), $"{pad[0]} {stride[0]} {groups} {biased}");
        }
    }

    [Theory]
    [InlineData(PaddingModes.Zeros)]
    [InlineData(PaddingModes.Circular)]
    [InlineData(PaddingModes.Reflect)]
    public void Same_padding_has_the_odd_one_at_the_end_and_only_zeros_know_rows_from_columns(PaddingModes mode)
    {
        using var scope = NewDisposeScope();
        var x = randn([1, 2, 5, 6], dtype: float64);
        using var square = nn.Conv2d(2, 3, 4, Padding.Same, padding_mode: mode, dtype: float64);
        Assert.Equal([1, 3, 5, 6], square.call(x).shape);
        using var layer = nn.Conv2d(2, 3, (2, 3), Padding.Same, padding_mode: mode, dtype: float64);
        var y = layer.call(x);
        Assert.Equal(mode == PaddingModes.Zeros ? [1, 3, 5, 6] : [1, 3, 6, 5], y.shape);
        var padded = nn.functional.pad(x, mode == PaddingModes.Zeros ? [1, 1, 0, 1] : [0, 1, 1, 1], mode);
        Assert.True(y.allclose(Convolve(padded, layer.weight, layer.bias, [1, 1], [1, 1], 1), 1e-12, 1e-12));
        using var line = nn.Conv1d(2, 3, 4, Padding.Same, padding_mode: mode, dtype: float64);
        Assert.Equal([1, 3, 6], line.call(x[TensorIndex.Colon, TensorIndex.Colon, 0]).shape);
        using var valid = nn.Conv2d(2, 3, 3, Padding.Valid, padding_mode: mode, dtype: float64);
        Assert.Equal([1, 3, 3, 4], valid.call(x).shape);
    }

    [Fact]
    public void Pools_take_the_largest_or_the_mean_of_each_window()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new double[] { 1, 5, 2, 0, 3, -4, 8, 1, 0, 0, 6, 7, 9, 1, 2, 2 }).view(1, 1, 4, 4);
        Assert.Equal([5.0, 8.0, 9.0, 7.0], Values(nn.MaxPool2d(2).call(x)));
        Assert.Equal([1.25, 2.75, 2.5, 4.25], Values(nn.AvgPool2d(2).call(x)));
        Assert.Equal([5.0, 8.0, 8.0, 3.0, 8.0, 8.0, 9.0, 6.0, 7.0], Values(nn.functional.max_pool2d(x, 2, 1)));
        Assert.Equal([0.25, 1.75, 0.0], Values(nn.functional.avg_pool2d(x, 2, padding: 1))[..3]);
        var unpadded = nn.functional.avg_pool2d(x, [2, 2], padding: [1, 1], count_include_pad: false);
        Assert.Equal([1.0, 3.5, 0.0], Values(unpadded)[..3]);
        Assert.Equal([1, 16], nn.Flatten().call(x).shape);
    }

    [Fact]
    public void One_hot_rows_are_unit_vectors()
    {
        using var scope = NewDisposeScope();
        var rows = nn.functional.one_hot(tensor(new long[] { 2, 0 }), 4);
        Assert.Equal([0L, 0, 1, 0, 1, 0, 0, 0], rows.data<long>().ToArray());
        Assert.Equal([2, 3], nn.functional.one_hot(tensor(new long[] { 2, 0 })).shape);
    }

    [Fact]
    public void Convolutions_start_as_in_PyTorch_and_refuse_what_does_not_fit()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var layer = nn.Conv2d(16, 50, 5, dtype: float64);
        Assert.Equal([50, 16, 5, 5], layer.weight.shape);
        Assert.Equal([50], layer.bias!.shape);
        Assert.True(layer.weight.abs().max().ToDouble() <= 0.05);
        Assert.Equal(0.05 / Math.Sqrt(3), layer.weight.std().ToDouble(), 3);
        Assert.Equal(["weight", "bias"], layer.named_parameters().Select(p => p.name).ToArray());
        Assert.Equal(ScalarType.Float32, layer.to(float32).call(ones([1, 16, 5, 5])).dtype);
        using var unfit = nn.Conv1d(3, 4, 2, groups: 2);
        Assert.Equal([4, 1, 2], unfit.weight.shape);
        Assert.Throws<ExternalException>(() => unfit.call(ones([1, 3, 5])));
        Assert.Contains("Same", Assert.Throws<ArgumentException>(() => nn.Conv1d(3, 4, 2, Padding.Same, stride: 2)).Message);
    }

    [Fact]
    public void A_kernel_can_be_a_view_of_a_flat_tensor()
    {
        using var scope = NewDisposeScope();
        var flat = arange(9, dtype: float64);
        using var layer = nn.Conv2d(1, 1, 3, bias: false, dtype: float64);
        layer.weight = new Parameter(flat.view(1, 1, 3, 3));
        Assert.Equal(36.0, layer.call(ones([1, 1, 3, 3], dtype: float64)).item<double>());
        using (no_grad()) flat.fill_(0);
        Assert.Equal(0.0, layer.call(ones([1, 1, 3, 3], dtype: float64)).item<double>());
        Assert.Same(layer.weight, layer.parameters().Single());
    }

    /// <summary>x (n, c, h, w) with pad before and after rows and columns, element by element.</summary>
    private static Tensor Padded(Tensor x, long[] pad, PaddingModes mode)
    {
        var (h, w) = (x.size(2), x.size(3));
        var result = zeros([x.size(0), x.size(1), h + (2 * pad[0]), w + (2 * pad[1])], dtype: float64);
        for (long i = 0; i < result.size(2); i++)
        {
            for (long j = 0; j < result.size(3); j++)
            {
                if (Source(i - pad[0], h, mode) is not { } a || Source(j - pad[1], w, mode) is not { } b) continue;
                var (all, row, column) = (TensorIndex.Colon, TensorIndex.Single(i), TensorIndex.Single(j));
                result[all, all, row, column] = x[all, all, TensorIndex.Single(a), TensorIndex.Single(b)];
            }
        }
        return result;
    }

    /// <summary>Where the entry at i comes from, which may lie outside of 0..n-1; null where it is 0.</summary>
    private static long? Source(long i, long n, PaddingModes mode) => mode switch
    {
        PaddingModes.Circular => (i + n) % n,
        PaddingModes.Reflect => i < 0 ? -i : i >= n ? (2 * (n - 1)) - i : i,
        PaddingModes.Replicate => Math.Clamp(i, 0, n - 1),
        _ => i >= 0 && i < n ? i : null,
    };

    /// <summary>y_nopq = b_o + sum over c, i, j of w_ocij x_n,c,s p + d i,s q + d j, without padding.</summary>
    private static Tensor Convolve(Tensor x, Tensor w, Tensor? b, long[] stride, long[] dilation, long groups)
    {
        long Count(int k) => ((x.size(2 + k) - (dilation[k] * (w.size(2 + k) - 1)) - 1) / stride[k]) + 1;
        var (input, kernel) = (new Indexed(x), new Indexed(w));
        var (rows, columns, outputs, inputs) = (Count(0), Count(1), w.size(0), w.size(1));
        var result = new double[x.size(0) * outputs * rows * columns];
        var at = 0;
        for (long n = 0; n < x.size(0); n++)
            for (long o = 0; o < outputs; o++)
                for (long p = 0; p < rows; p++)
                    for (long q = 0; q < columns; q++, at++)
                    {
                        var sum = b?[o].item<double>() ?? 0;
                        for (long c = 0; c < inputs; c++)
                            for (long i = 0; i < w.size(2); i++)
                                for (long j = 0; j < w.size(3); j++)
                                {
                                    var channel = (o / (outputs / groups) * inputs) + c;
                                    sum += kernel[o, c, i, j]
                                        * input[n, channel, (p * stride[0]) + (i * dilation[0]), (q * stride[1]) + (j * dilation[1])];
                                }
                        result[at] = sum;
                    }
        return tensor(result).view(x.size(0), outputs, rows, columns);
    }

    private static double[] Values(Tensor x) => x.data<double>().ToArray();

    private sealed class Indexed(Tensor x)
    {
        private readonly double[] _values = x.detach().contiguous().data<double>().ToArray();
        private readonly long[] _shape = x.shape;

        public double this[long a, long b, long c, long d] =>
            _values[(((((a * _shape[1]) + b) * _shape[2]) + c) * _shape[3]) + d];
    }
}
