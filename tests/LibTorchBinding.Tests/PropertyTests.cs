using FsCheck;
using FsCheck.Fluent;
using TorchAlign.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace LibTorchBinding.Tests;

/// <summary>Against plain C# on random shapes.</summary>
public class PropertyTests
{
    [Fact]
    public void Broadcast_sums_agree_with_loops() => Prop.ForAll(
        Sizes().ToArbitrary(), size =>
        {
            using var scope = NewDisposeScope();
            var (rows, columns) = size;
            var (a, b) = (randn(rows, 1, dtype: float64), randn(1, columns, dtype: float64));
            var (x, y) = (a.data<double>().ToArray(), b.data<double>().ToArray());
            var expected = from u in x from v in y select u + v;
            return (a + b).data<double>().ToArray().SequenceEqual(expected);
        }).Holds();

    [Fact]
    public void Products_agree_with_loops() => Prop.ForAll(
        Sizes().ToArbitrary(), size =>
        {
            using var scope = NewDisposeScope();
            var (rows, columns) = size;
            var (a, b) = (randn(rows, 3, dtype: float64), randn(3, columns, dtype: float64));
            var (x, y, p) = (a.data<double>(), b.data<double>(), a.mm(b).data<double>());
            return Enumerable.Range(0, rows).All(i => Enumerable.Range(0, columns).All(j =>
                Math.Abs(p[i, j] - Enumerable.Range(0, 3).Sum(k => x[i, k] * y[k, j])) < 1e-12));
        }).Holds();

    [Fact]
    public void Slices_and_transposes_read_and_write_as_arrays_do() => Prop.ForAll(
        Sizes().ToArbitrary(), size =>
        {
            using var scope = NewDisposeScope();
            var (rows, columns) = size;
            var array = new double[rows, columns];
            for (var i = 0; i < rows; i++)
            {
                for (var j = 0; j < columns; j++) array[i, j] = (10 * i) + j;
            }
            var t = tensor(array);
            var (first, step) = (rows / 2, 1 + (columns % 3));
            var part = t[TensorIndex.Slice(first), TensorIndex.Slice(null, null, step)].t();
            var expected =
                from j in Enumerable.Range(0, columns)
                where j % step == 0
                from i in Enumerable.Range(first, rows - first)
                select array[i, j];
            var same = part.data<double>().ToArray().SequenceEqual(expected) && part.data<double>().SequenceEqual(expected);
            part.data<double>().CopyFrom([.. expected.Select(v => -v)]);
            return same && t[first, 0].ToDouble() == -array[first, 0];
        }).Holds();

    private static Gen<(int rows, int columns)> Sizes() =>
        from rows in Gen.Choose(1, 7)
        from columns in Gen.Choose(1, 7)
        select (rows, columns);
}
