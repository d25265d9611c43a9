using System.Numerics.Tensors;
using TorchAlign.Data;

namespace TorchAlign.MaxMargin;

/// <summary>
/// Maximises sum(l) - 1/2 ||sum l_i z_i||^2 over l >= 0, the dual of: least ||w|| with &lt;w, z_i&gt; >= 1 for all i. It holds a
/// linearly independent active set S with Z_S^T = Q R and w = Q R^-T 1, so &lt;w, z_i&gt; = 1 on S; the l that belong to w are
/// R^-1 R^-T 1. w comes from Q and R, never from sum l_i z_i, which cancels where the margin is small.
/// </summary>
/// <remarks>
/// Why it ends. A point that enters raises the dual objective, ||w||^2 / 2 whenever l is settled, so in exact arithmetic no active set
/// comes back. In float64 a point that enters and leaves the largest ||w|| seen where it was is barred until that rises: between two
/// rises at most n points enter, and the rises go up through finitely many numbers. A barred point may stay violated at the end; the
/// bounds of <see cref="MarginCertificate"/> show it.
/// </remarks>
internal sealed class ActiveSetMethod
{
    private readonly SignedPoints points;
    private readonly double[] norms;
    private readonly PointFactor factor;
    private readonly Pricing pricing;
    private readonly List<double> weights = []; // l, in the order of the factor's points
    private readonly bool[] active;
    private readonly HashSet<int> barred = [];
    private readonly double[] w;
    private readonly double[] split; // coefficients of the entering point, capacity d
    private readonly double[] rest; // (d)
    private double wNorm;
    private double largestNorm;

    public ActiveSetMethod(SignedPoints points, double[] norms)
    {
        this.points = points;
        this.norms = norms;
        factor = new PointFactor(points);
        pricing = new Pricing(points, norms);
        active = new bool[points.Count];
        w = new double[points.Dimension];
        split = new double[points.Dimension];
        rest = new double[points.Dimension];
    }

    public int Iterations { get; private set; }

    public ReadOnlySpan<double> W => w;

    /// <summary>
    /// A combination that is 0 to rounding, once a step without end has found it, else null: the points that may take part, a linearly
    /// independent selection and one in its span, and the weights a (n).
    /// </summary>
    public (int[] Points, double[] Weights)? Gordan { get; private set; }

    /// <summary>Runs until no point that may enter is violated, to <see cref="Gordan"/>, or to its limit of entries.</summary>
    public void Run(CancellationToken ct, IProgress<MarginProgress>? progress)
    {
        long limit = HardMargin.EntriesPerPoint * ((long)points.Count + points.Dimension);
        Append(Array.IndexOf(norms, norms.Min()), 0);
        Settle(ct);
        bool polished = false;
        int passes = 0;
        while (Iterations < limit)
        {
            ct.ThrowIfCancellationRequested();
            int entering = pricing.MostViolated(w, wNorm, i => active[i] || barred.Contains(i));
            if (entering < 0)
            {
                if (polished) return;
                Polish(ct);
                polished = true;
                continue;
            }

            polished = false;
            Iterations++;
            if (!Enter(entering, ct)) return;
            if (wNorm > largestNorm)
            {
                largestNorm = wNorm;
                barred.Clear();
            }
            else
            {
                barred.Add(entering);
            }

            if (progress is null || pricing.Passes == passes) continue;
            passes = pricing.Passes;
            progress.Report(new MarginProgress(Iterations, factor.Count, pricing.Violated, 1 / wNorm));
        }
    }

    /// <summary>l (n), refined until sum l_i z_i is w as closely as float64 can hold it.</summary>
    public double[] DualWeights()
    {
        var l = new double[factor.Count];
        Array.Fill(l, 1.0);
        factor.SolveTransposed(l);
        factor.Solve(l);
        Refine(l, w);
        var result = new double[points.Count];
        for (int k = 0; k < l.Length; k++) result[factor.Indices[k]] = Math.Max(l[k], 0);
        return result;
    }

    /// <summary>False if the objective rises without end along this point: the points are not separable.</summary>
    private bool Enter(int i, CancellationToken ct)
    {
        double restNorm = factor.Split(points.Row(i), split, rest);
        if (restNorm <= HardMargin.DependenceTolerance * norms[i])
        {
            // z_i = sum beta_k z_k. Raising l_i by t and lowering l_k by t beta_k leaves sum l z and raises sum l.
            var beta = split.AsSpan(0, factor.Count).ToArray();
            factor.Solve(beta);
            int leaving = Leaving(beta, HardMargin.PivotTolerance * Math.Max(1, TensorPrimitives.MaxMagnitude<double>(beta)));
            if (leaving < 0)
            {
                // Without end, if all beta are 0 or below to the last bit; else the margin is tiny and the least beta counts.
                Refine(beta, points.Row(i));
                double[] combination = CombinationToZero(i, beta);
                leaving = Leaving(beta, 0);
                if (leaving < 0 || MarginCertificate.GordanResidual(points, combination) <= HardMargin.GordanTolerance)
                {
                    Gordan = ([.. factor.Indices, i], combination);
                    return false;
                }
            }

            double step = weights[leaving] / beta[leaving];
            for (int k = 0; k < beta.Length; k++) weights[k] = Math.Max(0, weights[k] - step * beta[k]);
            RemoveAt(leaving);
            restNorm = factor.Split(points.Row(i), split, rest);
            if (restNorm > 0) Append(i, step, restNorm);
        }
        else
        {
            Append(i, 0, restNorm);
        }

        Settle(ct);
        return true;
    }

    /// <summary>
    /// The position whose l reaches 0 first as l falls along beta, among those with beta above <paramref name="pivot"/>; -1 if there is
    /// none.
    /// </summary>
    private int Leaving(double[] beta, double pivot)
    {
        int leaving = -1;
        double step = double.PositiveInfinity;
        for (int k = 0; k < beta.Length; k++)
            if (beta[k] > pivot && weights[k] / beta[k] < step) (leaving, step) = (k, weights[k] / beta[k]);
        return leaving;
    }

    /// <summary>Moves l to its optimum on the active set; where an entry would end at or below 0, to that boundary, and drops it.</summary>
    private void Settle(CancellationToken ct)
    {
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            var target = new double[factor.Count];
            Array.Fill(target, 1.0);
            factor.SolveTransposed(target);
            factor.Combine(target, w);
            wNorm = TensorPrimitives.Norm<double>(target);
            factor.Solve(target);
            int leaving = -1;
            double step = double.PositiveInfinity;
            for (int k = 0; k < target.Length; k++)
            {
                if (target[k] > 0) continue;
                double share = weights[k] > 0 ? weights[k] / (weights[k] - target[k]) : 0;
                if (share < step) (leaving, step) = (k, share);
            }

            if (leaving < 0 || factor.Count == 1)
            {
                for (int k = 0; k < target.Length; k++) weights[k] = target[k];
                return;
            }

            for (int k = 0; k < target.Length; k++) weights[k] = Math.Max(0, weights[k] + step * (target[k] - weights[k]));
            RemoveAt(leaving);
        }
    }

    /// <summary>Factors the active set afresh, so that nothing is left of rounding in rotations, and corrects w by its residual.</summary>
    private void Polish(CancellationToken ct)
    {
        int[] indices = [.. factor.Indices];
        double[] kept = [.. weights];
        for (int k = indices.Length - 1; k >= 0; k--) RemoveAt(k);
        for (int k = 0; k < indices.Length; k++)
        {
            ct.ThrowIfCancellationRequested();
            double restNorm = factor.Split(points.Row(indices[k]), split, rest);
            if (restNorm > 0) Append(indices[k], kept[k], restNorm);
        }

        Settle(ct);
        var residual = new double[factor.Count];
        for (int pass = 0; pass < HardMargin.RefinementPasses; pass++)
        {
            for (int k = 0; k < residual.Length; k++) residual[k] = -TwiceDouble.Dot(points.Row(factor.Indices[k]), w, -1);
            factor.SolveTransposed(residual);
            factor.Combine(residual, rest);
            TensorPrimitives.Add(w, rest, w);
        }

        wNorm = TwiceDouble.Norm(w);
        largestNorm = Math.Max(largestNorm, wNorm);
    }

    /// <summary>Weights 1 on z_i and -beta on the active points, cut at 0.</summary>
    private double[] CombinationToZero(int i, double[] beta)
    {
        var result = new double[points.Count];
        for (int k = 0; k < beta.Length; k++) result[factor.Indices[k]] = Math.Max(0, -beta[k]);
        result[i] = 1;
        return result;
    }

    /// <summary>Corrects c (k) so that sum c_k z_k over the active set is target (d), by residuals of twice the digits.</summary>
    private void Refine(double[] c, ReadOnlySpan<double> target)
    {
        var correction = new double[c.Length];
        for (int pass = 0; pass < HardMargin.RefinementPasses; pass++)
        {
            for (int j = 0; j < rest.Length; j++)
            {
                var sum = new TwiceDouble(target[j]);
                for (int k = 0; k < c.Length; k++) sum.AddProduct(-c[k], points.Z[factor.Indices[k] * points.Dimension + j]);
                rest[j] = sum.Value;
            }

            factor.Project(rest, correction);
            factor.Solve(correction);
            TensorPrimitives.Add(c, correction, c);
        }
    }

    private void Append(int i, double weight)
    {
        double restNorm = factor.Split(points.Row(i), split, rest);
        Append(i, weight, restNorm);
    }

    private void Append(int i, double weight, double restNorm)
    {
        factor.Append(i, split, rest, restNorm);
        weights.Add(weight);
        active[i] = true;
    }

    private void RemoveAt(int position)
    {
        active[factor.Indices[position]] = false;
        factor.RemoveAt(position);
        weights.RemoveAt(position);
    }
}
