namespace TorchAlign.Experiments.Bench;

/// <summary>A goal of ours, and what was measured; where nothing could be measured there is no goal.</summary>
/// <param name="What">What was measured, in which case.</param>
/// <param name="Value">The median, or the peak.</param>
/// <param name="Goal">The least value where <paramref name="AtLeast"/>, else the largest.</param>
/// <param name="AtLeast">Whether more is better.</param>
public sealed record BenchGoal(string What, double Value, double Goal, bool AtLeast)
{
    // A value that is not a number meets nothing.
    public bool Met => AtLeast ? Value >= Goal : Value <= Goal;

    public override string ToString() =>
        FormattableString.Invariant($"{What}: {Value:G3}, wanted {(AtLeast ? "at least" : "at most")} {Goal:G3}");

    internal static IEnumerable<BenchGoal> Of(BenchReport report)
    {
        foreach (var descent in report.Descent)
        {
            if (descent.Ratios.Eager is { } eager) yield return new($"{descent.Name}, eager / ours", eager.Median, descent.Goal, true);
            if (descent.Read is { } read) yield return new($"{descent.Name}, reads of the data in a step", read.Multiple.Median, read.Goal, false);
        }
        foreach (var flow in report.Flow)
            foreach (var target in flow.Targets)
                if (target.GoalSeconds is { } seconds)
                    yield return new($"{flow.Name}, seconds to 1 - cos = {target.OneMinusCosine:0e0}", target.Seconds.Median, seconds, false);
        foreach (var memory in report.Memory)
            yield return new($"peak memory in bytes, {memory.Name}", memory.PeakBytes, memory.GoalBytes, false);
    }
}
