using TorchAlign.Fields;
using TorchAlign.Networks;
using TorchAlign.States;

namespace TorchAlign.Tests.Dynamics;

/// <summary>R(w) = 1/2 sum_i c_i w_i^2: the flow is w_i(t) = w_i(0) exp(-c_i t), descent w_i (1 - eta c_i)^k.</summary>
internal sealed class QuadraticField(params double[] curvatures) : IVectorField
{
    public StateVector NewState() => new ManagedState(new BlockLayout(curvatures.Length));

    public FieldValue Evaluate(StateVector w, StateVector direction)
    {
        var values = ((ManagedState)w).Values;
        var into = ((ManagedState)direction).Values;
        var risk = 0.0;
        for (var i = 0; i < values.Length; i++)
        {
            risk += 0.5 * curvatures[i] * values[i] * values[i];
            into[i] = -curvatures[i] * values[i];
        }
        return new FieldValue(Math.Log(risk), 0);
    }
}
