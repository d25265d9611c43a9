using TorchAlign.Fields;
using TorchAlign.States;

namespace TorchAlign.Dynamics;

/// <summary>A field seen through a clock: the right-hand side dW/ds that steppers integrate.</summary>
public sealed class FlowSystem(IVectorField field, Clock clock)
{
    public IVectorField Field { get; } = field;

    public Clock Clock { get; } = clock;

    /// <summary>How often the field was evaluated.</summary>
    public long Evaluations { get; set; }

    /// <summary>Writes dW/ds at <paramref name="w"/> into <paramref name="velocity"/>.</summary>
    public FlowRate Evaluate(StateVector w, StateVector velocity)
    {
        Evaluations++;
        var value = Field.Evaluate(w, velocity);
        var norm = velocity.Norm();
        var logSpeed = Clock.LogSpeed(value, norm, w);
        var speed = Math.Exp(logSpeed);
        // At a risk of 0 the flow stands still, and a clock that goes by -log R or by lengths has no finite speed.
        if (double.IsNegativeInfinity(value.LogRisk) && !double.IsFinite(speed)) speed = 0;
        velocity.Scale(speed);
        return new FlowRate(value, norm, logSpeed - value.LogScale);
    }
}

/// <summary>The field's value, the norm of its direction, and log(dt/ds).</summary>
public readonly record struct FlowRate(FieldValue Value, double DirectionNorm, double LogTimeRate);
