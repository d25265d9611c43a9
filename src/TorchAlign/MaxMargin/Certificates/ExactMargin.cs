using System.Numerics;
using TorchAlign.Data;
using TorchAlign.Numerics;

namespace TorchAlign.MaxMargin;

/// <summary>
/// The method of <see cref="ActiveSetMethod"/> in rational arithmetic, for the few points near the edge of separability on which float64
/// cannot decide. Every step raises the dual objective, so no active set comes back and it ends without any tolerance.
/// </summary>
internal sealed class ExactMargin
{
    /// <summary>In units of <see cref="ExactElimination.Cost"/>, for one solve of the full size: some tens of milliseconds.</summary>
    private const double SolveLimit = 3e7;

    /// <summary>Numbers in the points, each of which a pass multiplies by a long one.</summary>
    private const int PassLimit = 100_000;

    private readonly SignedPoints points;
    private readonly CancellationToken ct;
    private readonly BigInteger[][] z;
    private readonly List<int> active = [];
    private readonly List<Rational> weights = []; // l, in the order of the active points
    private BigInteger[] target = []; // the l that belong to the active set, and last their common divisor
    private BigInteger[] w = []; // times that divisor

    private ExactMargin(SignedPoints points, int exponent, CancellationToken ct)
    {
        this.points = points;
        this.ct = ct;
        z = [.. Enumerable.Range(0, points.Count).Select(i => WholePoints.Column(points, i, exponent))];
    }

    /// <summary>Of a combination that is 0, if there is one.</summary>
    public GordanProof? Gordan { get; private set; }

    /// <summary>The direction (d) of the maximum margin in float64, to rounding; empty where not separable.</summary>
    public double[] Direction { get; private set; } = [];

    /// <summary>The dual weights (n) in float64, to rounding; empty where not separable.</summary>
    public double[] DualWeights { get; private set; } = [];

    /// <summary>Null where there are too many points, or too long numbers. No point may be 0.</summary>
    public static ExactMargin? Solve(SignedPoints points, CancellationToken ct)
    {
        if ((long)points.Count * points.Dimension > PassLimit) return null;
        (int Exponent, int Bits)[] extents = [.. Enumerable.Range(0, points.Count).Select(i => WholePoints.Extent(points, i))];
        int exponent = extents.Min(extent => extent.Exponent);
        int bits = extents.Max(extent => extent.Exponent + extent.Bits) - exponent;
        int most = Math.Min(points.Count, points.Dimension);
        if (ExactElimination.Cost(most + 1, most, 2L * bits) > SolveLimit) return null;
        var margin = new ExactMargin(points, exponent, ct);
        margin.Run();
        return margin;
    }

    private void Run()
    {
        Append(0, default);
        Settle();
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            int entering = MostViolated();
            if (entering < 0) break;
            if (!Enter(entering)) return;
        }

        Direction = WholePoints.Rounded(w);
        double[] rounded = WholePoints.Rounded(target[..^1]);
        DualWeights = new double[points.Count];
        double sum = rounded.Sum();
        for (int k = 0; k < rounded.Length; k++) DualWeights[active[k]] = rounded[k] / sum;
    }

    /// <summary>The point with the least &lt;w, z_i&gt; if that is below 1, else -1.</summary>
    private int MostViolated()
    {
        int worst = -1;
        BigInteger least = target[^1];
        for (int i = 0; i < z.Length; i++)
        {
            BigInteger margin = Dot(w, z[i]);
            if (margin < least) (worst, least) = (i, margin);
        }

        return worst;
    }

    /// <summary>False if the objective rises without end along this point: the points are not separable.</summary>
    private bool Enter(int i)
    {
        int[] candidates = [.. active, i];
        BigInteger[]? dependence = ExactElimination.NullVector([.. candidates.Select(k => z[k])]);
        if (dependence is null)
        {
            Append(i, default);
        }
        else
        {
            // z_i = sum beta_k z_k. Raising l_i by t and lowering l_k by t beta_k leaves sum l z and raises sum l.
            Rational[] beta = [.. dependence.SkipLast(1).Select(x => new Rational(-x, dependence[^1]))];
            int[] falling = [.. Enumerable.Range(0, beta.Length).Where(k => beta[k].Sign > 0)];
            if (falling.Length == 0)
            {
                Gordan = GordanProof.OfExact(points, candidates, dependence);
                return false;
            }

            int leaving = falling.MinBy(k => weights[k] / beta[k]);
            Rational step = weights[leaving] / beta[leaving];
            for (int k = 0; k < beta.Length; k++) weights[k] -= step * beta[k];
            RemoveAt(leaving);
            Append(i, step);
        }

        Settle();
        return true;
    }

    /// <summary>Moves l to its optimum on the active set; where an entry would end at or below 0, to that boundary, and drops it.</summary>
    private void Settle()
    {
        while (true)
        {
            SolveTarget();
            Rational[] goal = [.. target.SkipLast(1).Select(y => new Rational(y, target[^1]))];
            int[] falling = [.. Enumerable.Range(0, goal.Length).Where(k => goal[k].Sign <= 0)];
            if (falling.Length == 0)
            {
                for (int k = 0; k < goal.Length; k++) weights[k] = goal[k];
                return;
            }

            // An entry that is and stays 0 leaves at once.
            Rational Share(int k) => weights[k].Sign > 0 ? weights[k] / (weights[k] - goal[k]) : default;
            int leaving = falling.MinBy(Share);
            Rational step = Share(leaving);
            for (int k = 0; k < goal.Length; k++) weights[k] += step * (goal[k] - weights[k]);
            RemoveAt(leaving);
        }
    }

    /// <summary>Solves &lt;w, z_i&gt; = 1 on the active set for w = sum l_i z_i.</summary>
    private void SolveTarget()
    {
        int count = active.Count;
        var columns = new BigInteger[count + 1][];
        for (int k = 0; k < count; k++) columns[k] = [.. active.Select(i => Dot(z[i], z[active[k]]))];
        columns[count] = [.. active.Select(_ => BigInteger.MinusOne)];
        target = ExactElimination.NullVector(columns)!;
        if (target[^1].Sign < 0) target = Array.ConvertAll(target, BigInteger.Negate);
        w = [.. Enumerable.Range(0, points.Dimension).Select(j => Dot([.. active.Select(i => z[i][j])], target))];
    }

    private static BigInteger Dot(BigInteger[] x, BigInteger[] y)
    {
        BigInteger sum = BigInteger.Zero;
        for (int j = 0; j < x.Length; j++) sum += x[j] * y[j];
        return sum;
    }

    private void Append(int i, Rational weight)
    {
        active.Add(i);
        weights.Add(weight);
    }

    private void RemoveAt(int position)
    {
        active.RemoveAt(position);
        weights.RemoveAt(position);
    }
}
