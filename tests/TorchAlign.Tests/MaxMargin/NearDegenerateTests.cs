using TorchAlign.Data;
using TorchAlign.MaxMargin;
using TorchAlign.Numerics;
using static TorchAlign.Tests.MaxMargin.MarginCheck;

namespace TorchAlign.Tests.MaxMargin;

/// <summary>Verdicts and bounds at the edge of separability, judged in rational arithmetic.</summary>
public class NearDegenerateTests
{
    private const int Sets = 10_000;

    [Fact]
    public void Verdicts_and_bounds_are_true_of_ten_thousand_sets_at_the_edge()
    {
        var verdicts = new Dictionary<Separability, int>();
        var stream = new RandomStream(2024);
        for (int set = 0; set < Sets; set++)
        {
            double[] given = Generate(stream, set % 6, out int d);
            if (given.All(v => v == 0)) continue;
            SignedPoints z = Points(d, given);
            MarginSolution s = HardMargin.Solve(z);
            RationalJudge.Check(given, d, s, z);
            bool separable = RationalJudge.Separable(given, d);
            if (s.Separability == Separability.Undecided)
            {
                // Nothing is left open but what a direction in float64 cannot show.
                Assert.True(separable && s.Upper < 1e-14, $"set {set}: {s.Message}");
            }
            else
            {
                Assert.Equal(separable, s.Separability == Separability.Yes);
                // Whichever method found it, no more is left between the bounds than rounding of the direction leaves.
                Assert.InRange(s.Upper - s.Lower, 0, 1e-12);
            }

            verdicts[s.Separability] = verdicts.GetValueOrDefault(s.Separability) + 1;
        }

        Assert.True(verdicts[Separability.Yes] > Sets / 4 && verdicts[Separability.No] > Sets / 4, string.Join(", ", verdicts));
        Assert.True(verdicts.GetValueOrDefault(Separability.Undecided) < Sets / 10, string.Join(", ", verdicts));
    }

    [Theory]
    [InlineData(2e-16)]
    [InlineData(1e-300)]
    public void What_separates_by_less_than_rounding_is_separable(double margin)
    {
        MarginSolution s = HardMargin.Solve(Points(2, 1, margin, -1, margin));
        Assert.Equal(Separability.Yes, s.Separability);
        Assert.Equal(1, s.Gamma / margin, 1e-15);
        Assert.Equal([0, 1], s.Direction);
        Assert.InRange(s.RelativeGap, 0, 1e-15);
    }

    [Fact]
    public void What_scaling_would_round_apart_is_not_separable()
    {
        // A third of (-3, -6) is -(1, 2), but after division by sqrt(45) that holds to rounding only.
        MarginSolution s = HardMargin.Solve(Points(2, 1, 2, -3, -6, 1, 1));
        NotSeparable(Points(2, 1, 2, -3, -6, 1, 1), s);
        Assert.Equal([0, 1], s.GordanCarriers);
        Assert.Equal(0.75, s.DualWeights[0], 1e-15);
    }

    /// <summary>Few points (n, d): a margin of 1e-8 down to 1e-300, or none, or one that rounding decides.</summary>
    private static double[] Generate(RandomStream stream, int kind, out int d)
    {
        int dimension = d = kind == 0 ? Pick(2, 4) : Pick(1, 4);
        int n = Pick(2, 6);
        double[] z = [.. Enumerable.Range(0, n * d).Select(_ => (double)Pick(-3, 3))];
        switch (kind)
        {
            case 0: // margins along one axis only
                double margin = Math.Pow(10, -Pick(8, 300));
                for (int i = 0; i < n; i++) z[i * d] = margin * Pick(1, 3);
                break;
            case 1: // nearly opposite pairs
                for (int k = d; k + d <= z.Length; k += 2 * d)
                    for (int j = 0; j < d; j++) z[k + j] = -z[k - d + j] + (Pick(0, 2) == 0 ? Math.Pow(10, -Pick(8, 300)) : 0);
                break;
            case 2: // duplicates, multiples and opposites
                for (int k = d; k < z.Length; k++) z[k] = Pick(0, 1) == 0 ? z[k] : z[k - d] * Pick(-1, 3);
                break;
            case 3: // integer points that a reflection rounds
                double[] mirror = [.. Enumerable.Range(0, d).Select(_ => stream.NextGaussian())];
                double squares = mirror.Sum(v => v * v);
                z = [.. z.Chunk(d).SelectMany(x =>
                {
                    double along = 2 * x.Zip(mirror, (a, b) => a * b).Sum() / squares;
                    return x.Zip(mirror, (a, b) => a - along * b);
                })];
                break;
            case 4: // points of very different norms
                for (int i = 0; i < n; i++)
                {
                    int exponent = Pick(-400, 400);
                    for (int j = 0; j < dimension; j++) z[i * dimension + j] = Math.ScaleB(z[i * dimension + j], exponent);
                }

                break;
            default: // huge and tiny sets, some with a margin
                int all = Pick(0, 1) == 0 ? 1000 : -1060;
                double tilt = Math.Pow(10, -Pick(8, 30));
                for (int k = 0; k < z.Length; k++) z[k] = Math.ScaleB(z[k] + (k % dimension == 0 ? tilt : 0), all);
                break;
        }

        return z;

        int Pick(int low, int high) => low + (int)(stream.NextDouble() * (high - low + 1));
    }
}
