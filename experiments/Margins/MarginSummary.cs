using TorchAlign.MaxMargin;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Margins;

/// <summary>The solution as summary.json and <c>margin --json</c> print it.</summary>
internal static class MarginSummary
{
    public static MaxMarginSummary Of(MarginSolution solution) => new()
    {
        Gamma = solution.Gamma,
        Direction = solution.Direction,
        Lower = solution.Lower,
        Upper = solution.Upper,
        RelativeGap = solution.RelativeGap,
        SupportVectors = solution.SupportVectors,
    };
}
