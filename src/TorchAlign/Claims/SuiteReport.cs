using TorchAlign.Dynamics;

namespace TorchAlign.Claims;

/// <summary>Run number <paramref name="Index"/> (from 0) of <paramref name="Count"/> begins.</summary>
public readonly record struct SuiteProgress(string Run, int Index, int Count);

/// <summary>How a run of the suite ended, and every claim on it.</summary>
public sealed record SuiteRunResult(
    string Name, RunEnd End, long Steps, double Log10Risk, double LogTime, IReadOnlyList<ClaimResult> Results);

/// <summary>Every claim on every run, and each claim's worst.</summary>
public sealed record SuiteReport(IReadOnlyList<SuiteRunResult> Runs)
{
    public IEnumerable<ClaimResult> Results => Runs.SelectMany(run => run.Results);

    /// <summary>
    /// One line a claim, in the order of the claims: from the run that fails; else that which comes nearest to failing; where no run
    /// meets the hypothesis, from the first. The detail says on how many runs the claim was checked.
    /// </summary>
    public IReadOnlyList<ClaimResult> Worst => [.. Results.GroupBy(result => result.Id).Select(WorstOf)];

    public bool AnyFails => Results.Any(result => result.Verdict == Verdict.Fails);

    private static ClaimResult WorstOf(IEnumerable<ClaimResult> results)
    {
        var all = results.ToArray();
        var worst = all.OrderBy(result => result.Verdict == Verdict.Fails ? 0 : 1).ThenBy(result => result.Ease).First();
        int Count(Verdict verdict) => all.Count(result => result.Verdict == verdict);
        var fails = Count(Verdict.Fails);
        return worst with
        {
            Detail = $"holds on {Count(Verdict.Holds)}{(fails == 0 ? "" : $", fails on {fails}")}, hypothesis not met on "
                + $"{Count(Verdict.HypothesisNotMet)} of {all.Length} runs; worst: {worst.Run}: {worst.Detail}",
        };
    }
}
