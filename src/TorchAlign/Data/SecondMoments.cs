using System.Numerics.Tensors;
using TorchAlign.Numerics;

namespace TorchAlign.Data;

/// <summary>
/// All that the squared loss sees of the data: ||Y - P X||_F^2 = ||Y - P* X||_F^2 + tr((P - P*) X X^T (P - P*)^T) with the least
/// squares solution P* = Y X^T (X X^T)^+. Computed once, so that a step costs nothing in n. The second form loses no digits
/// where the loss is small, as ||Y||^2 - 2 tr(...) + ... would.
/// </summary>
public sealed class SecondMoments
{
    private SecondMoments(
        RegressionSet data, Matrix inputs, Matrix cross, Matrix targets,
        SymmetricEigen eigen, int rank, Matrix solution, double residual)
    {
        (Data, InputMoments, CrossMoments, TargetMoments) = (data, inputs, cross, targets);
        (Eigen, Rank, LeastSquares, LeastResidual) = (eigen, rank, solution, residual);
    }

    /// <summary>What the moments are of: half the digits of a small singular value of X are lost in those of X X^T.</summary>
    public RegressionSet Data { get; }

    /// <summary>Of the data.</summary>
    public string Name => Data.Name;

    /// <summary>X X^T (d_0, d_0).</summary>
    public Matrix InputMoments { get; }

    /// <summary>Y X^T (d_L, d_0).</summary>
    public Matrix CrossMoments { get; }

    /// <summary>Y Y^T (d_L, d_L).</summary>
    public Matrix TargetMoments { get; }

    /// <summary>||Y||_F^2.</summary>
    public double TargetMoment => Enumerable.Range(0, Outputs).Sum(i => TargetMoments[i, i]);

    /// <summary>n.</summary>
    public int Count => Data.Count;

    /// <summary>Of X X^T.</summary>
    public SymmetricEigen Eigen { get; }

    /// <summary>Numerical rank of X X^T: eigenvalues above max(n, d_0) 2^-52 of the largest.</summary>
    public int Rank { get; }

    /// <summary>P* (d_L, d_0), of least norm.</summary>
    public Matrix LeastSquares { get; }

    /// <summary>||Y - P* X||_F^2, summed over the samples.</summary>
    public double LeastResidual { get; }

    public int Inputs => InputMoments.Rows;

    public int Outputs => CrossMoments.Rows;

    /// <summary>O(n d_0 (d_0 + d_L)), once.</summary>
    /// <exception cref="DataException">All inputs are 0.</exception>
    public static SecondMoments Of(RegressionSet data)
    {
        var inputs = data.X.TransposedTimes(data.X);
        var cross = data.Y.TransposedTimes(data.X);
        var eigen = SymmetricEigen.Of(inputs);
        var largest = eigen.Values[^1];
        if (largest <= 0) throw new DataException($"{data.Name}: all inputs are 0.");
        var cut = Math.ScaleB(Math.Max(data.Count, data.Inputs), -52) * largest;
        var rank = eigen.Values.Count(value => value > cut);
        var solution = cross * eigen.Map(value => value > cut ? 1 / value : 0);
        var residual = data.Y - data.X.TimesTransposed(solution);
        return new SecondMoments(data, inputs, cross, data.Y.TransposedTimes(data.Y), eigen, rank,
            solution, TensorPrimitives.SumOfSquares<double>(residual.Values));
    }
}
