using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.States;

namespace TorchAlign.Fields;

/// <summary>
/// The gradient of R(A x) in x, A^T grad R(W) at W = A x, for a linear map A to the layers W of a network: in the coefficients of
/// constrained layers (<see cref="ConstraintMap"/>, <see cref="ProjectionMap"/>), or through few samples (<see cref="SampleMap"/>).
/// Not safe for concurrent calls.
/// </summary>
public sealed class PulledBackField : IVectorField, ILayerGradient
{
    private readonly ILayerGradient _gradient;
    private readonly ILinearMap _map;
    private readonly double[] _weights, _direction;

    /// <summary>Of a risk that is a loss of the product of the layers W.</summary>
    public PulledBackField(IProductLoss loss, ILinearMap map) : this(new ProductField(map.Image, loss), map)
    {
    }

    /// <param name="gradient">Of R, in the layers W.</param>
    /// <param name="map">To them.</param>
    /// <exception cref="ArgumentException">The gradient is of a network with other widths, or in other numbers than its layers.</exception>
    public PulledBackField(ILayerGradient gradient, ILinearMap map)
    {
        RequireFit(map, gradient, gradient.Shape, gradient.Layout);
        (_gradient, _map) = (gradient, map);
        (_weights, _direction) = (new double[map.Image.Length], new double[map.Image.Length]);
    }

    public NetworkShape Shape => _map.Shape;

    public BlockLayout Layout => _map.Layout;

    public double Risk => _gradient.Risk;

    public StateVector NewState() => new ManagedState(Layout);

    public FieldValue Evaluate(StateVector w, StateVector direction) =>
        new(Math.Log(Evaluate(((ManagedState)w).Values, ((ManagedState)direction).Values)), 0);

    public double Evaluate(ReadOnlySpan<double> w, Span<double> direction)
    {
        _map.Apply(w, _weights);
        _gradient.Evaluate(_weights, _direction);
        _map.ApplyTransposed(_direction, direction);
        return Risk;
    }

    /// <exception cref="ArgumentException">The gradient is not in the layers that the map gives.</exception>
    internal static void RequireFit(ILinearMap map, object gradient, NetworkShape shape, BlockLayout layout)
    {
        if (layout != shape.Layout || !shape.Widths.SequenceEqual(map.Image.Widths))
            throw new ArgumentException($"The gradient ({gradient.GetType().Name}) is of a network {shape}; it must be in the layers "
                + $"of a network {map.Image}, as the map gives them.", nameof(gradient));
    }
}
