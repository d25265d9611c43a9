using TorchAlign.Alignment;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Claims;

/// <summary>
/// [RNBU]: with one output and any loss, layers that start with rank one and aligned keep inner alignment. For then the
/// gradient of W_k is a multiple of u_k v_k^T in the inner layers, and in the outermost ones keeps the inner side (derived).
/// </summary>
internal static class OneOutputClaims
{
    public static IEnumerable<RadhakrishnanClaim> All { get; } =
    [
        new("rnbu.one-output.aligned", "[RNBU]",
            "one output, any loss, rank one and aligned: the inner bases stay: mass outside them",
            h => h.OneOutput().FullyConnected().Deep().AlignedStart().RankOneAligned(true), Inner(Relation.AtMost, 0, 1e-12)),
        new("rnbu.one-output.rank", "[RNBU]", "aligned but not of rank one, they do not: mass outside the inner bases",
            h => h.OneOutput().FullyConnected().Deep().AlignedStart().RankOneAligned(false), Inner(Relation.Exceeds, 1e-6, 0)),
    ];

    /// <summary>
    /// max_k ||offdiag||_F of Q_k^T W_k W_k^T Q_k / ||W_k||_F^2 and Q_k^T W_{k+1}^T W_{k+1} Q_k / ||W_{k+1}||_F^2, 1 &lt;= k &lt;
    /// L.
    /// </summary>
    private static Func<AlignmentEvidence, Measurement> Inner(Relation relation, double bound, double tolerance) => run =>
        RunMeasures.Largest(run, "off-diagonal mass of W_k W_k^T and W_{k+1}^T W_{k+1} in Q_k, over ||W||_F^2", relation, bound, tolerance,
            state =>
        {
            var largest = 0.0;
            for (var k = 0; k + 1 < run.Shape.Depth; k++)
            {
                var q = run.Bases!.Bases[k + 1];
                var below = q.TransposedTimes(LinearProduct.Layer(run.Shape, state, k));
                var above = LinearProduct.Layer(run.Shape, state, k + 1) * q;
                largest = Math.Max(largest, Share(below.TimesTransposed(below), below));
                largest = Math.Max(largest, Share(above.TransposedTimes(above), above));
            }
            return largest;
        });

    private static double Share(Matrix square, Matrix layer) => Orthogonal.OffDiagonalNorm(square) / Math.Pow(layer.FrobeniusNorm, 2);
}
