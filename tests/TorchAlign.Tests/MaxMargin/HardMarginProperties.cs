using FsCheck;
using FsCheck.Fluent;
using TorchAlign.Data;
using TorchAlign.MaxMargin;
using TorchAlign.Numerics;
using static TorchAlign.Tests.MaxMargin.MarginCheck;

namespace TorchAlign.Tests.MaxMargin;

/// <summary>
/// Properties over random points. Small whole numbers give what random reals never do: ties, duplicates, zero points, dependent and
/// antipodal ones.
/// </summary>
public class HardMarginProperties
{
    private static readonly Arbitrary<SignedPoints> Grid =
        (from d in Gen.Choose(1, 4)
         from n in Gen.Choose(1, 7)
         from lift in Gen.Choose(0, 3)
         from z in Gen.Choose(-3, 3).ArrayOf(n * d)
         where z.Any(v => v != 0)
         select Lifted(n, d, lift, z)).ToArbitrary();

    private static readonly Arbitrary<(int Seed, SignedPoints Points)> Separable =
        (from seed in Gen.Choose(0, int.MaxValue - 1)
         from n in Gen.Choose(2, 30)
         from d in Gen.Choose(2, 8)
         from exponent in Gen.Choose(0, 3)
         select (seed, Generators.Gaussian(seed, n, d, 0.5 * Math.Pow(10, -exponent)).ToSignedPoints())).ToArbitrary();

    [Fact]
    public void The_margin_is_that_of_all_subsets_tried() => Prop.ForAll(Grid, z =>
    {
        MarginSolution s = HardMargin.Solve(z);
        double expected = BruteForce(z);
        if (expected < 1e-7) NotSeparable(z, s);
        else MarginCheck.Separable(z, s, 1e-12);
        Assert.Equal(expected < 1e-7 ? 0 : expected, s.Gamma, 1e-13);
    }).Holds(1000);

    [Fact]
    public void The_bracket_holds_for_any_direction_and_any_weights() => Prop.ForAll(
        Separable, Gen.Choose(0, 1 << 30).ToArbitrary(), (set, seed) =>
    {
        SignedPoints z = set.Points;
        MarginSolution s = HardMargin.Solve(z);
        var stream = new RandomStream(seed);
        double[] u = [.. s.Direction.Select(v => v + 0.1 * s.Gamma * stream.NextGaussian())];
        double[] a = [.. Enumerable.Range(0, z.Count).Select(_ => stream.NextDouble())];
        Assert.True(MarginCertificate.Lower(z, u) <= s.Upper);
        Assert.True(MarginCertificate.Upper(z, a) >= s.Lower);
        Assert.Equal(s.Lower, MarginCertificate.Lower(z, s.Direction));
        Assert.Equal(s.Upper, MarginCertificate.Upper(z, s.DualWeights));
    }).Holds(1000);

    [Fact]
    public void Scale_does_not_matter() => Prop.ForAll(Separable, Gen.Choose(-300, 300).ToArbitrary(), (set, exponent) =>
    {
        double factor = Math.Pow(10, exponent);
        var scaled = new SignedPoints([.. set.Points.Z.Select(v => v * factor)], set.Points.Count, set.Points.Dimension);
        MarginSolution s = HardMargin.Solve(set.Points), t = HardMargin.Solve(scaled);
        Assert.Equal(1, scaled.Scale / factor, 1e-14);
        Assert.Equal(s.Gamma, t.Gamma, 1e-14);
        Assert.Equal(s.SupportVectors, t.SupportVectors);
    }).Holds(1000);

    [Fact]
    public void Order_does_not_matter() => Prop.ForAll(Separable, set =>
    {
        SignedPoints z = set.Points;
        var stream = new RandomStream(set.Seed);
        int[] order = [.. Enumerable.Range(0, z.Count).OrderBy(_ => stream.NextUInt64())];
        var shuffled = new SignedPoints([.. order.SelectMany(i => z.Row(i).ToArray())], z.Count, z.Dimension);
        MarginSolution s = HardMargin.Solve(z), t = HardMargin.Solve(shuffled);
        Assert.Equal(s.Gamma, t.Gamma, 1e-14);
        Assert.Equal(s.SupportVectors, t.SupportVectors.Select(k => order[k]).Order());
        Assert.All(order.Index(), pair => Assert.Equal(s.DualWeights[pair.Item], t.DualWeights[pair.Index], 1e-9));
    }).Holds(1000);

    [Fact]
    public void Rotation_turns_the_direction_and_nothing_else() => Prop.ForAll(Separable, set =>
    {
        SignedPoints z = set.Points;
        var mirror = new double[z.Dimension];
        new RandomStream(set.Seed).FillGaussian(mirror);
        double squares = mirror.Sum(v => v * v);
        double[] Reflect(double[] x)
        {
            double along = 2 * x.Zip(mirror, (a, b) => a * b).Sum() / squares;
            return [.. x.Zip(mirror, (a, b) => a - along * b)];
        }

        var turned = new SignedPoints([.. Enumerable.Range(0, z.Count).SelectMany(i => Reflect(z.Row(i).ToArray()))], z.Count, z.Dimension);
        MarginSolution s = HardMargin.Solve(z), t = HardMargin.Solve(turned);
        Assert.Equal(s.Gamma, t.Gamma, 1e-14);
        Assert.All(Reflect(s.Direction).Zip(t.Direction), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
    }).Holds(1000);

    [Fact]
    public void A_point_beyond_the_margin_changes_nothing() => Prop.ForAll(Separable, set =>
    {
        SignedPoints z = set.Points;
        MarginSolution s = HardMargin.Solve(z);
        double[] beyond = [.. s.Direction.Select(v => v * Math.Min(1, 2 * s.Gamma))];
        MarginSolution t = HardMargin.Solve(new SignedPoints([.. z.Z, .. beyond], z.Count + 1, z.Dimension));
        Assert.Equal(s.Gamma, t.Gamma, 1e-14);
        Assert.Equal(s.SupportVectors, t.SupportVectors);
    }).Holds(1000);

    // Adding to the first coordinate makes separable sets as frequent as others.
    private static SignedPoints Lifted(int n, int d, int lift, int[] z)
    {
        double[] values = [.. z.Select((v, k) => (double)(k % d == 0 ? v + lift : v))];
        if (values.All(v => v == 0)) values[0] = 1;
        return new SignedPoints(values, n, d);
    }
}
