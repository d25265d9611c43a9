using System.Numerics;
using System.Numerics.Tensors;
using TorchAlign.Networks;

namespace TorchAlign.States;

/// <summary>A state in managed memory, vectorised with System.Numerics.Tensors.</summary>
public sealed class ManagedState : StateVector
{
    private readonly double[] _values;

    public ManagedState(BlockLayout layout) : base(layout) => _values = new double[layout.Length];

    /// <summary>A state with a copy of <paramref name="values"/>, which must have the layout's length.</summary>
    public ManagedState(BlockLayout layout, ReadOnlySpan<double> values) : this(layout) => CopyFrom(values);

    public Span<double> Values => _values;

    /// <summary>The memory itself, for fields that share it among threads.</summary>
    internal double[] Buffer => _values;

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
        // Four terms a pass: the stages of a step are read once instead of once for each term.
        var sum = Of(origin);
        var next = 0;
        do
        {
            double[]? k0 = null, k1 = null, k2 = null, k3 = null;
            double c0 = 0, c1 = 0, c2 = 0, c3 = 0;
            for (; next < c.Length && k3 is null; next++)
            {
                if (c[next] == 0) continue;
                if (k0 is null) (c0, k0) = (c[next], Of(k[next]));
                else if (k1 is null) (c1, k1) = (c[next], Of(k[next]));
                else if (k2 is null) (c2, k2) = (c[next], Of(k[next]));
                else (c3, k3) = (c[next], Of(k[next]));
            }
            if (k0 is null)
            {
                if (sum != _values) sum.CopyTo(_values, 0);
            }
            else
            {
                AddFour(sum, c0, k0, c1, k1 ?? k0, c2, k2 ?? k0, c3, k3 ?? k0, _values);
            }
            sum = _values;
        } while (next < c.Length);
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

    private static void AddFour(
        ReadOnlySpan<double> origin, double c0, ReadOnlySpan<double> k0, double c1, ReadOnlySpan<double> k1,
        double c2, ReadOnlySpan<double> k2, double c3, ReadOnlySpan<double> k3, Span<double> result)
    {
        var length = result.Length;
        origin = origin[..length];
        k0 = k0[..length];
        k1 = k1[..length];
        k2 = k2[..length];
        k3 = k3[..length];
        var i = 0;
        Vector<double> v0 = new(c0), v1 = new(c1), v2 = new(c2), v3 = new(c3);
        for (; i <= length - Vector<double>.Count; i += Vector<double>.Count)
        {
            var sum = new Vector<double>(origin[i..]);
            sum = Vector.MultiplyAddEstimate(v0, new Vector<double>(k0[i..]), sum);
            sum = Vector.MultiplyAddEstimate(v1, new Vector<double>(k1[i..]), sum);
            sum = Vector.MultiplyAddEstimate(v2, new Vector<double>(k2[i..]), sum);
            sum = Vector.MultiplyAddEstimate(v3, new Vector<double>(k3[i..]), sum);
            sum.CopyTo(result[i..]);
        }
        for (; i < length; i++) result[i] = origin[i] + c0 * k0[i] + c1 * k1[i] + c2 * k2[i] + c3 * k3[i];
    }

    private static double[] Of(StateVector other) => other is ManagedState managed
        ? managed._values
        : throw new ArgumentException($"A managed state cannot be combined with a {other.GetType().Name}.");
}
