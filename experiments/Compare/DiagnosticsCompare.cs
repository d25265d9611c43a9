using TorchAlign.Alignment;
using TorchAlign.Data;

namespace TorchAlign.Experiments.Compare;

/// <summary>Our observations against those of diagnostics.py: numpy, from the same states.</summary>
internal static class DiagnosticsCompare
{
    /// <summary>
    /// A column of trajectory.csv: its values, one a layer or one alone, and the size that a deviation is relative to.
    /// </summary>
    private sealed record Quantity(string Name, Func<Observation, double[]> Values, Func<Observation, double> Scale);

    private static readonly Quantity[] Always =
    [
        new("log_risk", o => [o.LogRisk], o => Math.Max(1, Math.Abs(o.LogRisk))),
        new("log_gradient_norm", o => [o.LogGradientNorm], o => Math.Max(1, Math.Abs(o.LogGradientNorm))),
        new("product_norm", o => [o.ProductNorm], o => o.ProductNorm),
        new("norm", o => o.FrobeniusNorms, o => o.FrobeniusNorms.Max()),
        new("spectral_ratio", o => o.SpectralRatios, _ => 1),
        new("rank_one_residual", o => o.RankOneResiduals, _ => 1),
        new("adjacent_alignment", o => o.AdjacentAlignments, _ => 1),
        new("product_alignment", o => [o.ProductAlignment], _ => 1),
        new("direction_margin", o => [o.DirectionMargin], _ => 1),
        new("normalized_margin", o => [o.NormalizedMargin], _ => 1),
        // Its numerator log n + log R cancels where the risk is near 1/n; its denominator vanishes with the weights.
        new("smoothed_margin", o => [o.SmoothedMargin],
            o => Math.Max(1, Math.Abs(o.LogRisk)) / Math.Pow(SquaredNorm(o), o.FrobeniusNorms.Length / 2.0)),
        new("balancedness_drift", o => [o.BalancednessDrift], _ => 1),
    ];

    private static readonly Quantity[] WithReference =
    [
        new("first_right_alignment", o => [o.FirstRightAlignment], _ => 1),
        // d(1 - cos) = sin d(angle): so measured it is a deviation of the angle, in radians.
        new("one_minus_cosine", o => [o.OneMinusCosine], o => o.AngleTimesNorm / o.ProductNorm),
        new("angle_times_norm", o => [o.AngleTimesNorm], o => o.ProductNorm),
    ];

    public static IReadOnlyList<Deviation> Of(
        IReadOnlyList<Observation> ours, double[] at, IReadOnlyDictionary<string, NpyArray> theirs, Tolerance tolerance)
    {
        var results = new List<Deviation>();
        foreach (var quantity in double.IsNaN(ours[0].OneMinusCosine) ? Always : [.. Always, .. WithReference])
        {
            var deviations = new Deviations(quantity.Name, tolerance);
            var values = theirs[quantity.Name].ToDoubles();
            for (var i = 0; i < ours.Count; i++)
            {
                var row = quantity.Values(ours[i]);
                for (var k = 0; k < row.Length; k++)
                {
                    var value = values[i * row.Length + k];
                    deviations.Add(at[i], row.Length > 1 || quantity.Name is "norm" ? k + 1 : null,
                        Math.Abs(row[k] - value) / quantity.Scale(ours[i]), row[k], value);
                }
            }
            // One layer has no adjacent pair.
            if (quantity.Values(ours[0]).Length > 0) results.Add(deviations.Result());
        }
        return results;
    }

    private static double SquaredNorm(Observation o) => o.FrobeniusNorms.Sum(norm => norm * norm);
}
