using System.Numerics.Tensors;
using TorchAlign.Data;

namespace TorchAlign.MaxMargin;

/// <summary>What rounding the kernel &lt;z_i, z_j&gt; to float32 does to the maximum-margin direction, to first order.</summary>
/// <remarks>
/// With E the rounding of the kernel on the k points that carry weight a, the rounded optimum a + da has G da + E a = mu 1 and sum da =
/// 0, so with Z_S^T = Q R the direction moves by -Q R^-T (E a), of which the part across u_bar counts.
/// </remarks>
internal readonly struct KernelRounding
{
    /// <summary>Of the system for the direction's move, an estimate anyway.</summary>
    private const double SolveTolerance = 1e-6;

    private KernelRounding(double angle, double gradientError) => (Angle, GradientError) = (angle, gradientError);

    /// <summary>
    /// The angle, in radians, by which the direction turns; meaningless as a number from about 0.1 on, when first order ends.
    /// </summary>
    public double Angle { get; }

    /// <summary>Root mean square of E a: the size of rounding in the gradient of 1/2 ||sum a_i z_i||^2.</summary>
    public double GradientError { get; }

    public static KernelRounding Of(SignedPoints z, MarginSolution solution)
    {
        if (BlockPivoting.IsFor(z) && OfMany(z, solution) is { } many) return many;
        int[] carriers = solution.WeightCarriers;
        var error = new double[carriers.Length];
        for (int i = 0; i < carriers.Length; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double entry = TensorPrimitives.Dot(z.Row(carriers[i]), z.Row(carriers[j]));
                double rounding = (float)entry - entry;
                error[i] += rounding * solution.DualWeights[carriers[j]];
                if (j < i) error[j] += rounding * solution.DualWeights[carriers[i]];
            }
        }

        double gradientError = TensorPrimitives.Norm<double>(error) / Math.Sqrt(error.Length);
        var factor = new PointFactor(z);
        var split = new double[z.Dimension];
        var moved = new double[z.Dimension];
        foreach (int i in carriers) factor.Append(i, split, moved, factor.Split(z.Row(i), split, moved));
        factor.SolveTransposed(error);
        factor.Combine(error, moved);
        double along = TensorPrimitives.Dot<double>(moved, solution.Direction);
        TensorPrimitives.MultiplyAdd(solution.Direction, -along, moved, moved);
        return new(TensorPrimitives.Norm<double>(moved) / solution.Gamma, gradientError);
    }

    /// <summary>By products with all points and conjugate gradients, where an orthogonal factor would cost k^2 d; null if those fail.</summary>
    private static KernelRounding? OfMany(SignedPoints z, MarginSolution solution)
    {
        int[] carriers = solution.WeightCarriers;
        var products = new PointProducts(z);
        var selected = new SelectedPoints(products, z.Count, z.Dimension);
        foreach (int i in carriers) selected.Mask[i] = true;
        var (error, entries, point) = (new double[z.Count], new double[z.Count], new double[z.Dimension]);
        foreach (int i in carriers)
        {
            z.Row(i).CopyTo(point);
            products.Multiply(point, entries, selected.Mask);
            foreach (int j in carriers) error[i] += ((float)entries[j] - entries[j]) * solution.DualWeights[j];
        }

        double gradientError = TensorPrimitives.Norm<double>(error) / Math.Sqrt(carriers.Length);
        var solved = new double[z.Count];
        if (!selected.Solve(error, solved, SolveTolerance, SelectedPoints.MostSteps, default)) return null;
        products.MultiplyTransposed(solved, point);
        double along = TensorPrimitives.Dot<double>(point, solution.Direction);
        TensorPrimitives.MultiplyAdd(solution.Direction, -along, point, point);
        return new(TensorPrimitives.Norm<double>(point) / solution.Gamma, gradientError);
    }
}
