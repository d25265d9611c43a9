using TorchAlign.Fields;
using TorchAlign.States;
using static TorchSharp.torch;

namespace TorchAlign.Dynamics;

/// <summary>
/// A clock s for the flow dW/dt = -grad R: dW/ds = c(W) direction with c &gt; 0 traces the same curve at another speed.
/// With direction = exp(-LogScale) (-grad R), dt/ds = c exp(-LogScale).
/// </summary>
public abstract class Clock
{
    /// <summary>Plain time: c = exp(LogScale), dt/ds = 1.</summary>
    public static Clock Time { get; } = new TimeClock();

    /// <summary>
    /// s advances about as -log R falls: dW/ds = F / (||F||^2 + ||F|| / (||W|| + ||F||)), F = -grad log R. The second term, at
    /// most 1, keeps the flow moving near the saddle at 0, where ||F|| vanishes (dW/ds is about W long), and starts from
    /// W = 0 where that is no saddle (L = 1).
    /// </summary>
    public static Clock LogRisk { get; } = new LogRiskClock();

    /// <summary>s is the length of the curve: c = 1 / ||F||.</summary>
    public static Clock ArcLength { get; } = new ArcLengthClock();

    public static IReadOnlyList<Clock> All { get; } = [LogRisk, ArcLength, Time];

    public abstract string Name { get; }

    /// <summary>log c at the state <paramref name="w"/>, whose direction has the given norm.</summary>
    public abstract double LogSpeed(in FieldValue value, double directionNorm, StateVector w);

    /// <summary>The same for S networks at once under a margin loss, where the direction is F itself: log c (S), float64.</summary>
    internal virtual Tensor LogSpeed(Tensor logRisk, Tensor directionNorm, Tensor stateNorm) =>
        throw new NotSupportedException($"The clock '{Name}' has no counterpart on tensors.");

    private sealed class TimeClock : NormClock
    {
        public override string Name => "time";
        public override double LogSpeed(in FieldValue value, double directionNorm, double stateNorm) => value.LogScale;
        internal override Tensor LogSpeed(Tensor logRisk, Tensor directionNorm, Tensor stateNorm) => logRisk.alias();
    }

    private sealed class LogRiskClock : NormClock
    {
        public override string Name => "log-risk";

        public override double LogSpeed(in FieldValue value, double directionNorm, double stateNorm)
        {
            // 1 for margin losses, whose direction is F itself.
            var norm = directionNorm * Math.Exp(value.LogScale - value.LogRisk);
            return -Math.Log(directionNorm) - Math.Log(norm + 1 / (stateNorm + norm));
        }

        internal override Tensor LogSpeed(Tensor logRisk, Tensor directionNorm, Tensor stateNorm) =>
            (directionNorm.log() + (directionNorm + (stateNorm + directionNorm).reciprocal()).log()).neg();
    }

    private sealed class ArcLengthClock : NormClock
    {
        public override string Name => "arc-length";

        public override double LogSpeed(in FieldValue value, double directionNorm, double stateNorm) =>
            -Math.Log(directionNorm);

        internal override Tensor LogSpeed(Tensor logRisk, Tensor directionNorm, Tensor stateNorm) => directionNorm.log().neg();
    }
}

/// <summary>A clock that sees no more of the state than its norm, as a method must know that differentiates the clock.</summary>
public abstract class NormClock : Clock
{
    /// <summary>log c at a state with the given direction norm and state norm.</summary>
    public abstract double LogSpeed(in FieldValue value, double directionNorm, double stateNorm);

    public sealed override double LogSpeed(in FieldValue value, double directionNorm, StateVector w) =>
        LogSpeed(value, directionNorm, w.Norm());
}
