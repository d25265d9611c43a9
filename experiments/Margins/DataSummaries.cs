using TorchAlign.Data;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Margins;

/// <summary>Labelled points and what was done to them, as run.json, summary.json and <c>margin --json</c> tell it.</summary>
internal static class DataSummaries
{
    public static DataSummary Of(LabelledSet data, SignedPoints points) => new()
    {
        Count = data.Count,
        Dimension = data.Dimension,
        Positive = data.PositiveLabel,
        Negative = data.NegativeLabel,
        Means = data.Means,
        Deviations = data.Deviations,
        Scale = points.Scale,
    };
}
