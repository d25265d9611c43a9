using TorchAlign.Alignment;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Networks;

namespace TorchAlign.Tests.Reporting;

/// <summary>Networks whose observations are made up.</summary>
internal static class MaxMarginSamples
{
    public static Observation Observation { get; } = Recording.Samples.Observation(2, 2);

    public static NetworkReport Network(IReadOnlyList<Observation> observations, string label = "L = 2") => new()
    {
        Label = label,
        Shape = new NetworkShape([2, 2, 1]),
        Observations = observations,
        Result = "step-limit",
        Seconds = 1,
        Evaluations = 1,
    };
}
