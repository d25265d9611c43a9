using System.Numerics.Tensors;
using TorchAlign.Numerics;

namespace TorchAlign.Data;

/// <summary>Seeded sets whose maximum margin is known beforehand. The same seed gives the same set for ever.</summary>
public static class Generators
{
    /// <summary>
    /// The least number of points of <see cref="PlanarSet"/>: two support vectors and one on the unit circle for the
    /// scale.
    /// </summary>
    public const int FewestPlanarPoints = 4;

    // Points that are not support vectors stay this far above the margin.
    private const double PlanarGap = 0.05;

    // Of the Gaussian family: how far, in the mean, points lie above the margin, and how far at most.
    private const double HeightScale = 0.2;
    private const double GreatestHeight = 0.9;

    /// <summary>
    /// The planar set of figure 1: n points of both classes that fill the unit disc outside a band around the
    /// separating line.
    /// </summary>
    /// <remarks>
    /// By construction, up to rounding: max ||x_i|| = 1; the margin gamma lies in [0.12, 0.18]; there are exactly two
    /// support vectors, one of each class, z_1 = gamma u + (1-a) s u' and z_2 = gamma u - a s u' with u' orthogonal to u,
    /// a in [0.68, 0.82] the dual weight of z_1 and 1-a that of z_2, s in [0.9, 1.1]; all others have
    /// &lt;u, z_i&gt; >= gamma + 0.05. So the limit v of w_prod - rho u has the length |ln(a/(1-a))| / s, between 0.68
    /// and 1.69.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">n is below <see cref="FewestPlanarPoints"/>.</exception>
    public static LabelledSet PlanarSet(int seed, int n = 40)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, FewestPlanarPoints);
        var stream = new RandomStream(seed);
        double angle = stream.NextDouble(0, 2 * Math.PI);
        (double X, double Y) u = (Math.Cos(angle), Math.Sin(angle));
        double gamma = stream.NextDouble(0.12, 0.18);
        double a = stream.NextDouble(0.68, 0.82);
        double s = stream.NextDouble(0.9, 1.1);
        double mirror = stream.NextUInt64() >> 63 == 0 ? 1 : -1;

        var x = new double[2 * n];
        var y = new sbyte[n];
        for (int i = 0; i < n; i++)
        {
            y[i] = (sbyte)(i % 2 == 0 ? 1 : -1);
            (double along, double across) = i switch
            {
                0 => (gamma, mirror * (1 - a) * s),
                1 => (gamma, -mirror * a * s),
                2 => OnCircle(stream, gamma + PlanarGap),
                _ => InDisc(stream, gamma + PlanarGap),
            };
            x[2 * i] = y[i] * (along * u.X - across * u.Y);
            x[2 * i + 1] = y[i] * (along * u.Y + across * u.X);
        }

        return new LabelledSet($"planar(seed={seed}, n={n})", x, y);
    }

    /// <summary>
    /// n Gaussian points in R^d that are separable through the origin with a maximum margin of exactly
    /// <paramref name="margin"/> (to rounding) after scaling to max ||z_i|| = 1.
    /// </summary>
    /// <remarks>
    /// A random unit vector u is planted. k = min(n, d) points are support vectors, z_i = margin u + p_i with p_i
    /// orthogonal to u and sum a_i p_i = 0 for dual weights a_i proportional to numbers uniform on [0.5, 1.5]; so
    /// sum a_i z_i = margin u is the point of least norm in the hull, and u_bar = u. The other points have margin + 0.2 |g|
    /// along u, g standard Gaussian, but at most 0.9 of the way from the margin to 1. Across u all parts are Gaussian, with
    /// one common factor that makes the largest norm 1. Labels are +1 and -1 in turn.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">n or d is below 2, or the margin does not lie between 0 and
    /// 1.</exception>
    public static LabelledSet Gaussian(int seed, int n, int d, double margin)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(d, 2);
        if (!(margin > 0 && margin < 1))
            throw new ArgumentOutOfRangeException(nameof(margin), margin, "The margin must lie between 0 and 1.");
        var stream = new RandomStream(seed);
        var u = new double[d];
        stream.FillGaussian(u);
        Normalize(u);

        int k = Math.Min(n, d);
        var weights = new double[k];
        for (int i = 0; i < k; i++) weights[i] = stream.NextDouble(0.5, 1.5);
        // The points take shape in place: first their parts across u.
        var x = new double[n * d];
        var along = new double[n];
        for (int i = 0; i < n; i++)
        {
            stream.FillGaussian(Across(i));
            double height = i < k ? 0 : Math.Min(HeightScale * Math.Abs(stream.NextGaussian()), GreatestHeight * (1 - margin));
            along[i] = margin + height;
        }

        // Take the weighted mean off the support vectors, so that their weighted sum across u is 0.
        var mean = new double[d];
        for (int i = 0; i < k; i++) AddTo(mean, weights[i] / weights.Sum(), Across(i));
        for (int i = 0; i < n; i++)
        {
            if (i < k) AddTo(Across(i), -1, mean);

            // Twice: the first pass leaves rounding along u.
            for (int pass = 0; pass < 2; pass++) AddTo(Across(i), -Dot(u, Across(i)), u);
        }

        double factor = Enumerable.Range(0, n).Min(i => Math.Sqrt((1 - along[i] * along[i]) / Dot(Across(i), Across(i))));
        var y = new sbyte[n];
        for (int i = 0; i < n; i++)
        {
            y[i] = (sbyte)(i % 2 == 0 ? 1 : -1);
            for (int j = 0; j < d; j++) x[i * d + j] = y[i] * (along[i] * u[j] + factor * x[i * d + j]);
        }

        return new LabelledSet(FormattableString.Invariant($"gaussian(seed={seed}, n={n}, d={d}, margin={margin})"), x, y);

        Span<double> Across(int i) => x.AsSpan(i * d, d);
    }

    // Along and across the separating direction, |.| < 1, along > least.
    private static (double, double) InDisc(RandomStream stream, double least)
    {
        while (true)
        {
            double along = stream.NextDouble(least, 1);
            double across = stream.NextDouble(-1, 1);
            if (along * along + across * across < 1) return (along, across);
        }
    }

    private static (double, double) OnCircle(RandomStream stream, double least)
    {
        double angle = stream.NextDouble(-1, 1) * Math.Acos(least);
        return (Math.Cos(angle), Math.Sin(angle));
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => TensorPrimitives.Dot(a, b);

    private static void AddTo(Span<double> a, double factor, ReadOnlySpan<double> b) => TensorPrimitives.MultiplyAdd(b, factor, a, a);

    private static void Normalize(double[] a) => TensorPrimitives.Divide(a, Math.Sqrt(Dot(a, a)), a);
}
