using TorchAlign.Alignment;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Settings;

namespace TorchAlign.Experiments.Runs;

/// <summary>Builds what <see cref="StopSettings"/> name.</summary>
internal static class RunStops
{
    /// <summary>--stagnation: the risk fell by less than this share, about what rounding leaves, while the steps doubled.</summary>
    private const double StagnantDecrease = 1e-12;

    /// <summary>Steps before which a run is not called stagnant: leaving a saddle takes hundreds.</summary>
    private const long StagnationFrom = 1000;

    /// <summary>Steps of the integrator in a fast-forward; 1e40 steps of descent take some thousands.</summary>
    private const long ForwardSteps = 100_000_000;

    /// <summary>Those that look at every step.</summary>
    public static IReadOnlyList<IStop> AtSteps(RunSettings settings)
    {
        var stop = settings.Stop;
        var stops = new List<IStop>();
        if (stop.Log10Risk is { } risk) stops.Add(Stops.RiskBelow(risk));
        if (stop.Time is { } time) stops.Add(Stops.TimeReached(time));
        if (stop.Stagnation) stops.Add(Stops.Stagnation(StagnantDecrease, StagnationFrom));
        stops.Add(Stops.StepLimit(settings.Method.FastForward ? ForwardSteps : (long)stop.Steps));
        if (stop.Seconds is { } seconds) stops.Add(Stops.WallTime(TimeSpan.FromSeconds(seconds)));
        return stops;
    }

    /// <summary>Those that need the diagnostics of a sample, but for the direction, on which there is a verdict.</summary>
    /// <param name="stop">What is asked for.</param>
    /// <param name="gamma">The maximum margin.</param>
    public static IReadOnlyList<Func<Observation, RunEnd?>> AtSamples(StopSettings stop, double gamma)
    {
        var stops = new List<Func<Observation, RunEnd?>>();
        if (stop.Alignment is { } alignment) stops.Add(ObservationStops.AlignedWithin(alignment));
        if (stop.MarginGap is { } gap) stops.Add(ObservationStops.MarginGapWithin(gap, gamma));
        if (stop.Separated) stops.Add(ObservationStops.Separated());
        return stops;
    }
}
