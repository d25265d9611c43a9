using System.Numerics;
using TorchAlign.Data;
using TorchAlign.MaxMargin;
using TorchAlign.Numerics;
using static TorchAlign.Tests.MaxMargin.MarginCheck;

namespace TorchAlign.Tests.MaxMargin;

/// <summary>What counts as a proof that a combination of points is exactly 0.</summary>
public class GordanProofTests
{
    [Fact]
    public void Float64_proves_only_what_rational_arithmetic_confirms()
    {
        var stream = new RandomStream(8);
        int proved = 0, refused = 0;
        for (int trial = 0; trial < 2000; trial++)
        {
            int d = 1 + trial / 3 % 6;
            double[] given = new double[(d + 1) * d], weights = new double[d + 1];
            stream.FillGaussian(given.AsSpan(0, d * d));
            for (int i = 0; i < d; i++) weights[i] = trial % 3 == 0 ? Math.Pow(10, -20 * stream.NextDouble()) : 1;
            weights[d] = 1;
            // The last point closes the combination to rounding: weights near that decide whether it is true.
            for (int j = 0; j < d; j++)
                for (int i = 0; i < d; i++) given[d * d + j] -= weights[i] * given[i * d + j];
            SignedPoints z = Points(d, given);
            bool claimed = VerifiedCombination.Prove(z, [.. Enumerable.Range(0, d + 1)], weights) is not null;
            if (claimed) Assert.True(RationalJudge.CombinesToZero(given, d));
            if (claimed) proved++;
            else refused++;
        }

        Assert.True(proved > 1000 && refused > 50, $"{proved} proved, {refused} not");
    }

    [Fact]
    public void A_point_with_no_part_in_the_combination_is_no_carrier()
    {
        // The third point is across the other two: its exact weight is 0.
        SignedPoints z = Points(2, 1, 0, -1, 0, 0, 1);
        Assert.Null(VerifiedCombination.Prove(z, [0, 1, 2], [1, 1, 1e-20]));
        GordanProof proof = GordanProof.Find(z, [0, 1, 2], [0.5, 0.5, 0], default)!;
        Assert.Equal([0, 1], proof.Carriers);
        Assert.Null(GordanProof.Find(Points(2, 1, 1e-300, -1, 0, 0, 1), [0, 1, 2], [0.5, 0.5, 0], default));
    }

    [Fact]
    public void A_cloud_of_many_features_is_refuted()
    {
        var x = new double[900 * 200];
        new RandomStream(4).FillGaussian(x);
        SignedPoints z = Points(200, x);
        MarginSolution s = HardMargin.Solve(z);
        NotSeparable(z, s);
        Assert.Equal(201, s.GordanCarriers.Length);
    }

    [Fact]
    public void Null_vectors_are_exact()
    {
        BigInteger[][] columns = [[2, 0, 4], [0, 3, 1], [4, -3, 7], [1, 1, 1]];
        BigInteger[] x = ExactElimination.NullVector(columns)!;
        Assert.Equal(0, x[3]); // the first three are dependent: 2 a - b = c
        for (int j = 0; j < 3; j++) Assert.Equal(0, Enumerable.Range(0, 4).Aggregate(BigInteger.Zero, (sum, k) => sum + x[k] * columns[k][j]));
        Assert.Equal((-2, 1), (x[0] / x[2], x[1] / x[2]));
        Assert.Null(ExactElimination.NullVector([[1, 0], [1, 1]]));
        Assert.Equal([1], ExactElimination.NullVector([[0, 0]])!);
        Assert.Equal(0, new Rational(6, -4).CompareTo(new Rational(-3, 2)));
        Assert.Equal((BigInteger)(-1), (new Rational(1, 2) - new Rational(3, 2)).Dividend);
    }
}
