using TorchAlign.Alignment;
using TorchAlign.Networks;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;

namespace TorchAlign.Claims;

/// <summary>What the claims on alignment measure, on the recorded states themselves.</summary>
internal static class RunMeasures
{
    /// <summary>Singular values nearer to each other than this share of the largest have vectors with few digits.</summary>
    public const double NearTie = 1e-3;

    /// <summary>Nearer than this they tie on purpose: random values do not.</summary>
    public const double Tie = 1e-9;

    /// <summary>The worst of all samples; the detail tells where.</summary>
    public static Measurement Largest(
        AlignmentEvidence run, string what, Relation relation, double bound, double tolerance, Func<double[], double> measure)
    {
        var worst = new RunningMaximum();
        for (var i = 0; i < run.States.Count; i++) worst.Offer(i, measure(run.States[i]));
        return new Measurement(worst.Value, relation, bound, tolerance,
            $"{what}, largest of {run.States.Count} samples, at step {run.Steps[worst.Index]} of {run.Steps[^1]}");
    }

    /// <summary>||offdiag(Q_k^T W_k Q_{k-1})||_F / ||W_k||_F.</summary>
    public static double OffDiagonal(AlignedBases bases, double[] state, int layer)
    {
        var inBases = bases.InBases(state, layer);
        return Orthogonal.OffDiagonalNorm(inBases) / inBases.FrobeniusNorm;
    }

    /// <summary>The largest of all layers.</summary>
    public static double OffDiagonal(AlignedBases bases, double[] state) =>
        Enumerable.Range(0, bases.Shape.Depth).Max(k => OffDiagonal(bases, state, k));

    /// <summary>The modes that the data have.</summary>
    public static int[] LiveModes(AlignmentEvidence run)
    {
        var modes = run.Modes!;
        return [.. Enumerable.Range(0, modes.Count).Where(j => modes.Limit(j) > 0)];
    }

    /// <summary>Whether all matrices of the subspace are circulants.</summary>
    public static bool IsCirculant(LayerConstraint layer)
    {
        var circulant = Pattern.Circulant(layer.Rows);
        return Enumerable.Range(0, layer.Dimension).All(a =>
        {
            var unit = new double[layer.Dimension];
            unit[a] = 1;
            return circulant.Violation(layer.Operator(unit)) <= 1e-12;
        });
    }

    /// <summary>Whether singular values of a layer lie within a share of the largest, and are not small themselves.</summary>
    public static bool HaveTies(AlignmentEvidence run, double[] state, double share) => Enumerable.Range(0, run.Shape.Depth).Any(k =>
    {
        var s = Svd.Of(LinearProduct.Layer(run.Shape, state, k)).S;
        return Enumerable.Range(1, s.Length - 1).Any(j => s[j] > NearTie * s[0] && s[j - 1] - s[j] <= share * s[0]);
    });
}
