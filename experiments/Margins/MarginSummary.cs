using TorchAlign.MaxMargin;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Margins;

/// <summary>The solution as summary.json and <c>margin --json</c> print it.</summary>
internal static class MarginSummary
{
    /// <param name="solution">Of scaled points.</param>
    /// <param name="scale">What their features were divided by.</param>
    public static MaxMarginSummary Of(MarginSolution solution, double scale) => new()
    {
        Gamma = solution.Gamma,
        GammaInDataUnits = solution.Gamma * scale,
        Direction = solution.Direction,
        Lower = solution.Lower,
        Upper = solution.Upper,
        RelativeGap = solution.RelativeGap,
        SupportVectors = solution.SupportVectors,
    };
}
