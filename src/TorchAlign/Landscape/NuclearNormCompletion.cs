using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Numerics;

namespace TorchAlign.Landscape;

/// <summary>
/// The completion of least nuclear norm, min ||P||_* with P_ij = T_ij where T is seen, by Douglas-Rachford splitting (P. Combettes,
/// J.-C. Pesquet, Proximal splitting methods in signal processing, 2011): singular value thresholding and the projection
/// onto the seen entries in turn, with a certificate.
/// </summary>
/// <remarks>
/// Of the iterate z, x = its projection, the difference (x - z) / gamma has no unseen entries, and tends to a subgradient of the
/// nuclear norm at the solution. Divided by max(1, its spectral norm) it is feasible for the dual, max &lt;T, Y> with Y zero off
/// the seen entries and ||Y||_2 &lt;= 1, so &lt;T, Y> &lt;= minimum &lt;= ||x||_*, whatever the iteration does.
/// </remarks>
/// <param name="Completion">Agrees with every seen entry to the last bit.</param>
/// <param name="NuclearNorm">Of the completion: an upper bound of the minimum.</param>
/// <param name="LowerBound">The value of a feasible point of the dual.</param>
/// <param name="Iterations">A singular value decomposition each.</param>
public sealed record NuclearNormCompletion(Matrix Completion, double NuclearNorm, double LowerBound, int Iterations)
{
    private const int CheckInterval = 25;

    /// <summary>gamma as a share of the largest singular value of the zero-filled matrix: it sets the speed and nothing else.</summary>
    private const double Threshold = 0.3;

    /// <summary>(upper - lower) / upper.</summary>
    public double RelativeGap => (NuclearNorm - LowerBound) / NuclearNorm;

    /// <summary>Iterates until the certified gap is small, or as often as is allowed: the gap says which.</summary>
    public static NuclearNormCompletion Solve(
        CompletionProblem problem, double relativeGap, int maxIterations, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxIterations, 1);
        var z = new Matrix(problem.Rows, problem.Columns);
        var x = Project(problem, z);
        var gamma = Threshold * Svd.Of(x).S[0];
        for (var iteration = 1; ; iteration++)
        {
            cancellation.ThrowIfCancellationRequested();
            z = z + Shrink(2 * x - z, gamma) - x;
            x = Project(problem, z);
            if (iteration % CheckInterval != 0 && iteration != maxIterations) continue;
            var result = Certify(problem, x, z, gamma, iteration);
            if (result.RelativeGap <= relativeGap || iteration == maxIterations) return result;
        }
    }

    private static NuclearNormCompletion Certify(CompletionProblem problem, Matrix x, Matrix z, double gamma, int iteration)
    {
        var dual = 1 / gamma * (x - z);
        var size = Math.Max(1, Svd.Of(dual).S[0]);
        var value = problem.Seen.Sum(entry => entry.Value * dual[entry.Row, entry.Column]) / size;
        return new NuclearNormCompletion(x, TensorPrimitives.Sum<double>(Svd.Of(x).S), value, iteration);
    }

    private static Matrix Project(CompletionProblem problem, Matrix z)
    {
        var x = z.Copy();
        foreach (var entry in problem.Seen) x[entry.Row, entry.Column] = entry.Value;
        return x;
    }

    /// <summary>Singular values less gamma, those below it gone: the proximal map of gamma ||.||_*.</summary>
    private static Matrix Shrink(Matrix a, double gamma)
    {
        var svd = Svd.Of(a);
        var rank = Math.Max(1, svd.S.Count(s => s > gamma));
        var left = svd.U.ColumnRange(0, rank);
        for (var i = 0; i < left.Rows; i++)
            for (var j = 0; j < rank; j++) left[i, j] *= Math.Max(0, svd.S[j] - gamma);
        return left.TimesTransposed(svd.V.ColumnRange(0, rank));
    }
}
