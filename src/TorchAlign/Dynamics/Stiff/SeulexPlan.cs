using TorchAlign.Checkpoints;

namespace TorchAlign.Dynamics;

/// <summary>
/// Order and step size of <see cref="Seulex"/>, chosen together: the error of column k goes as H^k, so each column
/// proposes a size H_k = H 0.94 (0.65 / error_k)^(1/k), and the column with the least work for a unit of the clock,
/// substeps / H_k, is the next target (E. Hairer, G. Wanner, Solving Ordinary Differential Equations II, section
/// IV.9; I, section II.9).
/// </summary>
internal sealed class SeulexPlan : IResumable
{
    /// <summary>Most columns of the table.</summary>
    internal const int Columns = 8;

    /// <summary>Even where rounding matters some extrapolation is left; three columns amplify it ninefold.</summary>
    private const int FewestColumns = 3;

    private const double Safety = 0.94;
    private const double ErrorShare = 0.65;
    private const double LargestGrowth = 4;
    private const double SmallestGrowth = 0.1;

    private static readonly double[] Amplification = Amplifications();

    private readonly double[] _error = new double[Columns + 1];
    private readonly double[] _proposed = new double[Columns + 1];
    private readonly double[] _cost = new double[Columns + 1];
    private int _columns = Columns;

    internal SeulexPlan()
    {
        // Substeps cost what evaluations cost; the Jacobian and the first evaluation about two of them.
        _cost[0] = 2;
        for (var k = 1; k <= Columns; k++) _cost[k] = _cost[k - 1] + k;
    }

    /// <summary>The size to try next.</summary>
    internal double StepSize { get; private set; }

    /// <summary>The column to reach; one more is filled where that looks worth it.</summary>
    internal int Target { get; private set; }

    internal void Start(double stepSize, int target)
    {
        (StepSize, Target) = (stepSize, target);
        Array.Fill(_proposed, double.PositiveInfinity);
    }

    public void Save(Snapshot memory)
    {
        memory.Write("step_size", StepSize);
        memory.Write("target", Target);
        memory.Write("errors", _error);
        memory.Write("proposed", _proposed);
    }

    public void Restore(Snapshot memory)
    {
        StepSize = memory.ReadDouble("step_size");
        Target = (int)Math.Clamp(memory.ReadInt64("target"), 2, Columns - 1);
        memory.ReadDoubles("errors", _error.Length).CopyTo(_error, 0);
        memory.ReadDoubles("proposed", _proposed.Length).CopyTo(_proposed, 0);
    }

    /// <summary>
    /// Leaves out columns in which the rounding of margins, amplified, takes more than half of the error allowed in margins.
    /// </summary>
    internal void Limit(double rounding, double allowed)
    {
        _columns = Columns;
        while (_columns > FewestColumns && !(Amplification[_columns] * rounding <= 0.5 * allowed)) _columns--;
        if (Target < _columns) return;
        Target = _columns - 1;
        StepSize = Math.Min(StepSize, _proposed[Target]);
    }

    /// <summary>The error of a column in a step of size h, in units of what is allowed.</summary>
    internal void Record(int column, double error, double h)
    {
        _error[column] = error;
        _proposed[column] = Proposal(column, h);
    }

    internal bool IsSmall(int column) => _error[column] <= 1;

    internal bool IsFinite(int column) => double.IsFinite(_error[column]);

    /// <summary>Whether the columns left can be expected to bring the error down.</summary>
    internal bool IsHopeless(int column) =>
        _error[column] * Math.Pow(Reduction(column), Target + 1 - column) > 1;

    /// <summary>After an accepted step of size h.</summary>
    internal void Accepted(int column, double h, bool rejectedBefore)
    {
        int next;
        if (column <= Target)
        {
            next = column;
            if (column > 2 && Work(column - 1) < 0.8 * Work(column)) next = column - 1;
            else if (column == 2 || Work(column) < 0.9 * Work(column - 1)) next = column + 1;
        }
        else
        {
            next = column - 1;
            if (column > 3 && Work(column - 2) < 0.8 * Work(column - 1)) next = column - 2;
            if (Work(column) < 0.9 * Work(next)) next = column;
        }
        next = Math.Clamp(next, 2, _columns - 1);
        var planned = StepSize;
        if (rejectedBefore)
        {
            next = Math.Min(next, Math.Max(column, 2));
            StepSize = Math.Min(h, _proposed[next]);
        }
        else
        {
            // A column not computed yet is expected to do the same work for a unit of the clock as the last one.
            StepSize = next <= column ? _proposed[next] : _proposed[column] * _cost[next] / _cost[column];
            // A step cut short by the limit says nothing against the size planned before.
            if (h < planned) StepSize = Math.Max(StepSize, planned);
        }
        Target = next;
    }

    /// <summary>
    /// After a step of size h that was given up in a column: the size at which the target column should do.
    /// </summary>
    internal void Rejected(int column, double h)
    {
        if (!IsFinite(column))
        {
            StepSize = h * SmallestGrowth;
            Target = Math.Max(2, Target - 1);
            return;
        }
        for (var k = column + 1; k <= Target; k++) Record(k, _error[k - 1] * Reduction(k - 1), h);
        if (Target > 2 && Work(Target - 1) < 0.8 * Work(Target)) Target--;
        StepSize = Math.Min(0.9 * h, _proposed[Target]);
    }

    /// <summary>
    /// What a further column is expected to multiply the error by: what the last one did, at most 1 / (k + 1).
    /// </summary>
    private double Reduction(int k) => k == 2 ? 1.0 / 3 : Math.Min(_error[k] / _error[k - 1], 1.0 / (k + 1));

    private double Proposal(int k, double h) => h * Math.Clamp(
        Safety * Math.Pow(ErrorShare / Math.Max(_error[k], 1e-10), 1.0 / k), SmallestGrowth, LargestGrowth);

    private double Work(int column) => _cost[column] / _proposed[column];

    /// <summary>
    /// Sum of the absolute extrapolation weights of column k, sum_j j^k / (j! (k - j)!): 9 for k = 3, 28 for 4, 302
    /// for 6, 3400 for 8.
    /// </summary>
    private static double[] Amplifications()
    {
        var result = new double[Columns + 1];
        for (var k = 1; k <= Columns; k++)
            for (var j = 1; j <= k; j++)
            {
                var term = Math.Pow(j, k);
                for (var factor = 2; factor <= j; factor++) term /= factor;
                for (var factor = 2; factor <= k - j; factor++) term /= factor;
                result[k] += term;
            }
        return result;
    }
}
