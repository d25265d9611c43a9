using TorchAlign.Data;
using TorchAlign.MaxMargin;

namespace TorchAlign.Experiments.Compare;

/// <summary>A direction that somebody takes for the maximum-margin direction, judged by the points alone.</summary>
/// <param name="Solver">Whose it is.</param>
/// <param name="Margin">min_i &lt;u, z_i&gt; / ||u||, rounded down: gamma is at least this, whoever found u.</param>
/// <param name="Shortfall">(upper - margin) / upper, upper the certified upper bound of gamma.</param>
/// <param name="Angle">To our direction, in radians.</param>
/// <param name="Seconds">It took, without starting a program.</param>
/// <param name="Note">What the solver said of itself.</param>
internal sealed record SklearnCandidate(
    string Solver, double Margin, double Shortfall, double Angle, double Seconds, string Note)
{
    /// <summary>Judges a direction (d) of any length but 0.</summary>
    public static SklearnCandidate Judge(
        string solver, ReadOnlySpan<double> direction, SignedPoints points, MarginSolution ours, double seconds,
        string note)
    {
        var margin = MarginCertificate.Lower(points, direction);
        var angle = MaxMargin.DirectionAngle.Between(direction, ours.Direction);
        return new SklearnCandidate(solver, margin, (ours.Upper - margin) / ours.Upper,
            angle.Radians, seconds, note);
    }
}
