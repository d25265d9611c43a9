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
        var basis = new double[matrices.Count][];
        var factor = new Matrix(matrices.Count, matrices.Count);
        for (var a = 0; a < basis.Length; a++)
        {
            var matrix = matrices[a];
            if ((matrix.Rows, matrix.Columns) != (rows, columns))
                throw new ArgumentException($"{name}: matrix {a + 1} is ({matrix.Rows}, {matrix.Columns}), the first ({rows}, {columns}).");
            var rest = matrix.Values.ToArray();
            var norm = TensorPrimitives.Norm<double>(rest);
            if (!double.IsFinite(norm)) throw new ArgumentException($"{name}: matrix {a + 1} has an entry that is not finite.");
            for (var pass = 0; pass < 2; pass++)
                for (var b = 0; b < a; b++)
                {
                    var along = TensorPrimitives.Dot<double>(basis[b], rest);
                    factor[b, a] += along;
                    TensorPrimitives.MultiplyAdd(basis[b], -along, rest, rest);
                }
            var left = TensorPrimitives.Norm<double>(rest);
            if (!(left > Dependence * norm))
                throw new ArgumentException(norm == 0
                    ? $"{name}: matrix {a + 1} is 0; leave it out."
                    : $"{name}: matrix {a + 1} is a combination of those before it (its distance from them is "
                        + $"{left / norm:G2} of its norm); leave it out.");
            factor[a, a] = left;
            TensorPrimitives.Divide(rest, left, rest);
            basis[a] = rest;
        }
        var starts = new int[basis.Length + 1];
        var (entries, values) = (new List<int>(), new List<double>());
        for (var a = 0; a < basis.Length; a++)
        {
            for (var i = 0; i < basis[a].Length; i++)
            {
                if (basis[a][i] == 0) continue;
                entries.Add(i);
                values.Add(basis[a][i]);
            }
            starts[a + 1] = entries.Count;
        }
        return new LayerConstraint(name, rows, columns, starts, [.. entries], [.. values],
            [.. matrices.Select(matrix => matrix.FrobeniusNorm)], factor);
    }
}
