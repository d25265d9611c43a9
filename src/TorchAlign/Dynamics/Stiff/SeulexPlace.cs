using System.Numerics.Tensors;
using TorchAlign.Fields;
using TorchAlign.States;

namespace TorchAlign.Dynamics;

/// <summary>
/// A state as <see cref="Seulex"/> sees it: the field's linearisation there, the speed of the clock, and how dt/ds changes along the
/// flow. A stepper has one for the point and one for where a step leads.
/// </summary>
internal sealed class SeulexPlace(FusedField field)
{
    private readonly double[] _curvatures = new double[field.Count];

    internal FusedLinearisation At { get; } = field.NewLinearisation();

    internal FieldValue Value { get; private set; }

    /// <summary>||F||, F = -grad log R.</summary>
    internal double DirectionNorm { get; private set; }

    /// <summary>||W||.</summary>
    internal double StateNorm { get; private set; }

    /// <summary>log c of the clock, dW/ds = c F.</summary>
    internal double LogSpeed { get; private set; }

    /// <summary>log dt/ds.</summary>
    internal double LogRate { get; private set; }

    /// <summary>d log(dt/ds) / ds along the flow, after <see cref="Differentiate"/>.</summary>
    internal double RateSlope { get; private set; }

    /// <summary>Makes this the place of a state.</summary>
    internal void Evaluate(FlowSystem system, NormClock clock, ManagedState w)
    {
        system.Evaluations++;
        field.Linearise(w.Buffer, At);
        Value = new FieldValue(At.LogRisk, At.LogRisk);
        (DirectionNorm, StateNorm) = (At.DirectionNorm(), w.Norm());
        LogSpeed = clock.LogSpeed(Value, DirectionNorm, StateNorm);
        LogRate = LogSpeed - Value.LogScale;
    }

    /// <summary>
    /// With ||F||' = c F^T F' F / ||F||, ||W||' = c F^T W / ||W|| (F^T W = L g^T w_prod, Euler's identity) and
    /// (log R)' = -c ||F||^2; the clock's own formula is differentiated along these by a central difference.
    /// </summary>
    internal void Differentiate(NormClock clock, ManagedState w)
    {
        var (speed, direction) = (Math.Exp(LogSpeed), DirectionNorm);
        var directionSlope = speed * field.DirectionCurvature(At, w.Buffer, _curvatures) / direction;
        var along = field.Shape.Depth * TensorPrimitives.Dot(At.ProductGradient, At.Product);
        var normSlope = StateNorm > 0 ? speed * along / StateNorm : speed * direction;
        var riskSlope = -speed * direction * direction;
        var rate = Math.Max(Math.Abs(directionSlope) / direction, Math.Abs(normSlope) / Math.Max(StateNorm, direction));
        var step = rate > 0 ? 1e-4 / rate : 1;
        RateSlope = (LogSpeedAt(step) - LogSpeedAt(-step)) / (2 * step) - riskSlope;

        double LogSpeedAt(double x) => clock.LogSpeed(
            new FieldValue(Value.LogRisk + x * riskSlope, Value.LogScale + x * riskSlope),
            direction + x * directionSlope, StateNorm + x * normSlope);
    }

    /// <summary>
    /// 1/2 sum_i |q_i - q_i(other)|, q = p / sum p: how much of the points' weight changes hands between two places.
    /// </summary>
    internal double WeightShift(SeulexPlace other)
    {
        var (now, then) = (At.Weights, other.At.Weights);
        var (sum, sumThen) = (TensorPrimitives.Sum<double>(now), TensorPrimitives.Sum<double>(then));
        var shift = 0.0;
        for (var i = 0; i < now.Length; i++) shift += Math.Abs(now[i] / sum - then[i] / sumThen);
        return 0.5 * shift;
    }
}
