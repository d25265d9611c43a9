using System.Numerics.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TorchAlign.Numerics;

/// <summary>A = U diag(S) V^T, S descending. Reduced: U (m, r), V (n, r), r = min(m, n); full: U (m, m), V (n, n).</summary>
public sealed record Svd(Matrix U, double[] S, Matrix V)
{
    /// <summary>LAPACK's, through torch.</summary>
    public static Svd Of(Matrix a, bool full = false)
    {
        using var scope = NewDisposeScope();
        var (u, s, vh) = linalg.svd(a.ToTensor(), fullMatrices: full);
        return new Svd(u.ToMatrix(), s.data<double>().ToArray(), vh.t().ToMatrix());
    }
}

/// <summary>A = Q diag(Values) Q^T of a symmetric A (n, n); values ascending, eigenvectors in the columns of Q.</summary>
public sealed record SymmetricEigen(double[] Values, Matrix Vectors)
{
    /// <summary>LAPACK's, through torch; reads the lower triangle.</summary>
    public static SymmetricEigen Of(Matrix a)
    {
        using var scope = NewDisposeScope();
        var (values, vectors) = linalg.eigh(a.ToTensor());
        return new SymmetricEigen(values.data<double>().ToArray(), vectors.ToMatrix());
    }

    /// <summary>f(A) = Q diag(f(Values)) Q^T: a power, a root, a pseudo-inverse.</summary>
    public Matrix Map(Func<double, double> f)
    {
        var scaled = Vectors.Copy();
        double[] mapped = [.. Values.Select(f)];
        for (var i = 0; i < scaled.Rows; i++) TensorPrimitives.Multiply(scaled.Row(i), mapped, scaled.Row(i));
        return scaled.TimesTransposed(Vectors);
    }
}

/// <summary>Between managed matrices and torch.</summary>
public static class MatrixTensors
{
    /// <summary>A copy as a float64 tensor (rows, columns) on the CPU.</summary>
    public static Tensor ToTensor(this Matrix matrix) =>
        tensor(matrix.Buffer, matrix.Rows, matrix.Columns, dtype: float64, device: CPU);

    /// <summary>A copy on a device in a floating dtype (rows, columns), which belongs to the caller and to no dispose scope.</summary>
    internal static Tensor ToTensor(this Matrix matrix, Device device, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        return matrix.ToTensor().to(dtype, device).DetachFromDisposeScope();
    }

    /// <summary>A copy of a tensor with two dimensions, from any device and floating dtype.</summary>
    public static Matrix ToMatrix(this Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var (rows, columns) = (checked((int)tensor.shape[0]), checked((int)tensor.shape[1]));
        return new Matrix(rows, columns, tensor.detach().to(float64).cpu().contiguous().data<double>().ToArray());
    }
}
