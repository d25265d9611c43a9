using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Numerics;

namespace TorchAlign.MaxMargin;

/// <summary>
/// Minimises log sum_i exp(-&lt;v, z_i&gt;) over the support vectors, v in their span and orthogonal to u_bar, by damped Newton steps.
/// The minimum exists exactly if some positive weights on all support vectors are dual weights.
/// </summary>
internal static class SupportPotential
{
    // Newton's decrement at which the next step is below rounding.
    private const double Decrement = 1e-14;

    // Without a minimum each step takes the idle points' weight down by a factor e; 60 steps are far beyond any least weight.
    private const int Steps = 60;

    public static double[]? Minimize(SignedPoints z, int[] support, double[] direction, double leastWeight, out int idle)
    {
        double[][] basis = Basis(z, support, direction);
        int r = basis.Length, m = support.Length;
        idle = -1;
        var coordinates = new double[m][];
        for (int i = 0; i < m; i++) coordinates[i] = [.. basis.Select(q => TensorPrimitives.Dot(q, z.Row(support[i])))];

        var t = new double[r];
        double value = Evaluate(coordinates, t, out double[] weights);
        for (int iteration = 0; iteration < Steps && r > 0; iteration++)
        {
            (double[] gradient, double[] hessian) = Derivatives(coordinates, weights);
            // Where weights die out the matrix loses rank, and a pivot of 0 gives a step of 0.
            double[] step = [.. gradient];
            Cholesky.Factor(hessian, r);
            Cholesky.Solve(hessian, r, step);
            double decrement = Math.Sqrt(Math.Max(0, TensorPrimitives.Dot<double>(step, gradient)));
            double length = 1;
            double[] next;
            double reached;
            while (true)
            {
                next = [.. t.Select((x, k) => x - length * step[k])];
                reached = Evaluate(coordinates, next, out double[] newWeights);
                if (reached <= value || length < 1e-6)
                {
                    weights = newWeights;
                    break;
                }

                length /= 2;
            }

            (t, value) = (next, reached);
            if (decrement < Decrement) break;
        }

        int least = Array.IndexOf(weights, weights.Min());
        if (weights[least] < leastWeight)
        {
            idle = support[least];
            return null;
        }

        var v = new double[z.Dimension];
        for (int k = 0; k < r; k++) TensorPrimitives.MultiplyAdd(basis[k], t[k], v, v);
        return v;
    }

    /// <summary>Orthonormal basis of the support vectors' parts across u_bar.</summary>
    public static double[][] Basis(SignedPoints z, int[] support, double[] direction)
    {
        var basis = new OrthonormalBasis();
        basis.Append(direction, 1);
        foreach (int i in support)
        {
            double[] rest = z.Row(i).ToArray();
            double norm = TensorPrimitives.Norm<double>(rest);
            double length = basis.Reject(rest);
            if (length > MarginSupport.RankTolerance * norm) basis.Append(rest, length);
        }

        return [.. basis.Vectors.Skip(1)];
    }

    private static double Evaluate(double[][] coordinates, double[] t, out double[] weights)
    {
        weights = [.. coordinates.Select(c => -TensorPrimitives.Dot<double>(c, t))];
        double greatest = weights.Max();
        for (int i = 0; i < weights.Length; i++) weights[i] = Math.Exp(weights[i] - greatest);
        double sum = weights.Sum();
        TensorPrimitives.Divide(weights, sum, weights);
        return greatest + Math.Log(sum);
    }

    /// <summary>Minus the weighted mean of the coordinates, and their weighted covariance.</summary>
    private static (double[] Gradient, double[] Hessian) Derivatives(double[][] coordinates, double[] weights)
    {
        int r = coordinates[0].Length;
        var mean = new double[r];
        for (int i = 0; i < weights.Length; i++) TensorPrimitives.MultiplyAdd(coordinates[i], weights[i], mean, mean);
        var hessian = new double[r * r]; // its lower triangle
        for (int i = 0; i < weights.Length; i++)
            for (int a = 0; a < r; a++)
                for (int b = 0; b <= a; b++)
                    hessian[a * r + b] += weights[i] * (coordinates[i][a] - mean[a]) * (coordinates[i][b] - mean[b]);
        TensorPrimitives.Negate(mean, mean);
        return (mean, hessian);
    }
}
