using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.MaxMargin;

namespace TorchAlign.Tests.MaxMargin;

/// <summary>What must hold of every solution, checked from its definition.</summary>
internal static class MarginCheck
{
    public static SignedPoints Points(int d, params double[] z) => new(z, z.Length / d, d);

    /// <summary>The conditions of optimality, and the bracket within the given relative gap.</summary>
    public static void Separable(SignedPoints z, MarginSolution s, double gap)
    {
        Assert.Equal(Separability.Yes, s.Separability);
        Assert.InRange(s.RelativeGap, 0, gap);
        Assert.InRange(s.Gamma, s.Lower, s.Upper);
        Assert.Equal(1, TensorPrimitives.Norm<double>(s.Direction), 1e-14);
        Assert.Equal(1, s.DualWeights.Sum(), 1e-13);
        Assert.All(s.DualWeights, a => Assert.True(a >= 0));
        Assert.Subset(s.SupportVectors.ToHashSet(), s.WeightCarriers.ToHashSet());
        Assert.True(s.WeightCarriers.Length <= s.SupportRank && s.SupportRank <= Math.Min(s.SupportVectors.Length, z.Dimension));
        Assert.Empty(s.GordanCarriers);

        // From the definition, in the plainest arithmetic.
        double slack = 4e-16 * Math.Sqrt(z.Dimension) + gap * s.Gamma;
        double[] combined = new double[z.Dimension];
        for (int i = 0; i < z.Count; i++)
        {
            double margin = 0;
            for (int j = 0; j < z.Dimension; j++)
            {
                margin += z.Z[i * z.Dimension + j] * s.Direction[j];
                combined[j] += s.DualWeights[i] * z.Z[i * z.Dimension + j];
            }

            Assert.True(margin >= s.Gamma - slack, $"point {i} has margin {margin}, below {s.Gamma}");
        }

        for (int j = 0; j < z.Dimension; j++) Assert.Equal(s.Gamma * s.Direction[j], combined[j], 1e-13);
    }

    public static void NotSeparable(SignedPoints z, MarginSolution s)
    {
        Assert.Equal(Separability.No, s.Separability);
        Assert.Equal(0, s.Gamma);
        Assert.Empty(s.Direction);
        Assert.NotEmpty(s.GordanCarriers);
        Assert.InRange(s.GordanResidual, 0, HardMargin.GordanTolerance);
        Assert.Equal(1, s.DualWeights.Sum(), 1e-13);
        for (int j = 0; j < z.Dimension; j++)
            Assert.Equal(0, Enumerable.Range(0, z.Count).Sum(i => s.DualWeights[i] * z.Row(i)[j]), 1e-15);
    }

    /// <summary>
    /// gamma by trying every subset of at most d points: the least norm over the points of an affine hull that are
    /// convex combinations.
    /// Gauss-Jordan on the Gram matrix; shares nothing with the solver. 0 where not separable.
    /// </summary>
    public static double BruteForce(SignedPoints z)
    {
        double best = double.PositiveInfinity;
        int most = Math.Min(z.Count, z.Dimension + 1);
        void Try(List<int> subset, int from)
        {
            if (subset.Count > 0 && LeastNorm(z, subset) is { } norm) best = Math.Min(best, norm);
            if (subset.Count == most) return;
            for (int i = from; i < z.Count; i++)
            {
                subset.Add(i);
                Try(subset, i + 1);
                subset.RemoveAt(subset.Count - 1);
            }
        }

        Try([], 0);
        return best;
    }

    private static double? LeastNorm(SignedPoints z, List<int> subset)
    {
        // G a = mu 1, sum a = 1.
        int k = subset.Count;
        var m = new double[k + 1, k + 2];
        for (int a = 0; a < k; a++)
        {
            for (int b = 0; b < k; b++) m[a, b] = TensorPrimitives.Dot(z.Row(subset[a]), z.Row(subset[b]));
            m[a, k] = -1;
            m[k, a] = 1;
        }

        m[k, k + 1] = 1;
        for (int c = 0; c <= k; c++)
        {
            int pivot = Enumerable.Range(c, k + 1 - c).MaxBy(r => Math.Abs(m[r, c]));
            if (Math.Abs(m[pivot, c]) < 1e-10) return null; // dependent: a smaller subset has the same least norm
            for (int j = 0; j < k + 2; j++) (m[c, j], m[pivot, j]) = (m[pivot, j], m[c, j]);
            for (int r = 0; r <= k; r++)
            {
                if (r == c) continue;
                double factor = m[r, c] / m[c, c];
                for (int j = c; j < k + 2; j++) m[r, j] -= factor * m[c, j];
            }
        }

        for (int a = 0; a < k; a++)
            if (m[a, k + 1] / m[a, a] < -1e-12) return null;
        return Math.Sqrt(Math.Max(0, m[k, k + 1] / m[k, k]));
    }
}
