using System.Numerics.Tensors;

namespace TorchAlign.Numerics;

/// <summary>
/// Orthonormal vectors of R^d that come one by one, by Gram-Schmidt with every projection done twice: "twice is enough" for
/// orthogonality to rounding (B. N. Parlett, <i>The Symmetric Eigenvalue Problem</i>, section 6.9).
/// </summary>
public sealed class OrthonormalBasis
{
    private readonly List<double[]> _vectors = [];

    public int Count => _vectors.Count;

    /// <summary>The vectors (d), in the order of their coming.</summary>
    public IReadOnlyList<double[]> Vectors => _vectors;

    /// <summary>In place, x (d) loses its part in the span.</summary>
    /// <param name="x">On return orthogonal to all vectors, to rounding.</param>
    /// <param name="coefficients">The inner products that it lost are added here, one per vector; none where empty.</param>
    /// <returns>||x||, the distance from the span.</returns>
    public double Reject(Span<double> x, Span<double> coefficients = default)
    {
        for (var pass = 0; pass < 2; pass++)
            for (var k = 0; k < _vectors.Count; k++)
            {
                var part = TensorPrimitives.Dot<double>(_vectors[k], x);
                if (!coefficients.IsEmpty) coefficients[k] += part;
                TensorPrimitives.MultiplyAdd(_vectors[k], -part, x, x);
            }
        return TensorPrimitives.Norm<double>(x);
    }

    /// <summary>Appends <paramref name="rest"/> / <paramref name="norm"/>, as <see cref="Reject"/> left and gave them.</summary>
    public void Append(ReadOnlySpan<double> rest, double norm)
    {
        var vector = new double[rest.Length];
        TensorPrimitives.Divide(rest, norm, vector);
        _vectors.Add(vector);
    }

    /// <summary>Takes out the vector that came last.</summary>
    public void RemoveLast() => _vectors.RemoveAt(_vectors.Count - 1);

    /// <summary>sum_k c_k q_k (d) of c (<see cref="Count"/>).</summary>
    public void Combine(ReadOnlySpan<double> c, Span<double> result)
    {
        result.Clear();
        for (var k = 0; k < _vectors.Count; k++) TensorPrimitives.MultiplyAdd(_vectors[k], c[k], result, result);
    }
}
