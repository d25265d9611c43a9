using TorchAlign.Dynamics;

namespace TorchAlign.Claims;

/// <summary>What every single step of a descent left: N steps, N + 1 points.</summary>
/// <param name="LogRisk">log R(W(t)) (N + 1).</param>
/// <param name="LogGradientNorm">log ||grad R(W(t))|| (N + 1).</param>
/// <param name="LargestNorm">max_k ||W_k(t)||_F (N + 1).</param>
/// <param name="Eta">eta_t (N).</param>
public sealed record DescentRecord(double[] LogRisk, double[] LogGradientNorm, double[] LargestNorm, double[] Eta)
{
    /// <summary>What float64 leaves of eta = min(1 / beta(R), 1), R = max_k ||W_k|| + 1, when it is computed twice.</summary>
    private const double Rounding = 1e-12;

    /// <summary>N.</summary>
    public int Steps => Eta.Length;

    /// <summary>
    /// The first t at which eta_t exceeds what [JT] Assumption 5 allows, or -1: eta_t &lt;= min(1 / beta(R_t), 1) with W(t) in B(R_t - 1)
    /// and R_t &gt;= 1 never falling, so that R_t is at least the largest norm so far plus 1.
    /// </summary>
    internal int FirstStepAbove(AssumptionFiveStep rule)
    {
        var radius = 1.0;
        for (var t = 0; t < Steps; t++)
        {
            if (!(LargestNorm[t] + 1 <= radius)) radius = LargestNorm[t] + 1;
            if (!(Eta[t] > 0 && Eta[t] <= rule.StepAt(radius) * (1 + Rounding))) return t;
        }
        return -1;
    }
}

/// <summary>Writes a <see cref="DescentRecord"/> while the run goes on; as a stop it is asked at every step and never says stop.</summary>
public sealed class DescentLedger : IStop
{
    private readonly AssumptionFiveStep _rule;
    private readonly List<double> _logRisk = [], _logGradientNorm = [], _largestNorm = [], _eta = [];

    /// <param name="rule">The rule of the run that is recorded.</param>
    public DescentLedger(AssumptionFiveStep rule) => _rule = rule;

    public DescentRecord Record => new([.. _logRisk], [.. _logGradientNorm], [.. _largestNorm], [.. _eta]);

    public RunEnd? Check(TrajectoryPoint point)
    {
        // The radius is raised when a point is left, so here it still is the one of the step that led to it.
        if (point.Steps > 0) _eta.Add(_rule.StepAt(_rule.Radius));
        _logRisk.Add(point.Value.LogRisk);
        _logGradientNorm.Add(point.Value.LogScale + Math.Log(point.DirectionNorm));
        _largestNorm.Add(point.W.MaxBlockNorm());
        return null;
    }
}
