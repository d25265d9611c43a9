using System.Numerics.Tensors;
using TorchAlign.Data;

namespace TorchAlign.MaxMargin;

/// <summary>
/// What can be said of the margin from a direction or from dual weights alone, whoever computed them:
/// min_i &lt;u, z_i&gt; &lt;= gamma &lt;= ||sum_i a_i z_i|| for every unit u and every a in the simplex.
/// Inner products are computed with twice the digits of float64 and the bounds rounded outward.
/// </summary>
public static class MarginCertificate
{
    /// <summary>2^-53, the unit roundoff of float64.</summary>
    public const double UnitRoundoff = 1.0 / (1L << 53);

    /// <summary>min_i &lt;u, z_i&gt; / ||u|| of a direction u (d), rounded down.</summary>
    /// <exception cref="ArgumentException">u is 0 or does not have d entries.</exception>
    public static double Lower(SignedPoints points, ReadOnlySpan<double> direction)
    {
        CheckLength(direction, points.Dimension, "direction");
        double norm = TwiceDouble.Norm(direction);
        if (!(norm > 0)) throw new ArgumentException("A direction must not be 0.", nameof(direction));
        double bound = RoundingFactor(points.Dimension) * norm;
        double[] margins = new double[points.Count];
        points.Margins(direction, margins);
        double least = double.PositiveInfinity;
        double possible = TensorPrimitives.Min(margins) + 2 * bound; // ||z_i|| <= 1: no other can be the least
        for (int i = 0; i < points.Count; i++)
            if (!(margins[i] > possible)) least = Math.Min(least, TwiceDouble.Dot(points.Row(i), direction));
        return Math.BitDecrement(least / norm);
    }

    /// <summary>||sum_i a_i z_i|| / sum_i a_i of weights a (n), a >= 0, rounded up.</summary>
    /// <exception cref="ArgumentException">A weight is negative, all are 0, or there are not n.</exception>
    public static double Upper(SignedPoints points, ReadOnlySpan<double> weights)
    {
        double[] combined = Combine(points, weights, out double total, out _);
        return Math.BitIncrement(TwiceDouble.Norm(combined) / total);
    }

    /// <summary>
    /// ||sum_i a_i z_i|| / sum_i a_i ||z_i|| of weights a (n), a >= 0. Where it is 0 no direction has all margins
    /// positive (Gordan's theorem).
    /// </summary>
    /// <exception cref="ArgumentException">A weight is negative, all are 0, or there are not n.</exception>
    public static double GordanResidual(SignedPoints points, ReadOnlySpan<double> weights)
    {
        double[] combined = Combine(points, weights, out _, out double length);
        return length > 0 ? TwiceDouble.Norm(combined) / length : 0;
    }

    /// <summary>
    /// Whether every computed &lt;u, z_i&gt; exceeds (d+2) 2^-53 sum_j |z_ij u_j|, more than rounding can have added:
    /// then all true margins of u (d) are positive.
    /// </summary>
    /// <exception cref="ArgumentException">u does not have d entries.</exception>
    public static bool ProvesSeparable(SignedPoints points, ReadOnlySpan<double> direction)
    {
        CheckLength(direction, points.Dimension, "direction");
        double factor = RoundingFactor(points.Dimension);
        var products = new double[points.Dimension];
        for (int i = 0; i < points.Count; i++)
        {
            TensorPrimitives.Multiply(points.Row(i), direction, products);
            if (!(TensorPrimitives.Sum<double>(products) > factor * TensorPrimitives.SumOfMagnitudes<double>(products))) return false;
        }

        return true;
    }

    private static double RoundingFactor(int dimension) => (dimension + 2) * UnitRoundoff;

    private static double[] Combine(SignedPoints points, ReadOnlySpan<double> weights, out double total, out double length)
    {
        CheckLength(weights, points.Count, "weights");
        var sums = new TwiceDouble[points.Dimension];
        length = 0;
        for (int i = 0; i < points.Count; i++)
        {
            if (!(weights[i] >= 0)) throw new ArgumentException($"Weight {i} is {weights[i]}; it must not be negative.", nameof(weights));
            if (weights[i] == 0) continue;
            ReadOnlySpan<double> z = points.Row(i);
            for (int j = 0; j < z.Length; j++) sums[j].AddProduct(weights[i], z[j]);
            length += weights[i] * TensorPrimitives.Norm(z);
        }

        total = TwiceDouble.Sum(weights);
        if (!(total > 0)) throw new ArgumentException("The weights must not all be 0.", nameof(weights));
        var combined = new double[points.Dimension];
        for (int j = 0; j < combined.Length; j++) combined[j] = sums[j].Value;
        return combined;
    }

    private static void CheckLength(ReadOnlySpan<double> values, int length, string what)
    {
        if (values.Length != length)
            throw new ArgumentException(
                $"{values.Length} {what} entries where {length} are needed.", what);
    }
}
