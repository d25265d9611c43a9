using TorchAlign.Data;
using TorchAlign.MaxMargin;
using TorchAlign.Numerics;
using static TorchAlign.Tests.MaxMargin.MarginCheck;

namespace TorchAlign.Tests.MaxMargin;

public class CertificateTests
{
    [Fact]
    public void Inner_products_keep_twice_the_digits()
    {
        // 2^53 + 1 - 2^53 loses the 1 in float64.
        double big = 1L << 53;
        Assert.Equal(1, TwiceDouble.Dot([big, 1, -big], [1, 1, 1]));
        double x = 1 + Math.ScaleB(1, -30);
        Assert.Equal(Math.ScaleB(1, -60), TwiceDouble.Dot([x, x, 1], [x, -2, 1]));
        Assert.Equal(3, TwiceDouble.Sum([1e100, 3, -1e100]));
    }

    [Fact]
    public void Bounds_are_rounded_outward()
    {
        SignedPoints z = Points(2, 1, 0, 0, 1);
        double half = Math.Sqrt(0.5); // above the root, so the float64 below it is the other bound
        Assert.Equal(Math.BitDecrement(half), MarginCertificate.Lower(z, [1, 1]));
        Assert.Equal(half, MarginCertificate.Upper(z, [2, 2]));
    }

    [Fact]
    public void Bounds_hold_where_every_operation_rounds()
    {
        var stream = new RandomStream(9);
        for (int trial = 0; trial < 1000; trial++)
        {
            int d = 2 + trial % 20;
            double[] given = [.. Enumerable.Range(0, 3 * d).Select(_ => stream.NextGaussian() * Math.Pow(10, -8 * stream.NextDouble()))];
            SignedPoints z = Points(d, given);
            double[] u = [.. Enumerable.Range(0, d).Select(_ => stream.NextGaussian())], a = [stream.NextDouble(), stream.NextDouble(), 1e-9];
            RationalJudge.CheckBounds(given, d, z, u, MarginCertificate.Lower(z, u), a, MarginCertificate.Upper(z, a));
        }
    }

    [Fact]
    public void Separability_is_proved_exactly()
    {
        SignedPoints z = Points(2, 1, 0, -0.5, 0.5);
        Assert.True(MarginCertificate.ProvesSeparable(z, [1, 2]));
        Assert.False(MarginCertificate.ProvesSeparable(z, [1, 1]));
        Assert.True(MarginCertificate.ProvesSeparable(z, [1, 1 + 4e-16]));
        Assert.False(MarginCertificate.ProvesSeparable(z, [1, 1 - 1e-16]));
        Assert.True(MarginCertificate.ProvesSeparable(z, [1e-300, 1.5e-300]));
    }

    [Fact]
    public void What_is_no_direction_and_no_weights_is_refused()
    {
        SignedPoints z = Points(2, 1, 0, 0, 1);
        Assert.Throws<ArgumentException>(() => MarginCertificate.Lower(z, [0, 0]));
        Assert.Throws<ArgumentException>(() => MarginCertificate.Lower(z, [1]));
        Assert.Throws<ArgumentException>(() => MarginCertificate.Upper(z, [1, -1]));
        Assert.Throws<ArgumentException>(() => MarginCertificate.Upper(z, [0, 0]));
        Assert.Throws<ArgumentException>(() => MarginCertificate.GordanResidual(z, [1, 1, 1]));
    }

    [Fact]
    public void A_point_that_leaves_the_factor_leaves_no_trace()
    {
        SignedPoints z = Generators.Gaussian(1, 20, 12, 0.1).ToSignedPoints();
        double[] Weights(params int[] order)
        {
            var factor = new PointFactor(z);
            var split = new double[12];
            var rest = new double[12];
            foreach (int i in order) factor.Append(i, split, rest, factor.Split(z.Row(i), split, rest));
            foreach (int i in new[] { 11, 0, 5 }) factor.RemoveAt(factor.Indices.ToList().IndexOf(i));
            double[] l = [.. factor.Indices.Select(_ => 1.0)];
            factor.SolveTransposed(l);
            factor.Solve(l);
            return [.. factor.Indices.Zip(l).OrderBy(pair => pair.First).Select(pair => pair.Second)];
        }

        double[] a = Weights([.. Enumerable.Range(0, 12)]), b = Weights([.. Enumerable.Range(0, 12).Reverse()]);
        Assert.Equal(9, a.Length);
        Assert.All(a.Zip(b), pair => Assert.Equal(pair.First, pair.Second, 1e-9 * a.Max(Math.Abs)));
    }
}
