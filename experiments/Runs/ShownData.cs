using TorchAlign.Data;
using TorchAlign.Experiments.Margins;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Runs;

/// <summary>What remains of a labelled set once its points are signed: enough to name, show and draw it, not a second copy.</summary>
internal sealed record ShownData(string Hash, DataSummary Summary, DataReport Report)
{
    public string Name => Report.Name;

    public int Count => Summary.Count;

    public int Dimension => Summary.Dimension;

    public static ShownData Of(LabelledSet data, SignedPoints points) => new(data.Hash, DataSummaries.Of(data, points), new DataReport
    {
        Name = data.Name,
        // Only the plane draws the points; rows of more features would be a copy of the data for nothing.
        X = data.Dimension == 2
            ? [.. data.X.Select(value => value / points.Scale).Chunk(2)]
            : [.. Enumerable.Repeat(Array.Empty<double>(), data.Count)],
        Y = [.. data.Y.Select(label => (int)label)],
        Features = data.FeatureNames,
        Positive = data.PositiveLabel,
        Negative = data.NegativeLabel,
    });
}
