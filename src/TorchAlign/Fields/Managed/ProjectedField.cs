using TorchAlign.Losses;
using TorchAlign.Networks.Constraints;
using TorchAlign.States;

namespace TorchAlign.Fields;

/// <summary>
/// -P_S(grad R) on the operators W_1, ..., W_L themselves: with it descent is W &lt;- W - eta P_S(grad R), which stays in S from a
/// start in S [RNBU].
/// </summary>
public sealed class ProjectedField : IVectorField
{
    private readonly ProductField _field;
    private readonly double[] _coefficients;

    /// <exception cref="ArgumentException">The loss is for other inputs or outputs than the network's.</exception>
    public ProjectedField(ConstrainedLayers layers, IProductLoss loss)
    {
        Layers = layers;
        _field = new ProductField(layers.Shape, loss);
        _coefficients = new double[layers.Layout.Length];
    }

    public ConstrainedLayers Layers { get; }

    /// <summary>R at the state evaluated last.</summary>
    public double Risk => _field.Risk;

    public StateVector NewState() => new ManagedState(Layers.Shape.Layout);

    public FieldValue Evaluate(StateVector w, StateVector direction)
    {
        var values = ((ManagedState)direction).Values;
        var risk = _field.Evaluate(((ManagedState)w).Values, values);
        Layers.ContractGradient(values, _coefficients);
        Layers.Expand(_coefficients, values);
        return new FieldValue(Math.Log(risk), 0);
    }
}
