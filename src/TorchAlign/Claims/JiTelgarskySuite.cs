using TorchAlign.Data;
using TorchAlign.Dynamics;

namespace TorchAlign.Claims;

/// <summary>The runs on which the claims of <see cref="JiTelgarskyClaims"/> are checked, and what came of them.</summary>
public static class JiTelgarskySuite
{
    /// <summary>Runs everything; the same seed gives the same runs.</summary>
    /// <param name="seed">Of the planar set and of all starts.</param>
    /// <param name="sets">Further data for the flow, separable through the origin.</param>
    /// <param name="cancellation">Ends the suite with <see cref="OperationCanceledException"/>.</param>
    /// <param name="progress">Told of every run when it begins.</param>
    public static SuiteReport Run(
        int seed, IReadOnlyList<LabelledSet> sets, CancellationToken cancellation, IProgress<SuiteProgress>? progress)
    {
        var runs = SuiteRuns.All(seed, sets, cancellation);
        var results = new List<SuiteRunResult>();
        for (var i = 0; i < runs.Count; i++)
        {
            progress?.Report(new SuiteProgress(runs[i].Name, i, runs.Count));
            foreach (var evidence in runs[i].Follow(cancellation))
            {
                cancellation.ThrowIfCancellationRequested();
                results.Add(new SuiteRunResult(evidence.Name, evidence.End, evidence.Last.Step,
                    evidence.Last.Log10Risk, evidence.Last.LogTime, JiTelgarskyClaims.Check(evidence)));
            }
        }
        return new SuiteReport(results);
    }
}

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
