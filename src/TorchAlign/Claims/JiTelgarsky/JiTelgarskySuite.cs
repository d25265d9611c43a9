using TorchAlign.Data;

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
