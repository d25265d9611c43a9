using TorchAlign.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.States;

/// <summary>
/// A state as one flat tensor (P) on any torch device, float64 unless told otherwise. Everything but the three norms and
/// products that return a number stays on the device; each of those is one read-back.
/// </summary>
public sealed class TorchState : StateVector
{
    private readonly Tensor _values;

    public TorchState(BlockLayout layout, Device? device = null, ScalarType dtype = ScalarType.Float64) : base(layout) =>
        _values = zeros(layout.Length, dtype: dtype, device: device).DetachFromDisposeScope();

    /// <summary>The state itself, not a copy (P).</summary>
    public Tensor Values => _values;

    /// <summary>Block <paramref name="index"/> as a view.</summary>
    public Tensor Block(int index) => _values.narrow(0, Layout.Offset(index), Layout.LengthOf(index));

    public override StateVector NewLike() => new TorchState(Layout, _values.device, _values.dtype);

    public override void CopyFrom(StateVector source)
    {
        using var scope = NewDisposeScope();
        _values.copy_(Of(source));
    }

    public override void CopyFrom(ReadOnlySpan<double> source)
    {
        if (source.Length != Length)
            throw new ArgumentException($"The state has {Length} entries, the source {source.Length}.", nameof(source));
        using var scope = NewDisposeScope();
        _values.copy_(tensor(source.ToArray(), dtype: float64, device: CPU));
    }

    public override void CopyTo(Span<double> destination)
    {
        using var scope = NewDisposeScope();
        _values.to(float64, CPU).data<double>().ToArray().CopyTo(destination);
    }

    public override void AddScaled(double a, StateVector x)
    {
        using var scope = NewDisposeScope();
        _values.add_(Of(x), a);
    }

    public override void SetSum(StateVector origin, double a, StateVector x)
    {
        using var scope = NewDisposeScope();
        _values.copy_(Of(origin)).add_(Of(x), a);
    }

    public override void SetCombination(StateVector origin, ReadOnlySpan<double> c, ReadOnlySpan<StateVector> k)
    {
        using var scope = NewDisposeScope();
        _values.copy_(Of(origin));
        for (var i = 0; i < c.Length; i++)
            if (c[i] != 0) _values.add_(Of(k[i]), c[i]);
    }

    public override void Scale(double a)
    {
        using var scope = NewDisposeScope();
        _values.mul_(a);
    }

    public override double Dot(StateVector other)
    {
        using var scope = NewDisposeScope();
        return _values.dot(Of(other)).to(float64).item<double>();
    }

    public override double Norm()
    {
        using var scope = NewDisposeScope();
        return _values.norm().to(float64).item<double>();
    }

    public override double MaxBlockNorm()
    {
        using var scope = NewDisposeScope();
        var norms = new Tensor[Layout.Count];
        for (var b = 0; b < norms.Length; b++) norms[b] = Block(b).norm();
        return stack(norms, 0).max().to(float64).item<double>();
    }

    public override void Dispose()
    {
        _values.Dispose();
        base.Dispose();
    }

    private static Tensor Of(StateVector other) => other is TorchState state
        ? state._values
        : throw new ArgumentException($"A torch state cannot be combined with a {other.GetType().Name}.");
}
