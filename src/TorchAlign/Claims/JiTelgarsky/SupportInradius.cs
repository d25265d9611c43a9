using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.MaxMargin;
using TorchAlign.Numerics;

namespace TorchAlign.Claims;

/// <summary>
/// alpha = min_{|xi| = 1, xi perp u_bar} max_{i in S} &lt;xi, z_i&gt; of [JT] Lemma 3, xi in the span of the support vectors S.
/// </summary>
/// <remarks>
/// With p_i = z_i - gamma u_bar across u_bar, max_i &lt;xi, p_i&gt; is the support function of conv{p_i}, which contains 0
/// (sum a_i p_i = 0 for the dual weights a); its least value over unit xi is the distance from 0 to the boundary of that
/// polytope, that is to its nearest facet.
/// The p_i have rank r - 1, r that of the support vectors. Every facet lies in the affine hull of r - 1 of the p_i, so alpha is
/// found exactly by going through those subsets: r of them where the support vectors are independent (the p_i are then a simplex).
/// </remarks>
internal sealed class SupportInradius
{
    /// <summary>Most subsets that are gone through.</summary>
    private const long MostSubsets = 20_000;

    /// <summary>
    /// A point this far beyond a plane, relative to ||z_i|| &lt;= 1, shows that the plane is no facet; rounding is some 1e-15.
    /// </summary>
    private const double OutsideTolerance = 1e-10;

    private readonly OrthonormalBasis _basis;

    private SupportInradius(double alpha, double[] minimizer, OrthonormalBasis basis, int subsets)
    {
        (Alpha, Minimizer, Subsets) = (alpha, minimizer, subsets);
        _basis = basis;
    }

    /// <summary>alpha.</summary>
    public double Alpha { get; }

    /// <summary>The unit xi (d) that attains it.</summary>
    public double[] Minimizer { get; }

    /// <summary>How many subsets of the p_i were gone through.</summary>
    public int Subsets { get; }

    /// <summary>Null, with the reason, where there is no xi (r &lt; 2) or the subsets are too many.</summary>
    public static SupportInradius? Of(SignedPoints z, MarginSolution solution, out string reason)
    {
        reason = "";
        var across = solution.SupportVectors.Select(i => PartAcross(z.Row(i), solution.Direction)).ToArray();
        var basis = Span(across);
        var count = basis.Count;
        if (count == 0)
        {
            reason = "the support vectors have rank 1: no xi is orthogonal to u_bar in their span";
            return null;
        }
        var subsets = Binomial(across.Length, count);
        if (subsets > MostSubsets)
        {
            reason = $"{across.Length} support vectors of rank {count + 1} have too many possible facets ({subsets} subsets)";
            return null;
        }
        var coordinates = across.Select(p => basis.Vectors.Select(q => TensorPrimitives.Dot<double>(p, q)).ToArray()).ToArray();
        var (alpha, normal) = (double.PositiveInfinity, Array.Empty<double>());
        foreach (var subset in SubsetsOf(across.Length, count))
            foreach (var xi in Normals([.. subset.Select(i => coordinates[i])], count))
            {
                var height = coordinates.Max(p => TensorPrimitives.Dot<double>(p, xi));
                // A facet's plane has all points on one side: the subset's own height is the largest.
                if (height > TensorPrimitives.Dot<double>(coordinates[subset[0]], xi) + OutsideTolerance) continue;
                if (height < alpha) (alpha, normal) = (height, xi);
            }
        var minimizer = new double[z.Dimension];
        if (normal.Length > 0) basis.Combine(normal, minimizer);
        return new SupportInradius(alpha, minimizer, basis, (int)subsets);
    }

    /// <summary>A random unit vector of the span of the p_i (d).</summary>
    public double[] RandomUnit(RandomStream stream)
    {
        var xi = new double[Minimizer.Length];
        foreach (var q in _basis.Vectors) TensorPrimitives.MultiplyAdd(q, stream.NextGaussian(), xi, xi);
        TensorPrimitives.Divide(xi, TensorPrimitives.Norm<double>(xi), xi);
        return xi;
    }

    private static double[] PartAcross(ReadOnlySpan<double> z, double[] u)
    {
        var p = z.ToArray();
        for (var pass = 0; pass < 2; pass++)
            TensorPrimitives.MultiplyAdd(u, -TensorPrimitives.Dot<double>(u, p) / TensorPrimitives.SumOfSquares<double>(u), p, p);
        return p;
    }

    /// <summary>
    /// The unit normals +-xi of the affine hull of <paramref name="count"/> points of R^count; none where they are affinely dependent.
    /// </summary>
    private static IEnumerable<double[]> Normals(double[][] points, int count)
    {
        var edges = points.Skip(1).Select(p => p.Zip(points[0], (a, b) => a - b).ToArray()).ToArray();
        var basis = Span(edges);
        if (basis.Count < count - 1) yield break;
        // What is left of the unit vector that the edges cover least.
        var best = Enumerable.Range(0, count).MinBy(k => basis.Vectors.Sum(q => q[k] * q[k]));
        var normal = new double[count];
        normal[best] = 1;
        TensorPrimitives.Divide(normal, basis.Reject(normal), normal);
        yield return normal;
        yield return [.. normal.Select(x => -x)];
    }

    private static OrthonormalBasis Span(double[][] vectors)
    {
        var scale = vectors.Select(v => TensorPrimitives.Norm<double>(v)).DefaultIfEmpty(0).Max();
        var basis = new OrthonormalBasis();
        foreach (var vector in vectors)
        {
            var rest = vector.ToArray();
            var length = basis.Reject(rest);
            if (length > OutsideTolerance * scale) basis.Append(rest, length);
        }
        return basis;
    }

    private static long Binomial(int n, int k)
    {
        var value = 1.0;
        for (var i = 0; i < k; i++) value = value * (n - i) / (i + 1);
        return value < long.MaxValue / 2 ? (long)Math.Round(value) : long.MaxValue;
    }

    private static IEnumerable<int[]> SubsetsOf(int n, int k)
    {
        var indices = Enumerable.Range(0, k).ToArray();
        while (true)
        {
            yield return [.. indices];
            var position = k - 1;
            while (position >= 0 && indices[position] == n - k + position) position--;
            if (position < 0) yield break;
            indices[position]++;
            for (var j = position + 1; j < k; j++) indices[j] = indices[j - 1] + 1;
        }
    }
}
