using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Networks;
using TorchAlign.States;

namespace TorchAlign.Tests.Engine;

/// <summary>
/// A field with any right-hand side, seen through <see cref="Clock.Time"/>: dW/dt = f(W). Not a margin field, so that
/// steppers control ||e|| alone.
/// </summary>
internal sealed class PlainField(int length, Action<double[], Span<double>> rightHandSide) : IVectorField
{
    private readonly BlockLayout _layout = new(length);

    public StateVector NewState() => new ManagedState(_layout);

    public FieldValue Evaluate(StateVector w, StateVector direction)
    {
        rightHandSide(w.ToArray(), ((ManagedState)direction).Values);
        return new FieldValue(0, 0);
    }
}
