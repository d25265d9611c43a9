using TorchAlign.Losses;
using TorchAlign.Networks.Constraints;
using TorchAlign.States;

namespace TorchAlign.Fields;

/// <summary>
/// The gradient of R(W) = loss(W_L ... W_1) in the coefficients, or in the kernels, of constrained layers: the closed form of
/// <see cref="ProductField"/> on the operators, then &lt;B_a, dR/dW_k&gt;. Descent on <see cref="Coordinates.Orthonormal"/> is
/// projected descent W &lt;- W - eta P_S(grad) [RNBU].
/// </summary>
public sealed class ConstrainedField : IVectorField
{
    private readonly ILayerGradient _field;
    private readonly double[] _weights;
    private readonly double[] _direction;

    /// <exception cref="ArgumentException">The loss is for other inputs or outputs than the network's.</exception>
    public ConstrainedField(ConstrainedLayers layers, IProductLoss loss, Coordinates coordinates = Coordinates.Orthonormal)
        : this(layers, new ProductField(layers.Shape, loss), coordinates)
    {
    }

    /// <param name="layers">The constraints.</param>
    /// <param name="gradient">In the operators, such as <see cref="SampleField"/> where samples are few.</param>
    /// <param name="coordinates">What the states hold.</param>
    /// <exception cref="ArgumentException">The gradient is of a network with other widths.</exception>
    public ConstrainedField(ConstrainedLayers layers, ILayerGradient gradient, Coordinates coordinates = Coordinates.Orthonormal)
    {
        if (!gradient.Shape.Widths.SequenceEqual(layers.Shape.Widths))
            throw new ArgumentException($"The gradient is of a network {gradient.Shape}, the layers are {layers.Shape}.", nameof(gradient));
        (Layers, Coordinates, _field) = (layers, coordinates, gradient);
        (_weights, _direction) = (new double[layers.Shape.Length], new double[layers.Shape.Length]);
    }

    public ConstrainedLayers Layers { get; }

    /// <summary>What the states of this field hold.</summary>
    public Coordinates Coordinates { get; }

    /// <summary>The operators W_1, ..., W_L (P) at the state evaluated last.</summary>
    public ReadOnlySpan<double> Weights => _weights;

    /// <summary>W_L ... W_1 (d_L, d_0), row-major, at the state evaluated last.</summary>
    public ReadOnlySpan<double> Product =>
        _field is ProductField free ? free.Product : Networks.LinearProduct.Matrix(Layers.Shape, _weights).Values;

    /// <summary>R at the state evaluated last.</summary>
    public double Risk => _field.Risk;

    public StateVector NewState() => new ManagedState(Layers.Layout);

    public FieldValue Evaluate(StateVector w, StateVector direction)
    {
        Layers.Expand(((ManagedState)w).Values, _weights, Coordinates);
        var risk = _field.Evaluate(_weights, _direction);
        Layers.ContractGradient(_direction, ((ManagedState)direction).Values, Coordinates);
        return new FieldValue(Math.Log(risk), 0);
    }
}
