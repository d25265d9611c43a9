using System.Globalization;
using TorchAlign.Data;
using TorchAlign.Experiments.Settings;
using TorchAlign.MaxMargin;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Runs;

/// <summary>
/// What a reader has to know of a run before its numbers. The terminal, summary.json and the report's first screen have it from here.
/// </summary>
internal static class RunFacts
{
    /// <summary>Means and deviations of more features than this are in summary.json alone.</summary>
    private const int Listed = 8;

    /// <summary>Classes, preparation, separability, and which assumption on the data fails.</summary>
    public static IEnumerable<Fact> OfData(DataSummary data, MarginSolution reference)
    {
        yield return new Fact("classes", $"+1 is {data.Positive}, -1 is {data.Negative}");
        if (data.Means is { } means) yield return new Fact("centred", $"each feature less its mean{List(means)}");
        if (data.Deviations is { } deviations)
            yield return new Fact("standardised", $"each feature divided by its deviation{List(deviations)}");
        yield return new Fact("scale", data.Scale == 1
            ? "features as they are: max ||x|| = 1"
            : $"features divided by {Exact(data.Scale)}, so that max ||x|| = 1"
                + (reference.Gamma > 0 ? $"; in their own units gamma is {Exact(reference.Gamma * data.Scale)}" : ""));
        if (reference.Separability != Separability.Yes)
        {
            yield return new Fact("not separable", reference.Message);
            yield break;
        }
        yield return new Fact("separable", "proved: every point has a positive margin in exact arithmetic");
        if (!reference.SupportSpansData)
            yield return new Fact("Assumption 3 fails", $"the {reference.SupportVectors.Length} support vectors have rank "
                + $"{reference.SupportRank} and do not span the data, so [JT] Theorem 2 does not apply");
    }

    /// <summary>What was done to a network's start, what its method was off by, how it ended and why a prediction is missing.</summary>
    /// <param name="label">"L = 4".</param>
    /// <param name="run">That has observations.</param>
    /// <param name="prediction">Of its data.</param>
    /// <param name="stop">What was asked for.</param>
    public static IEnumerable<Fact> OfNetwork(string label, NetworkRun run, ResidualPrediction prediction, StopSettings stop)
    {
        if (run.StartNote is { } start) yield return new Fact($"{label}, start", start);
        if (run.ForwardNote is { } forward) yield return new Fact($"{label}, method", forward);
        if (run.CrossedAt is { } crossing && crossing.Step < run.Observations[^1].Step)
            yield return new Fact($"{label}, crossing", string.Create(CultureInfo.InvariantCulture,
                $"1 - cos first fell to {stop.OneMinusCosine:G4} at log10 R = {crossing.Log10Risk:G4}, step {crossing.Step}"));
        if (run.End is { } end) yield return new Fact($"{label}, {end.Name}", end.Message);
        if (prediction.Complete && run.PredictedNorm > prediction.Norm)
            yield return new Fact($"{label}, limit", "the data do not span the space of the features: what W_1 started with outside is "
                + $"carried along by the other layers, and sin * norm tends to {Short(run.PredictedNorm)} at their size, "
                + $"|v| = {Short(prediction.Norm)} alone");
    }

    /// <summary>Why no limit of sin * norm is predicted; nothing where one is.</summary>
    public static IEnumerable<Fact> OfPrediction(ResidualPrediction prediction, MarginSolution reference)
    {
        if (reference.Separability == Separability.Yes && prediction.Reason is { } reason)
            yield return new Fact("no predicted limit", reason);
    }

    private static string List(IReadOnlyList<double> values) =>
        values.Count > Listed ? "" : $": {string.Join(", ", values.Select(Short))}";

    private static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Short(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
