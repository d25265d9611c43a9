using System.Numerics.Tensors;
using TorchAlign.Networks;

namespace TorchAlign.Claims;

/// <summary>
/// Exact along the flow [JT]: (2) W_{k+1}^T W_{k+1} - W_k W_k^T is constant in t for every k &lt; L; its trace gives (3):
/// ||W_{k+1}||_F^2 - ||W_k||_F^2 is constant. They test the integrator; the tolerance is what the integrator was asked for.
/// Both are measured on the recorded states, not on what a run says of itself.
/// </summary>
internal static class Invariants
{
    public static IEnumerable<JiTelgarskyClaim> All { get; } =
    [
        new("jt.equation2", "[JT] (2)", "W_{k+1}^T W_{k+1} - W_k W_k^T is constant: drift over ||W||_F^2", h => h.Flow().Deep(), Balance),
        new("jt.equation3", "[JT] (3)", "||W_{k+1}||_F^2 - ||W_k||_F^2 is constant: drift over ||W||_F^2", h => h.Flow().Deep(), Trace),
    ];

    private static Measurement Balance(RunEvidence run)
    {
        var start = Balancedness.Of(run.Shape, run.Start);
        return Largest(run, "max_k ||.||_F of the change", state => Balancedness.Drift(start, Balancedness.Of(run.Shape, state)));
    }

    private static Measurement Trace(RunEvidence run)
    {
        var start = Differences(run, run.Start);
        return Largest(run, "max_k of the change", state =>
            Differences(run, state).Zip(start, (now, then) => Math.Abs(now - then)).Max());
    }

    private static Measurement Largest(RunEvidence run, string what, Func<double[], double> change)
    {
        var worst = new RunningMaximum();
        for (var i = 0; i < run.States.Count; i++)
            worst.Offer(i, change(run.States[i]) / TensorPrimitives.SumOfSquares<double>(run.States[i]));
        var at = run.Observations[Math.Min(worst.Index, run.Observations.Count - 1)];
        return new(worst.Value, Relation.AtMost, 0, run.IntegrationTolerance,
            $"{what} over ||W||_F^2, largest of {run.States.Count} observations, at log10 R = {FourDigits.Of(at.Log10Risk)}");
    }

    private static double[] Differences(RunEvidence run, double[] state)
    {
        var squares = Enumerable.Range(0, run.Shape.Depth)
            .Select(k => TensorPrimitives.SumOfSquares(run.Shape.Layer((ReadOnlySpan<double>)state, k))).ToArray();
        return [.. squares.Skip(1).Zip(squares, (above, below) => above - below)];
    }
}
