using TorchAlign.Networks;
using TorchAlign.States;

namespace TorchAlign.Fields;

/// <summary>
/// The field of a risk whose logarithm has a gradient: from log R and -grad log R, as
/// <see cref="Losses.LogCrossEntropyLoss"/> gives them through a <see cref="ProductField"/>, so that R itself may lie far below float64.
/// Not safe for concurrent calls.
/// </summary>
/// <param name="logRisk">The gradient of log R.</param>
public sealed class LogRiskField(ILayerGradient logRisk) : IVectorField
{
    public NetworkShape Shape => logRisk.Shape;

    public StateVector NewState() => new ManagedState(logRisk.Layout);

    public FieldValue Evaluate(StateVector w, StateVector direction)
    {
        var value = logRisk.Evaluate(((ManagedState)w).Values, ((ManagedState)direction).Values);
        return new FieldValue(value, value);
    }
}
