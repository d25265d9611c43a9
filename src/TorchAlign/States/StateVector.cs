using TorchAlign.Networks;

namespace TorchAlign.States;

/// <summary>
/// A point of the trajectory as one flat float64 vector of length P, cut into blocks (layers). Steppers know no more
/// than this, so they run on managed memory and on any torch device alike. Operands must be of the same kind.
/// </summary>
public abstract class StateVector(BlockLayout layout) : IDisposable
{
    public BlockLayout Layout { get; } = layout;

    public int Length => Layout.Length;

    /// <summary>A vector of the same kind, layout and device; its content is zero.</summary>
    public abstract StateVector NewLike();

    public abstract void CopyFrom(StateVector source);

    /// <summary>Takes P numbers from managed memory.</summary>
    public abstract void CopyFrom(ReadOnlySpan<double> source);

    /// <summary>Writes the P numbers to managed memory.</summary>
    public abstract void CopyTo(Span<double> destination);

    public double[] ToArray()
    {
        var copy = new double[Length];
        CopyTo(copy);
        return copy;
    }

    /// <summary>this += a x.</summary>
    public abstract void AddScaled(double a, StateVector x);

    /// <summary>this = origin + a x; x must be another vector.</summary>
    public abstract void SetSum(StateVector origin, double a, StateVector x);

    /// <summary>
    /// this = origin + sum_i c_i k_i, the stages of a Runge-Kutta step; entries with c_i = 0 are not read, and no k_i may be this.
    /// </summary>
    public abstract void SetCombination(StateVector origin, ReadOnlySpan<double> c, ReadOnlySpan<StateVector> k);

    /// <summary>this *= a.</summary>
    public abstract void Scale(double a);

    public abstract double Dot(StateVector other);

    /// <summary>Euclidean norm; NaN or infinite where an entry is.</summary>
    public abstract double Norm();

    /// <summary>max_k ||W_k||_F over the blocks.</summary>
    public abstract double MaxBlockNorm();

    public virtual void Dispose() => GC.SuppressFinalize(this);
}
