using System.Numerics.Tensors;
using TorchAlign.Numerics;

namespace TorchAlign.Networks.Constraints;

/// <summary>The constraint that a layer be a combination of matrices that the user gives.</summary>
public static class SpannedSubspace
{
    /// <summary>
    /// A matrix whose distance from the span of those before it is below this share of its norm counts as dependent on them: what
    /// is left of it would be mostly rounding.
    /// </summary>
    private const double Dependence = 1e-10;

    /// <summary>span{A_1, ..., A_m}, orthonormalised by Gram-Schmidt, twice; a kernel theta means sum_a theta_a A_a.</summary>
    /// <exception cref="ArgumentException">
    /// There is no matrix, the sizes differ, an entry is not finite, or a matrix is 0 or linearly dependent on those before it.
    /// </exception>
    public static LayerConstraint Of(string name, IReadOnlyList<Matrix> matrices)
    {
        if (matrices.Count == 0) throw new ArgumentException($"{name}: a subspace needs at least one matrix.");
        var (rows, columns) = (matrices[0].Rows, matrices[0].Columns);
        var basis = new OrthonormalBasis();
        var along = new double[matrices.Count];
        var factor = new Matrix(matrices.Count, matrices.Count);
        for (var a = 0; a < matrices.Count; a++)
        {
            var matrix = matrices[a];
            if ((matrix.Rows, matrix.Columns) != (rows, columns))
                throw new ArgumentException($"{name}: matrix {a + 1} is ({matrix.Rows}, {matrix.Columns}), the first ({rows}, {columns}).");
            var rest = matrix.Values.ToArray();
            var norm = TensorPrimitives.Norm<double>(rest);
            if (!double.IsFinite(norm)) throw new ArgumentException($"{name}: matrix {a + 1} has an entry that is not finite.");
            Array.Clear(along);
            var left = basis.Reject(rest, along);
            if (!(left > Dependence * norm))
                throw new ArgumentException(norm == 0
                    ? $"{name}: matrix {a + 1} is 0; leave it out."
                    : $"{name}: matrix {a + 1} is a combination of those before it (its distance from them is "
                        + $"{left / norm:G2} of its norm); leave it out.");
            for (var b = 0; b < a; b++) factor[b, a] = along[b];
            factor[a, a] = left;
            basis.Append(rest, left);
        }
        var starts = new int[basis.Count + 1];
        var (entries, values) = (new List<int>(), new List<double>());
        for (var a = 0; a < basis.Count; a++)
        {
            var vector = basis.Vectors[a];
            for (var i = 0; i < vector.Length; i++)
            {
                if (vector[i] == 0) continue;
                entries.Add(i);
                values.Add(vector[i]);
            }
            starts[a + 1] = entries.Count;
        }
        return new LayerConstraint(name, rows, columns, starts, [.. entries], [.. values],
            [.. matrices.Select(matrix => matrix.FrobeniusNorm)], factor);
    }
}
