using System.Globalization;
using TorchAlign.Dynamics;

namespace TorchAlign.Alignment;

/// <summary>Ends of a run that need an observation; asked at samples. For the direction see <see cref="DirectionVerdict"/>.</summary>
public static class ObservationStops
{
    /// <summary>Every spectral ratio and adjacent alignment at least 1 - <paramref name="bound"/>.</summary>
    public static Func<Observation, RunEnd?> AlignedWithin(double bound)
    {
        var end = new RunEnd("aligned-within", true, $"All layers are rank one and aligned to within {Text(bound)}.");
        return seen => seen.SpectralRatios.Concat(seen.AdjacentAlignments).All(value => value >= 1 - bound) ? end : null;
    }

    /// <summary>The margin of the direction at least (1 - <paramref name="bound"/>) gamma.</summary>
    public static Func<Observation, RunEnd?> MarginGapWithin(double bound, double gamma)
    {
        var end = new RunEnd("margin-within", true, $"The margin reached gamma to within a share of {Text(bound)}.");
        return seen => seen.DirectionMargin >= (1 - bound) * gamma ? end : null;
    }

    /// <summary>Every point on its side.</summary>
    public static Func<Observation, RunEnd?> Separated()
    {
        var end = new RunEnd("separated", true, "The network separates the data.");
        return seen => seen.DirectionMargin > 0 ? end : null;
    }

    private static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
