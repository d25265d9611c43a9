using static TorchSharp.torch;

namespace TorchAlign.Dynamics;

/// <summary>
/// <see cref="Clock.LogSpeed"/> for S networks at once under a margin loss, where the direction is F = -grad log R itself.
/// </summary>
internal static class TensorClock
{
    /// <summary>log c (S), float64, for log R, ||F|| and ||W|| (S).</summary>
    internal static Tensor LogSpeed(Clock clock, Tensor logRisk, Tensor norm, Tensor stateNorm)
    {
        if (clock == Clock.Time) return logRisk.alias();
        if (clock == Clock.ArcLength) return norm.log().neg();
        if (clock == Clock.LogRisk) return (norm.log() + (norm + (stateNorm + norm).reciprocal()).log()).neg();
        throw new NotSupportedException($"The clock '{clock.Name}' has no counterpart on tensors.");
    }
}
