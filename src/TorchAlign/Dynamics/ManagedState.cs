using System.Numerics.Tensors;
using TorchAlign.Networks;

namespace TorchAlign.Dynamics;

/// <summary>A state in managed memory, vectorised with System.Numerics.Tensors.</summary>
public sealed class ManagedState : StateVector
{
    private readonly double[] _values;

    public ManagedState(BlockLayout layout) : base(layout) => _values = new double[layout.Length];

    /// <summary>A state with a copy of <paramref name="values"/>, which must have the layout's length.</summary>
    public ManagedState(BlockLayout layout, ReadOnlySpan<double> values) : this(layout) => CopyFrom(values);

    public Span<double> Values => _values;

    public override StateVector NewLike() => new ManagedState(Layout);

    public override void CopyFrom(StateVector source) => CopyFrom(Of(source));

    public override void CopyFrom(ReadOnlySpan<double> source)
    {
        if (source.Length != Length)
            throw new ArgumentException($"The state has {Length} entries, the source {source.Length}.", nameof(source));
        source.CopyTo(_values);
    }

    public override void CopyTo(Span<double> destination) => _values.CopyTo(destination);

    public override void AddScaled(double a, StateVector x) =>
        TensorPrimitives.MultiplyAdd(Of(x), a, _values, _values);

    public override void SetSum(StateVector origin, double a, StateVector x) =>
        TensorPrimitives.MultiplyAdd(Of(x), a, Of(origin), _values);

    public override void SetCombination(StateVector origin, ReadOnlySpan<double> c, ReadOnlySpan<StateVector> k)
    {
        CopyFrom(origin);
        for (var i = 0; i < c.Length; i++)
            if (c[i] != 0) AddScaled(c[i], k[i]);
    }

    public override void Scale(double a) => TensorPrimitives.Multiply(_values, a, _values);

    public override double Dot(StateVector other) => TensorPrimitives.Dot(_values, Of(other));

    public override double Norm() => TensorPrimitives.Norm<double>(_values);

    public override double MaxBlockNorm()
    {
        var largest = 0.0;
        for (var b = 0; b < Layout.Count; b++)
        {
            var block = _values.AsSpan(Layout.Offset(b), Layout.LengthOf(b));
            largest = Math.Max(largest, TensorPrimitives.SumOfSquares<double>(block));
        }
        return Math.Sqrt(largest);
    }

    private static double[] Of(StateVector other) => other is ManagedState managed
        ? managed._values
        : throw new ArgumentException($"A managed state cannot be combined with a {other.GetType().Name}.");
}
