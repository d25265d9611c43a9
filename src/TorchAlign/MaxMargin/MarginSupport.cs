using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Numerics;

namespace TorchAlign.MaxMargin;

/// <summary>Which points lie on the margin, and what they span.</summary>
internal static class MarginSupport
{
    // Relative: far above rounding, far below any distance between points that were measured.
    public const double RankTolerance = 1e-10;

    // Enough that a point outside the span shows with certainty: one random combination of all points misses it with probability 0.
    public const int RandomProbes = 2;

    public static int[] Find(SignedPoints z, double[] norms, double[] direction, double gamma)
    {
        var support = new List<int>();
        for (int i = 0; i < z.Count; i++)
        {
            double band = gamma * (1 + HardMargin.SupportTolerance) + HardMargin.SupportRounding * norms[i];
            if (TensorPrimitives.Dot(z.Row(i), direction) <= band) support.Add(i);
        }

        return [.. support];
    }

    /// <summary>Rank of the support vectors, and whether every point lies in their span.</summary>
    public static void Span(SignedPoints z, double[] norms, double[] weights, int[] support, out int rank, out bool spansData)
    {
        var span = new SupportSpan(z, support, weights);
        rank = span.Rank;
        spansData = rank == Math.Min(z.Count, z.Dimension) || (rank > 0 && ContainsAll(z, norms, span));
    }

    private static bool ContainsAll(SignedPoints z, double[] norms, SupportSpan span)
    {
        // All points cost n d k; a random combination of them shows most points outside at the cost of n d.
        var stream = new RandomStream(0);
        var rest = new double[z.Dimension];
        for (int probe = 0; probe < RandomProbes; probe++)
        {
            Array.Clear(rest);
            for (int i = 0; i < z.Count; i++) TensorPrimitives.MultiplyAdd(z.Row(i), stream.NextGaussian(), rest, rest);
            double length = TensorPrimitives.Norm<double>(rest);
            if (span.Reject(rest) > RankTolerance * Math.Sqrt(z.Count) * length) return false;
        }

        for (int i = 0; i < z.Count; i++)
        {
            z.Row(i).CopyTo(rest);
            if (span.Reject(rest) > RankTolerance * norms[i]) return false;
        }

        return true;
    }
}
