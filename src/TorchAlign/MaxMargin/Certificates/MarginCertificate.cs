using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Numerics;

namespace TorchAlign.MaxMargin;

/// <summary>
/// What a direction or dual weights alone prove of the margin, whoever computed them: min_i &lt;u, z_i&gt; / ||u|| &lt;= gamma &lt;=
/// ||sum_i a_i z_i|| / sum_i a_i for every u other than 0 and all a >= 0 that are not all 0.
/// </summary>
/// <remarks>
/// These are proofs about the points as they were given, of which <see cref="SignedPoints.Z"/> is a rounding, in units of
/// <see cref="SignedPoints.Scale"/>. Sums are exact and each operation after them is rounded outward. Float64 only chooses the points
/// for which that is worth while: the others are beyond what its rounding can hide.
/// </remarks>
public static class MarginCertificate
{
    /// <summary>2^-53, the unit roundoff of float64.</summary>
    public const double UnitRoundoff = 1.0 / (1L << 53);

    /// <summary>min_i &lt;u, z_i&gt; / ||u|| of a direction u (d), rounded down.</summary>
    /// <exception cref="ArgumentException">u is 0, has an entry that is not finite, or does not have d entries.</exception>
    public static double Lower(SignedPoints points, ReadOnlySpan<double> direction)
    {
        double[] margins = RoundedMargins(points, direction, out double error);
        double possible = TensorPrimitives.Min<double>(margins) + 2 * error;
        FloatParts? least = null;
        var sum = new ExactSum();
        for (int i = 0; i < points.Count; i++)
        {
            if (margins[i] > possible) continue;
            AddMargin(sum, points, i, direction);
            FloatParts margin = sum.Floor();
            if (least is null || margin < least) least = margin;
        }

        // A positive bound is smallest for the largest norm, a negative one for the smallest.
        bool up = least!.Value.Mantissa > 0;
        FloatParts norm = Norm(sum, direction, up).Times(FloatParts.Of(points.LargestNorm), up);
        return least.Value.Over(norm, up: false).Scaled(-points.Exponent).ToDouble(up: false);
    }

    /// <summary>||sum_i a_i z_i|| / sum_i a_i of weights a (n), a >= 0, rounded up.</summary>
    /// <exception cref="ArgumentException">A weight is negative or not finite, all are 0, or there are not n.</exception>
    public static double Upper(SignedPoints points, ReadOnlySpan<double> weights)
    {
        FloatParts combined = Combined(points, weights, out FloatParts total);
        FloatParts unit = total.Times(FloatParts.Of(points.LargestNorm), up: false);
        return combined.Over(unit, up: true).Scaled(-points.Exponent).ToDouble(up: true);
    }

    /// <summary>
    /// ||sum_i a_i z_i|| / sum_i a_i ||z_i|| of weights a (n), a >= 0, to rounding: how far they are from a combination that is 0. Where
    /// one is 0, no direction has all margins positive (Gordan's theorem).
    /// </summary>
    /// <exception cref="ArgumentException">A weight is negative or not finite, all are 0, or there are not n.</exception>
    public static double GordanResidual(SignedPoints points, ReadOnlySpan<double> weights)
    {
        double upper = Upper(points, weights);
        double length = 0;
        for (int i = 0; i < points.Count; i++)
            if (weights[i] > 0) length += weights[i] * TensorPrimitives.Norm(points.Row(i));
        return length > 0 ? upper * (TensorPrimitives.Sum(weights) / length) : 0;
    }

    /// <summary>Whether all &lt;u, z_i&gt; are positive: u (d) proves that the points are separable.</summary>
    /// <exception cref="ArgumentException">u is 0, has an entry that is not finite, or does not have d entries.</exception>
    public static bool ProvesSeparable(SignedPoints points, ReadOnlySpan<double> direction)
    {
        double[] margins = RoundedMargins(points, direction, out double error);
        if (TensorPrimitives.Min<double>(margins) < -error) return false;
        var sum = new ExactSum();
        for (int i = 0; i < points.Count; i++)
        {
            if (margins[i] > error) continue;
            AddMargin(sum, points, i, direction);
            if (sum.Sign() <= 0) return false;
        }

        return true;
    }

    /// <summary>
    /// &lt;2^k u, z_i&gt; (n) in float64, and what they can be off by: rounding of the scaled points, of their products with u and of
    /// the sums. k brings u near 1, so that nothing overflows, and what underflows is far below 2^-1000.
    /// </summary>
    private static double[] RoundedMargins(SignedPoints points, ReadOnlySpan<double> direction, out double error)
    {
        CheckLength(direction, points.Dimension, "direction");
        double largest = TensorPrimitives.MaxMagnitude(direction);
        if (!double.IsFinite(largest)) throw new ArgumentException("A direction must be finite.", nameof(direction));
        if (largest == 0) throw new ArgumentException("A direction must not be 0.", nameof(direction));
        int exponent = Math.ILogB(largest);
        double[] u = [.. direction];
        for (int j = 0; j < u.Length; j++) u[j] = Math.ScaleB(u[j], -exponent);
        var margins = new double[points.Count];
        points.Margins(u, margins);
        // Half of the terms would do. ||z_i|| is at most 1 + 2^-50 or so.
        error = 2 * (points.Dimension + 4) * (UnitRoundoff * TensorPrimitives.Norm<double>(u) + Math.ScaleB(1, -1000));
        return margins;
    }

    /// <summary>sum becomes &lt;u, z_i&gt; of the point as it was given.</summary>
    private static void AddMargin(ExactSum sum, SignedPoints points, int i, ReadOnlySpan<double> direction)
    {
        sum.Clear();
        ReadOnlySpan<double> given = points.Given(i);
        int sign = points.Sign(i);
        for (int j = 0; j < given.Length; j++) sum.AddProduct(sign * direction[j], given[j]);
    }

    /// <summary>||sum a_i z_i|| of the points as they were given, rounded up, and sum a_i, rounded down.</summary>
    private static FloatParts Combined(SignedPoints points, ReadOnlySpan<double> weights, out FloatParts total)
    {
        CheckLength(weights, points.Count, "weights");
        var sum = new ExactSum();
        var carriers = new List<int>();
        for (int i = 0; i < weights.Length; i++)
        {
            if (!(weights[i] >= 0 && double.IsFinite(weights[i])))
                throw new ArgumentException($"Weight {i} is {weights[i]}; it must be finite and not negative.", nameof(weights));
            if (weights[i] > 0) carriers.Add(i);
            sum.Add(weights[i]);
        }

        if (carriers.Count == 0) throw new ArgumentException("The weights must not all be 0.", nameof(weights));
        total = sum.Floor();
        var entries = new FloatParts[points.Dimension];
        for (int j = 0; j < entries.Length; j++)
        {
            sum.Clear();
            foreach (int i in carriers) sum.AddProduct(points.Sign(i) * weights[i], points.Given(i)[j]);
            entries[j] = sum.Sign() < 0 ? sum.Floor() : sum.Ceiling(); // away from 0
        }

        // Brought near 1, so that the squares stay in range; what vanishes there becomes the least positive number.
        int exponent = entries.Where(entry => entry.Mantissa != 0).Select(entry => entry.Exponent).DefaultIfEmpty(0).Max();
        double[] scaled = [.. entries.Select(entry => entry.Scaled(-exponent).ToDouble(up: entry.Mantissa > 0))];
        return Norm(sum, scaled, up: true).Scaled(exponent);
    }

    private static FloatParts Norm(ExactSum sum, ReadOnlySpan<double> x, bool up)
    {
        sum.Clear();
        foreach (double value in x) sum.AddProduct(value, value);
        return (up ? sum.Ceiling() : sum.Floor()).Root(up);
    }

    private static void CheckLength(ReadOnlySpan<double> values, int length, string what)
    {
        if (values.Length != length) throw new ArgumentException($"{values.Length} {what} entries where {length} are needed.", what);
    }
}
