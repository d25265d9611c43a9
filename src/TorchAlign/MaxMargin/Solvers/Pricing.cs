using System.Numerics.Tensors;
using TorchAlign.Data;

namespace TorchAlign.MaxMargin;

/// <summary>
/// Finds the point whose constraint &lt;w, z_i&gt; >= 1 is violated most. A pass over all points costs n d; the worst of a pass are
/// therefore kept and asked first, and all points only when none of those is violated any more.
/// </summary>
internal sealed class Pricing
{
    // Enough that a full pass is rare, few enough that a short one costs next to nothing.
    private const int ShortlistLength = 256;

    // Below this many multiplications starting threads costs more than they save.
    private const int ParallelWork = 1 << 20;

    private const int RowsPerTask = 256;

    private readonly SignedPoints points;
    private readonly double[] norms;
    private readonly double[] margins;
    private int[] shortlist = [];

    public Pricing(SignedPoints points, double[] norms)
    {
        this.points = points;
        this.norms = norms;
        margins = new double[points.Count];
    }

    /// <summary>Violated points at the last full pass.</summary>
    public int Violated { get; private set; }

    /// <summary>Full passes so far.</summary>
    public int Passes { get; private set; }

    /// <summary>The point to enter, or -1 if no constraint outside <paramref name="excluded"/> is violated by more than rounding.</summary>
    public int MostViolated(double[] w, double wNorm, Func<int, bool> excluded)
    {
        int worst = -1;
        double least = double.PositiveInfinity;
        foreach (int i in shortlist)
        {
            double margin = TensorPrimitives.Dot(points.Row(i), w);
            if (margin < least && IsViolated(i, margin, wNorm) && !excluded(i)) (worst, least) = (i, margin);
        }

        return worst >= 0 ? worst : FullPass(w, wNorm, excluded);
    }

    private int FullPass(double[] w, double wNorm, Func<int, bool> excluded)
    {
        Passes++;
        int n = points.Count;
        if ((long)n * points.Dimension < ParallelWork)
        {
            points.Margins(w, margins);
        }
        else
        {
            Parallel.For(0, (n + RowsPerTask - 1) / RowsPerTask, task =>
            {
                int end = Math.Min(n, (task + 1) * RowsPerTask);
                for (int i = task * RowsPerTask; i < end; i++) margins[i] = TensorPrimitives.Dot(points.Row(i), w);
            });
        }

        var violated = new List<int>();
        for (int i = 0; i < n; i++)
            if (IsViolated(i, margins[i], wNorm) && !excluded(i)) violated.Add(i);
        Violated = violated.Count;
        int[] order = [.. violated];
        Array.Sort([.. violated.Select(i => (margins[i], i))], order); // ties by index: the same on every machine
        shortlist = order.Length > ShortlistLength ? order[..ShortlistLength] : order;
        return order.Length > 0 ? order[0] : -1;
    }

    private bool IsViolated(int i, double margin, double wNorm) =>
        margin < 1 - (HardMargin.ViolationTolerance + HardMargin.ViolationRounding * wNorm * norms[i]);
}
