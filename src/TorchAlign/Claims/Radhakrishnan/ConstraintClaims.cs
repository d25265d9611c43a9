using System.Numerics;
using System.Numerics.Tensors;
using TorchAlign.Alignment;
using TorchAlign.Networks;
using TorchAlign.Networks.Constraints;
using Matrix = TorchAlign.Numerics.Matrix;

namespace TorchAlign.Claims;

/// <summary>
/// [RNBU], layers in linear subspaces: descent on orthonormal coefficients is projected descent; no alignment is invariant for
/// generic data with enough samples, while circulant layers keep theirs in the Fourier basis.
/// </summary>
internal static class ConstraintClaims
{
    private const double Same = 1e-12;
    private const double Different = 1e-6;

    public static IEnumerable<RadhakrishnanClaim> All { get; } =
    [
        new("rnbu.projected.coefficients", "[RNBU]",
            "descent on orthonormal coefficients is W <- W - eta P_S(grad): distance/||W||_F",
            h => h.Constrained().BesideProjected(Coordinates.Orthonormal), Beside(Relation.AtMost, 0, Same)),
        new("rnbu.projected.equal-norms", "[RNBU]",
            "so is descent on kernels at eta/||A_a||_F^2 where all ||A_a||_F are equal: distance",
            h => h.Constrained().BesideProjected(Coordinates.Kernel).EqualNorms(true), Beside(Relation.AtMost, 0, Same)),
        new("rnbu.projected.kernels", "[RNBU]", "it is not where they differ (zero padding): distance/||W||_F",
            h => h.Constrained().BesideProjected(Coordinates.Kernel).EqualNorms(false), Beside(Relation.Exceeds, Different, 0)),
        new("rnbu.constraint.lost", "[RNBU]",
            "enough generic data: constrained layers lose their aligned start: off-diagonal mass",
            h => h.SquaredLoss().Constrained().SeveralOutputs().AlignedStart().SeveralModes().Circulant(false).Impossible(),
            run => RunMeasures.Largest(run, "off-diagonal mass in the start's bases over ||W_k||_F", Relation.Exceeds, Different, 0,
                state => RunMeasures.OffDiagonal(run.Bases!, state))),
        new("rnbu.constraint.no-bases", "[RNBU]", "... and any other common bases too: least residual of all bases",
            h => h.SquaredLoss().Constrained().SeveralOutputs().AlignedStart().SeveralModes().Circulant(false).Impossible(),
            run => RunMeasures.Largest(run, "least residual, from commutators", Relation.Exceeds, Different, 0,
                state => AlignedSvd.Of(run.Shape, state).LeastResidual)),
        new("rnbu.circulant.aligned", "[RNBU]", "circulant layers are aligned at every step, whatever the data: residual",
            h => h.Constrained().Circulant(true), run => RunMeasures.Largest(run, "residual of the aligned decompositions",
                Relation.AtMost, 0, 1e-7, state => AlignedSvd.Of(run.Shape, state).Residual)),
        new("rnbu.circulant.fourier", "[RNBU]",
            "their eigenvalues follow a scalar recursion for each frequency: distance over the largest",
            h => h.SquaredLoss().Constrained().Circulant(true).SeveralOutputs(), Fourier),
    ];

    private static Func<AlignmentEvidence, Measurement> Beside(Relation relation, double bound, double tolerance) => run =>
    {
        var worst = new RunningMaximum();
        for (var i = 0; i < run.States.Count; i++)
            worst.Offer(i, TensorPrimitives.Distance<double>(run.States[i], run.Projected![i])
                / TensorPrimitives.Norm<double>(run.Projected[i]));
        return new Measurement(worst.Value, relation, bound, tolerance,
            $"largest of {run.States.Count} samples, at step {run.Steps[worst.Index]} of {run.Steps[^1]}");
    };

    /// <summary>
    /// With the unitary Fourier matrix F, l_k = diag(F W_k F^*), a = diag(F Y X^T F^*), b = diag(F X X^T F^*), projected descent is
    /// l_k &lt;- l_k + (eta/n) conj(prod_{i != k} l_i) (a - b prod_i l_i), for any data (derived): the projection onto circulants takes
    /// the diagonal there. Compared with all entries of F W_k F^*.
    /// </summary>
    private static Measurement Fourier(AlignmentEvidence run)
    {
        var (size, depth) = (run.Shape.Inputs, run.Shape.Depth);
        var (a, b) = (Diagonal(Transform(run.Moments!.CrossMoments)), Diagonal(Transform(run.Moments.InputMoments)));
        var values = Enumerable.Range(0, depth)
            .Select(k => Diagonal(Transform(LinearProduct.Layer(run.Shape, run.States[0], k)))).ToArray();
        var (worst, step) = (new RunningMaximum(), 0L);
        for (var i = 0; i < run.States.Count; i++)
        {
            for (; step < run.Steps[i]; step++) Step(values, a, b, run.Eta / run.Count);
            for (var k = 0; k < depth; k++)
            {
                var seen = Transform(LinearProduct.Layer(run.Shape, run.States[i], k));
                var largest = values[k].Max(value => value.Magnitude);
                for (var p = 0; p < size; p++)
                    for (var q = 0; q < size; q++)
                        worst.Offer(i, (seen[p, q] - (p == q ? values[k][p] : 0)).Magnitude / largest);
            }
        }
        return new Measurement(worst.Value, Relation.AtMost, 0, Same,
            $"{size} frequencies of {depth} layers over {run.Steps[^1]} steps, largest at step {run.Steps[worst.Index]}");
    }

    private static void Step(Complex[][] values, Complex[] a, Complex[] b, double rate)
    {
        for (var p = 0; p < a.Length; p++)
        {
            var old = values.Select(layer => layer[p]).ToArray();
            var slope = a[p] - b[p] * old.Aggregate(Complex.One, (product, value) => product * value);
            for (var k = 0; k < old.Length; k++)
            {
                var others = Complex.One;
                for (var i = 0; i < old.Length; i++)
                    if (i != k) others *= old[i];
                values[k][p] += rate * Complex.Conjugate(others) * slope;
            }
        }
    }

    private static Complex[] Diagonal(Complex[,] matrix) => [.. Enumerable.Range(0, matrix.GetLength(0)).Select(p => matrix[p, p])];

    /// <summary>F M F^*, F_pj = exp(-2 pi i p j / d) / sqrt(d).</summary>
    private static Complex[,] Transform(Matrix matrix)
    {
        var size = matrix.Rows;
        var roots = Enumerable.Range(0, size).Select(i => Complex.FromPolarCoordinates(1, -2 * Math.PI * i / size)).ToArray();
        var half = new Complex[size, size];
        var whole = new Complex[size, size];
        for (var p = 0; p < size; p++)
            for (var j = 0; j < size; j++)
                for (var i = 0; i < size; i++) half[p, j] += roots[p * i % size] * matrix[i, j];
        for (var p = 0; p < size; p++)
            for (var q = 0; q < size; q++)
                for (var j = 0; j < size; j++) whole[p, q] += half[p, j] * Complex.Conjugate(roots[q * j % size]) / size;
        return whole;
    }
}
